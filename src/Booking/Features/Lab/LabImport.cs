using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Lab;

/// <summary>What became of an import: either faults and nothing written, or how many things are new or changed.</summary>
public sealed record LabImportReport(IReadOnlyList<LabFault> Faults, int Added, int Changed)
{
    public bool Done => Faults.Count == 0;
}

/// <summary>
/// Brings in a lab from its description: all of it or, when anything is wrong, nothing. Brought in twice it changes nothing the
/// second time. What the file does not name stays as it is; habilitations are only added, because their past belongs to the lab.
/// </summary>
public sealed class LabImport
{
    /// <summary>Largest description, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private readonly BookingWriter _writer;
    private readonly BadgeKeys _keys;

    internal LabImport(BookingWriter writer, BadgeKeys keys)
    {
        _writer = writer;
        _keys = keys;
    }

    public async Task<LabImportReport> RunAsync(ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        if (file.Length > MaxBytes)
            return new LabImportReport([new LabFault(0, "", $"The file is larger than {MaxBytes} bytes.")], 0, 0);
        try
        {
            return await _writer.WriteAsync(
                async (write, cancel) =>
                {
                    var (lab, faults) = LabReader.Read(file.Span, write.Now);
                    if (lab is null)
                        return new LabImportReport(faults, 0, 0);
                    var work = new Work(write, lab, _keys.Ring);
                    return await work.RunAsync(cancel);
                },
                cancellationToken);
        }
        catch (BadLab bad)
        {
            return new LabImportReport(bad.Faults, 0, 0);
        }
    }

    /// <summary>Thrown inside the write so that all of it is undone.</summary>
    private sealed class BadLab(IReadOnlyList<LabFault> faults) : Exception("The lab description clashes with what is there.")
    {
        public IReadOnlyList<LabFault> Faults { get; } = faults;
    }

    private sealed class Work(BookingWrite write, LabDescription lab, BadgeKeyRing keys)
    {
        private readonly BookingDbContext _db = write.Db;
        private readonly List<LabFault> _faults = [];
        private Dictionary<string, TrainingId> _trainings = [];
        private Dictionary<string, MachineId> _machines = [];
        private Dictionary<string, ProjectId> _projects = [];
        private Dictionary<string, PersonId> _people = [];
        private int _removed;

        public async Task<LabImportReport> RunAsync(CancellationToken cancellationToken)
        {
            await SiteAsync(cancellationToken);
            await TrainingsAsync(cancellationToken);
            await DevicesAsync(cancellationToken);
            await MachinesAsync(cancellationToken);
            await BookingAsync(cancellationToken);
            await ProjectsAsync(cancellationToken);
            await PeopleAsync(cancellationToken);
            await MembersAsync(cancellationToken);
            var registrar = await StaffAsync(cancellationToken);
            await BadgesAsync(cancellationToken);
            await HabilitationsAsync(registrar, cancellationToken);
            if (_faults.Count > 0)
                throw new BadLab(_faults);

            _db.ChangeTracker.DetectChanges();
            var added = _db.ChangeTracker.Entries().Count(entry => entry.State == EntityState.Added);
            var changed = _removed + _db.ChangeTracker.Entries().Count(entry => entry.State == EntityState.Modified);
            if (added + changed > 0)
                write.Audit(registrar, "lab.imported", Guid.Empty, $"{added} new, {changed} changed");
            return new LabImportReport([], added, changed);
        }

        private async Task SiteAsync(CancellationToken cancellationToken)
        {
            var site = await _db.Sites.SingleOrDefaultAsync(cancellationToken);
            if (site is null)
            {
                site = new Site { Rule = lab.Site };
                _db.Sites.Add(site);
            }
            Change(site, s => s.Rule = lab.Site);
            if (lab.Hours is not { } hours)
                return;
            if (await _db.SiteTimetables.SingleOrDefaultAsync(cancellationToken) is not { } row)
            {
                _db.SiteTimetables.Add(new SiteTimetableRow { Timetable = hours, Version = 1 });
                return;
            }
            // Days on which it is otherwise are set by hand and stay.
            Change(row, r => r.Timetable = hours with { Exceptions = r.Timetable.Exceptions });
        }

        private async Task TrainingsAsync(CancellationToken cancellationToken)
        {
            var known = await _db.Trainings.ToDictionaryAsync(training => training.Code, cancellationToken);
            foreach (var described in lab.Trainings)
            {
                if (!known.TryGetValue(described.Code, out var training))
                {
                    training = new Training { Id = TrainingId.New(write.Now), Code = described.Code, NameFr = "", NameEn = "", NextSession = described.NextSession };
                    known[described.Code] = training;
                    _db.Trainings.Add(training);
                }
                Change(training, t => t.NameFr = described.NameFr, t => t.NameEn = described.NameEn, t => t.ValidMonths = described.ValidMonths,
                    t => t.UnusedMonths = described.UnusedMonths, t => t.Retired = false);
                // A date that is past says nothing; one still to come was perhaps set by hand.
                if (training.NextSession is null || training.NextSession < write.Now)
                    Change(training, t => t.NextSession = described.NextSession);
            }
            _trainings = known.ToDictionary(pair => pair.Key, pair => pair.Value.Id);
        }

        private async Task DevicesAsync(CancellationToken cancellationToken)
        {
            var known = await _db.Devices.ToDictionaryAsync(device => device.Id, cancellationToken);
            foreach (var described in lab.Devices)
            {
                var id = new DeviceId(described.Id);
                if (!known.TryGetValue(id, out var device))
                {
                    device = new Device { Id = id, Driver = described.Driver };
                    _db.Devices.Add(device);
                }
                Change(device, d => d.Driver = described.Driver, d => d.Label = described.Label);
                if (described.TestedFirmware is { } tested && device.TestOutcome is null)
                    (device.TestOutcome, device.TestedFirmware, device.TestedAt) = (Contracts.TrialOutcome.Passed, tested, write.Now);
            }
        }

        private async Task MachinesAsync(CancellationToken cancellationToken)
        {
            var known = await _db.Machines.ToDictionaryAsync(machine => machine.Code, cancellationToken);
            var bound = (await _db.MachineDevices.ToListAsync(cancellationToken)).ToLookup(binding => binding.MachineId);
            foreach (var described in lab.Machines)
            {
                var rule = described.Rule with { Requirement = described.Requires is { } need ? Need(need) : null };
                if (!known.TryGetValue(rule.Code, out var machine))
                {
                    machine = Machine.From(rule with { Id = MachineId.New(write.Now) });
                    _db.Machines.Add(machine);
                }
                Change(machine, m => m.Describe(rule), m => m.Retired = false, m => m.Kind = described.Kind);
                Bind(machine.Id, described.Devices, bound[machine.Id]);
                known[rule.Code] = machine;
            }
            foreach (var described in lab.Machines.Where(machine => machine.Room is not null))
                Change(known[described.Rule.Code], m => m.RoomId = known[described.Room!].Id);
            _machines = known.ToDictionary(pair => pair.Key, pair => pair.Value.Id);
        }

        /// <summary>How things are booked. A limit that is there already is not made again; pools are known by their French name.</summary>
        private async Task BookingAsync(CancellationToken cancellationToken)
        {
            var terms = await _db.BookingTerms.ToDictionaryAsync(row => row.Scope, cancellationToken);
            foreach (var described in lab.Terms)
            {
                var scope = described.Machine is { } code ? TermsRow.OfMachine(_machines[code]) : described.Class is { } type ? TermsRow.OfClass(type) : TermsRow.Site;
                if (terms.TryGetValue(scope, out var row))
                    Change(row, r => r.Terms = described.Terms);
                else
                    _db.BookingTerms.Add(new TermsRow { Scope = scope, Terms = described.Terms, Version = 1 });
            }
            var quotas = await _db.BookingQuotas.Select(row => row.Quota).ToListAsync(cancellationToken);
            foreach (var quota in lab.Quotas.Select(q => q.Quota with { Machines = [.. q.Machines.Select(code => _machines[code])] }).Where(quota => !quotas.Contains(quota)))
                _db.BookingQuotas.Add(new BookingQuotaRow { Id = QuotaId.New(write.Now), Quota = quota, Version = 1 });
            var pools = await _db.Pools.Include(pool => pool.Members).ToListAsync(cancellationToken);
            foreach (var described in lab.Pools)
            {
                if (pools.Find(p => p.NameFr == described.NameFr) is not { } pool)
                {
                    pool = new Pool { Id = PoolId.New(write.Now), NameFr = described.NameFr, NameEn = described.NameEn, Version = 1 };
                    _db.Pools.Add(pool);
                }
                Change(pool, p => p.NameEn = described.NameEn, p => p.Retired = false);
                foreach (var (code, position) in described.Machines.Select((code, position) => (code, position)))
                {
                    var machine = _machines[code];
                    var elsewhere = pools.Find(other => other.Id != pool.Id && other.Members.Exists(member => member.MachineId == machine));
                    if (elsewhere is not null)
                        _faults.Add(new LabFault(0, "pools", $"{code} is in the pool '{elsewhere.NameFr}' already."));
                    else if (!pool.Members.Exists(member => member.MachineId == machine))
                        _db.PoolMembers.Add(new PoolMember { PoolId = pool.Id, MachineId = machine, Position = position });
                }
            }
        }

        private void Bind(MachineId machine, IReadOnlyList<LabBinding> described, IEnumerable<MachineDevice> bound)
        {
            var wanted = described.Select(b => (b.Role, Device: new DeviceId(b.Device), b.Channel, b.Reader)).ToHashSet();
            foreach (var old in bound)
            {
                if (!wanted.Remove((old.Role, old.DeviceId, old.Channel, old.Reader)))
                {
                    _db.MachineDevices.Remove(old);
                    _removed++;
                }
            }
            foreach (var (role, device, channel, reader) in wanted)
                _db.MachineDevices.Add(new MachineDevice { MachineId = machine, Role = role, DeviceId = device, Channel = channel, Reader = reader });
        }

        private TrainingNeed Need(LabNeed need)
        {
            if (need.Code is { } code)
                return new TrainingNeed.One(_trainings[code]);
            ValueList<TrainingNeed> branches = [.. need.Branches.Select(Need)];
            return need.Any ? new TrainingNeed.Any(branches) : new TrainingNeed.All(branches);
        }

        private async Task ProjectsAsync(CancellationToken cancellationToken)
        {
            var known = await _db.Projects.ToDictionaryAsync(project => project.Code, cancellationToken);
            foreach (var described in lab.Projects)
            {
                if (!known.TryGetValue(described.Code, out var project))
                {
                    project = new Project { Id = ProjectId.New(write.Now), Code = described.Code, Name = "" };
                    known[described.Code] = project;
                    _db.Projects.Add(project);
                }
                Change(project, p => p.Name = described.Name, p => p.Type = described.Type, p => p.Closed = false);
            }
            _projects = known.ToDictionary(pair => pair.Key, pair => pair.Value.Id);
        }

        private async Task PeopleAsync(CancellationToken cancellationToken)
        {
            var known = await _db.People.ToDictionaryAsync(person => person.ShortCode, cancellationToken);
            var present = await _db.Presence.Select(row => row.PersonId).ToListAsync(cancellationToken);
            foreach (var described in lab.People)
            {
                if (!known.TryGetValue(described.Code, out var person))
                {
                    person = new Person
                    {
                        Id = PersonId.New(write.Now),
                        ShortCode = described.Code,
                        CreatedAt = write.Now,
                        IsAdult = described.IsAdult,
                        BirthDate = described.BirthDate,
                        MemberThrough = described.MemberThrough,
                    };
                    known[described.Code] = person;
                    _db.People.Add(person);
                }
                Change(
                    person,
                    p => p.DisplayName = described.Name ?? p.DisplayName,
                    p => p.Active = described.Active,
                    p => p.DefaultProject = described.Project is { } project ? _projects[project] : p.DefaultProject,
                    p => p.MayAccompany = described.MayAccompany,
                    p => p.MinorsLimit = described.MinorsLimit);
                if (described.MemberThrough is { } through && !described.MemberThroughIsRelative)
                    Change(person, p => p.MemberThrough = through);
                if (described.Present && !present.Contains(person.Id))
                    _db.Presence.Add(new PresenceRow { PersonId = person.Id, Since = write.Now });
            }
            _people = known.ToDictionary(pair => pair.Key, pair => pair.Value.Id);
        }

        private async Task MembersAsync(CancellationToken cancellationToken)
        {
            var known = (await _db.ProjectMembers.ToListAsync(cancellationToken)).Select(member => (member.ProjectId, member.PersonId)).ToHashSet();
            foreach (var project in lab.Projects)
            {
                foreach (var person in project.People)
                {
                    if (known.Add((_projects[project.Code], _people[person])))
                        _db.ProjectMembers.Add(new ProjectMember { ProjectId = _projects[project.Code], PersonId = _people[person] });
                }
            }
        }

        /// <summary>Accounts for staff, without a password. Answers who stands behind the grants: a manager of the file, else of the lab.</summary>
        private async Task<PersonId> StaffAsync(CancellationToken cancellationToken)
        {
            var known = await _db.StaffAccounts.ToDictionaryAsync(account => account.Id, cancellationToken);
            foreach (var described in lab.People.Where(person => person.Staff is not null))
            {
                var id = _people[described.Code];
                if (known.TryGetValue(id, out var account))
                {
                    if (account.Role != described.Staff!.Value)
                        Change(account, a => a.Role = described.Staff!.Value, a => a.Stamp = Guid.NewGuid());
                    continue;
                }
                _db.StaffAccounts.Add(new StaffAccount
                {
                    Id = id,
                    LoginName = described.Code.ToLowerInvariant(),
                    Role = described.Staff!.Value,
                    Stamp = Guid.NewGuid(),
                    CreatedAt = write.Now,
                });
            }
            return lab.People.FirstOrDefault(person => person.Staff?.HasFlag(Role.Manager) == true) is { } manager
                ? _people[manager.Code]
                : (await StaffAccounts.FirstManagerAsync(write, cancellationToken)).Id;
        }

        private async Task BadgesAsync(CancellationToken cancellationToken)
        {
            var index = BadgeIndex.Empty;
            var badges = await _db.Badges.ToDictionaryAsync(badge => badge.Id, cancellationToken);
            foreach (var badge in badges.Values)
                index = index.Add(badge.Id, badge.Print);
            foreach (var described in lab.People)
            {
                foreach (var read in described.Badges)
                {
                    var (match, print, outdated) = keys.Find(index, read.Number, read.Truncated);
                    if (outdated && match is BadgeMatch.Known before)
                    {
                        index = index.Remove(before.Badge, badges[before.Badge].Print).Add(before.Badge, print);
                        badges[before.Badge].Renew(print);
                    }
                    switch (match)
                    {
                        case BadgeMatch.Known known when badges[known.Badge].PersonId is { } owner && owner != _people[described.Code]:
                            _faults.Add(new LabFault(read.Line, read.Path, "This badge is already given to somebody else in this lab."));
                            break;
                        case BadgeMatch.Known known:
                            Change(badges[known.Badge], b => b.PersonId = _people[described.Code], b => b.State = described.BadgeState);
                            break;
                        case BadgeMatch.Ambiguous:
                            _faults.Add(new LabFault(read.Line, read.Path, "So short a number fits several badges of this lab."));
                            break;
                        default:
                            var badge = Badge.From(print, write.Now);
                            badge.PersonId = _people[described.Code];
                            badge.State = described.BadgeState;
                            index = index.Add(badge.Id, print);
                            badges[badge.Id] = badge;
                            _db.Badges.Add(badge);
                            break;
                    }
                }
            }
        }

        private async Task HabilitationsAsync(PersonId registrar, CancellationToken cancellationToken)
        {
            var known = (await _db.Habilitations.ToListAsync(cancellationToken)).Select(h => (h.PersonId, h.TrainingId)).ToHashSet();
            foreach (var person in lab.People)
            {
                foreach (var described in person.Habilitations)
                {
                    if (!known.Add((_people[person.Code], _trainings[described.Training])))
                        continue;
                    var head = new Habilitation { Id = HabilitationId.New(write.Now), PersonId = _people[person.Code], TrainingId = _trainings[described.Training] };
                    _db.Habilitations.Add(head);
                    _db.HabilitationActs.Add(new HabilitationAct
                    {
                        HabilitationId = head.Id,
                        Number = 1,
                        Kind = HabilitationActKind.Granted,
                        Level = described.Level,
                        ValidFrom = described.From,
                        ValidUntil = described.Until,
                        By = registrar,
                        At = write.Now,
                        Ground = EvidenceKind.Import,
                        Evidence = described.Evidence,
                    });
                    if (described.Suspended)
                    {
                        _db.HabilitationActs.Add(new HabilitationAct
                        {
                            HabilitationId = head.Id,
                            Number = 2,
                            Kind = HabilitationActKind.Suspended,
                            By = registrar,
                            At = write.Now,
                            Ground = EvidenceKind.Import,
                            Evidence = described.Evidence,
                        });
                    }
                }
            }
        }

        /// <summary>Applies changes and counts the version up when they made a difference.</summary>
        private void Change<T>(T thing, params Action<T>[] changes)
            where T : class
        {
            foreach (var change in changes)
                change(thing);
            var entry = _db.Entry(thing);
            if (entry.State == EntityState.Modified && entry.Property<long>("Version") is { IsModified: false } version)
                version.CurrentValue++;
        }
    }
}
