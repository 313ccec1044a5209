using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Lab;

/// <summary>
/// Gives a sample lab a past and days to come, so that whoever looks around sees its pages at work: trainings and who is enrolled,
/// programmes, séances, visits, bookings. One write, into a lab without séances only; a lab of one's own never gets it.
/// </summary>
public sealed class LabLife
{
    private readonly BookingWriter _writer;
    private readonly BookingFactsReader _facts;
    private readonly SchoolHolidays _school;

    internal LabLife(BookingWriter writer, BookingFactsReader facts, SchoolHolidays school) => (_writer, _facts, _school) = (writer, facts, school);

    /// <summary>Brings it in.</summary>
    /// <param name="file">The file, UTF-8.</param>
    /// <param name="cancellationToken">Stops before anything is written.</param>
    /// <returns>False when the lab has séances already: then nothing was written.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is no such file.</exception>
    /// <exception cref="FormatException">One of its moments is none.</exception>
    /// <exception cref="KeyNotFoundException">It names something that is not in the lab.</exception>
    public async Task<bool> RunAsync(ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        var life = LifeFile.Read(file.Span);
        return await _writer.WriteAsync(
            async (write, cancel) =>
            {
                if (await write.Db.GroupSessions.AnyAsync(cancel))
                    return false;
                var work = await Work.StartAsync(write, life, cancel);
                await work.TrainingsAsync(cancel);
                work.Programmes();
                work.Minors();
                work.Sessions();
                work.Visits(new Closing(await LabHours.ReadAsync(write.Db, _school.Calendar, cancel)));
                await write.Db.SaveChangesAsync(cancel);
                await work.BookingsAsync(await _facts.SettingsAsync(write.Db, cancel), cancel);
                return true;
            },
            cancellationToken);
    }

    private sealed class Work
    {
        private const string Door = "door";

        private static readonly string[] Reasons = ["machine", "workshop", "discover", "room", "digital_help", "machine", "meeting", "volunteer", "machine", "other"];

        private static readonly AgeBand[] Bands =
            [AgeBand.From25To39, AgeBand.From40To59, AgeBand.From12To17, AgeBand.From70, AgeBand.From18To24, AgeBand.Under12, AgeBand.From60To69, AgeBand.From40To59, AgeBand.NotSaid];

        private static readonly VisitWay[] Ways = [VisitWay.Badge, VisitWay.ShortCode, VisitWay.Badge, VisitWay.Desk];

        private readonly BookingWrite _write;
        private readonly BookingDbContext _db;
        private readonly LifeFile _life;
        private readonly LifeDates _dates;
        private readonly Dictionary<string, PersonId> _people;
        private readonly Dictionary<string, Machine> _machines;
        private readonly Dictionary<string, ProjectId> _projects;
        private readonly PersonId _by;
        private readonly Dictionary<string, StrandId> _strands = [];
        private readonly Dictionary<string, PartnerId> _partners = [];
        private readonly Dictionary<string, SkillId> _skills = [];
        private readonly Dictionary<string, ProgrammeId> _programmes = [];
        private readonly Dictionary<string, StepId> _steps = [];
        private readonly Dictionary<string, Guid> _groups = [];
        private readonly HashSet<(PersonId Person, LocalDate Day)> _came = [];
        private readonly List<(GroupSession Session, SessionMachine Row, Machine Machine)> _kept = [];
        private readonly DateTimeZone _zone;

        private Work(
            BookingWrite write, LifeFile life, DateTimeZone zone, Dictionary<string, PersonId> people, Dictionary<string, Machine> machines, Dictionary<string, ProjectId> projects, PersonId by)
        {
            (_write, _db, _life, _zone) = (write, write.Db, life, zone);
            _dates = new LifeDates(write.Now, zone);
            (_people, _machines, _projects, _by) = (people, machines, projects, by);
        }

        private Instant Now => _write.Now;

        public static async Task<Work> StartAsync(BookingWrite write, LifeFile life, CancellationToken cancel)
        {
            var db = write.Db;
            return new Work(
                write, life, await db.ZoneAsync(cancel),
                await db.People.ToDictionaryAsync(p => p.ShortCode, p => p.Id, cancel),
                await db.Machines.AsNoTracking().ToDictionaryAsync(m => m.Code, cancel),
                await db.Projects.ToDictionaryAsync(p => p.Code, p => p.Id, cancel),
                // Whoever keeps the lab made it: the first account there is.
                await db.StaffAccounts.OrderBy(a => a.Id).Select(a => a.Id).FirstAsync(cancel));
        }

        public async Task TrainingsAsync(CancellationToken cancel)
        {
            var trainings = await _db.Trainings.ToDictionaryAsync(t => t.Code, cancel);
            var held = (await _db.Habilitations.AsNoTracking().ToListAsync(cancel)).Select(h => (h.PersonId, h.TrainingId)).ToHashSet();
            foreach (var told in _life.Trainings)
            {
                var training = trainings[told.Training];
                (training.Kind, training.Minutes, training.Places) = (told.Kind, told.Minutes, told.Places);
                (training.DescriptionFr, training.DescriptionEn) = (told.DescriptionFr, told.DescriptionEn);
                training.Trainer = told.Trainer is { } trainer ? _people[trainer] : null;
                _db.TrainingPrerequisites.AddRange((told.Needs ?? []).Select(code => new TrainingPrerequisite { TrainingId = training.Id, Needs = trainings[code].Id }));
            }
            foreach (var told in _life.TrainingSessions)
                Session(trainings[told.Training], told, held);
            foreach (var coming in _life.TrainingSessions.Select(s => (trainings[s.Training], At: _dates.Moment(s.At))).Where(s => s.At > Now).GroupBy(s => s.Item1, s => s.At))
                coming.Key.NextSession = coming.Min();
        }

        private void Session(Training training, LifeTrainingSession told, HashSet<(PersonId, TrainingId)> held)
        {
            var start = _dates.Moment(told.At);
            var trainer = training.Trainer ?? _by;
            var enrolled = Instant.Min(start, Now) - Duration.FromDays(4);
            var session = new TrainingSession
            {
                Id = TrainingSessionId.New(Now),
                TrainingId = training.Id,
                Start = start,
                End = start + Duration.FromMinutes(training.Minutes ?? 60),
                Places = training.Places ?? 8,
                Trainer = trainer,
                Batches = told.Given ? 1 : 0,
                CreatedAt = enrolled - Duration.FromDays(3),
            };
            _db.TrainingSessions.Add(session);
            foreach (var (code, number) in told.People.Select((code, index) => (code, index + 1)))
            {
                var person = _people[code];
                var present = told.Present?.Contains(code) == true;
                var marked = present || told.Absent?.Contains(code) == true;
                var enrolment = new Enrolment
                {
                    SessionId = session.Id,
                    PersonId = person,
                    Number = number,
                    Waited = number > session.Places,
                    EnrolledAt = enrolled + Duration.FromHours(number),
                    EnrolledBy = person,
                    Attendance = present ? Attendance.Present : marked ? Attendance.Absent : Attendance.Expected,
                    MarkedBy = marked ? trainer : null,
                    MarkedAt = marked ? session.End : null,
                };
                if (present && told.Given && held.Add((person, training.Id)))
                    Give(training, session, enrolment, trainer);
                _db.Enrolments.Add(enrolment);
            }
        }

        private void Give(Training training, TrainingSession session, Enrolment enrolment, PersonId trainer)
        {
            var head = new Habilitation { Id = HabilitationId.New(Now), PersonId = enrolment.PersonId, TrainingId = training.Id };
            _db.Habilitations.Add(head);
            _db.HabilitationActs.Add(new HabilitationAct
            {
                HabilitationId = head.Id,
                Number = 1,
                Kind = HabilitationActKind.Granted,
                Level = HabilitationLevel.Autonomous,
                ValidFrom = session.End,
                ValidUntil = GrantHabilitation.DefaultEnd(training, session.End, _zone),
                By = trainer,
                At = session.End,
                Ground = EvidenceKind.Session,
                EvidenceId = session.Id.Value,
                Evidence = NodaTime.Text.LocalDatePattern.Iso.Format(session.Start.InZone(_zone).Date),
            });
            (enrolment.HabilitationId, enrolment.Act, enrolment.Batch) = (head.Id, 1, 1);
            (enrolment.GivenLevel, enrolment.GivenBy, enrolment.GivenAt) = (HabilitationLevel.Autonomous, trainer, session.End);
        }

        public void Programmes()
        {
            foreach (var told in _life.Funders)
            {
                var funder = new Funder { Id = FunderId.New(Now), Name = told.Name };
                _db.Funders.Add(funder);
                foreach (var strand in told.Strands)
                    _db.FunderStrands.Add(new FunderStrand { Id = _strands[strand.Code] = StrandId.New(Now), FunderId = funder.Id, Name = strand.Name, Code = strand.Code });
            }
            foreach (var told in _life.Partners)
                _db.Partners.Add(new Partner { Id = _partners[told.Name] = PartnerId.New(Now), Name = told.Name, Kind = told.Kind });
            foreach (var told in _life.Skills)
                _db.Skills.Add(new Skill { Id = _skills[told.Code] = SkillId.New(Now), NameFr = told.NameFr, NameEn = told.NameEn, Kind = told.Kind });
            foreach (var told in _life.Programmes)
                Programme(told);
            foreach (var told in _life.Groups)
            {
                var group = new PersonGroup { Id = _groups[told.Code] = Guid.CreateVersion7(Now.ToDateTimeOffset()), Name = told.Name };
                _db.PersonGroups.Add(group);
                _db.GroupPlaces.AddRange(told.Leads.Select(code => new GroupPlace { GroupId = group.Id, PersonId = _people[code], Part = GroupPart.LooksAfter }));
                _db.GroupPlaces.AddRange(told.People.Select(code => new GroupPlace { GroupId = group.Id, PersonId = _people[code], Part = GroupPart.Member }));
            }
        }

        private void Programme(LifeProgramme told)
        {
            var programme = new Programme
            {
                Id = _programmes[told.Code] = ProgrammeId.New(Now),
                NameFr = told.NameFr,
                NameEn = told.NameEn,
                Description = told.Description,
                Lead = _people[told.Lead],
                From = _dates.Day(told.From),
                Until = _dates.Day(told.Until),
                GoalSessions = told.GoalSessions,
                GoalPeople = told.GoalPeople,
                GoalHours = told.GoalHours,
            };
            _db.Programmes.Add(programme);
            _db.ProgrammeStrands.AddRange(told.Strands.Select(code => new ProgrammeStrand { ProgrammeId = programme.Id, StrandId = _strands[code] }));
            foreach (var (way, position) in told.Pathways.Select((way, index) => (way, index + 1)))
            {
                var pathway = new Pathway { Id = PathwayId.New(Now), ProgrammeId = programme.Id, NameFr = way.NameFr, NameEn = way.NameEn, Position = position };
                _db.Pathways.Add(pathway);
                foreach (var (step, place) in way.Steps.Select((step, index) => (step, index + 1)))
                {
                    var id = _steps[step.Code] = StepId.New(Now);
                    _db.PathwaySteps.Add(new PathwayStep { Id = id, PathwayId = pathway.Id, NameFr = step.NameFr, NameEn = step.NameEn, Position = place });
                    _db.StepSkills.AddRange(step.Skills.Select(code => new StepSkill { StepId = id, SkillId = _skills[code] }));
                }
            }
        }

        public void Minors()
        {
            var given = _dates.Today.PlusDays(-60);
            foreach (var told in _life.Minors)
            {
                var person = _people[told.Person];
                _db.MinorSheets.Add(new MinorSheet { PersonId = person, MayLeaveAlone = told.MayLeaveAlone });
                _db.MinorContacts.AddRange(told.Contacts.Select(contact => new MinorContact
                {
                    Id = Guid.CreateVersion7(Now.ToDateTimeOffset()),
                    PersonId = person,
                    Name = contact.Name,
                    Phone = contact.Phone,
                    IsGuardian = contact.Guardian,
                    MayFetch = contact.MayFetch,
                    CallFirst = contact.CallFirst,
                    AddedAt = Now,
                }));
                _db.MinorConsents.AddRange(told.Consents.Select(consent => new MinorConsent
                {
                    Id = Guid.CreateVersion7(Now.ToDateTimeOffset()),
                    PersonId = person,
                    Kind = consent.Kind,
                    Use = consent.Use,
                    GivenBy = told.Contacts[0].Name,
                    GivenOn = given,
                    Until = given.PlusYears(1),
                }));
            }
        }

        public void Sessions()
        {
            foreach (var told in _life.Sessions)
                Session(told);
        }

        private void Session(LifeSession told)
        {
            var start = _dates.Moment(told.At);
            var end = start + Duration.FromMinutes(told.Minutes);
            var (begun, over, final) = (start <= Now, end <= Now, end + GroupSessionClock.LocksAfter <= Now);
            var lead = _people[told.Lead];
            var session = new GroupSession
            {
                Id = GroupSessionId.New(Now),
                Title = told.Title,
                Kind = told.Kind,
                State = final ? GroupSessionState.Locked
                    : over ? GroupSessionState.Done
                    : begun ? GroupSessionState.Open
                    : told.Proposed ? GroupSessionState.Proposed : GroupSessionState.Planned,
                Start = start,
                End = end,
                ProgrammeId = told.Programme is { } programme ? _programmes[programme] : null,
                StepId = told.Step is { } step ? _steps[step] : null,
                GroupId = told.Group is { } group ? _groups[group] : null,
                PlaceKind = told.PlaceKind,
                Place = told.Place,
                Commune = told.Commune,
                Lead = lead,
                Expected = told.ExpectedNumber,
                Level = told.Level,
                Materials = SessionMaterials.Computer,
                Themes = SessionThemes.Creating,
                Did = told.Did,
                Learned = told.Learned,
                Next = told.Next,
                MadeBy = _by,
                CreatedAt = Instant.Min(start, Now) - Duration.FromDays(7),
                OpenedAt = begun ? start : null,
                OpenedBy = begun ? lead : null,
                ClosedAt = over ? end : null,
                ClosedBy = over ? lead : null,
                LockedAt = final ? end + GroupSessionClock.LocksAfter : null,
            };
            _db.GroupSessions.Add(session);
            var id = session.Id;
            _db.SessionPartners.AddRange(told.Partners.Select(name => new SessionPartner { SessionId = id, PartnerId = _partners[name] }));
            _db.SessionStrands.AddRange(_life.Programmes.Where(p => p.Code == told.Programme).SelectMany(p => p.Strands).Select(code => new SessionStrand { SessionId = id, StrandId = _strands[code] }));
            _db.SessionMentors.AddRange(told.Mentors.Select(code => new SessionMentor { SessionId = id, PersonId = _people[code], ArrivedAt = session.OpenedAt, LeftAt = session.ClosedAt }));
            foreach (var code in told.Machines)
            {
                var row = new SessionMachine { SessionId = id, MachineId = _machines[code].Id };
                _db.SessionMachines.Add(row);
                if (told.Keep)
                    _kept.Add((session, row, _machines[code]));
            }
            _db.SessionTopics.AddRange(told.Topics.Select(code => new SessionTopic { SessionId = id, SkillId = _skills[code] }));
            Skills(session, told.Worked, SkillMark.Worked);
            Skills(session, told.Validated, SkillMark.Validated);
            Sheet(session, told);
        }

        private void Skills(GroupSession session, IReadOnlyDictionary<string, IReadOnlyList<string>> told, SkillMark mark) =>
            _db.SessionSkills.AddRange(told.SelectMany(pair => pair.Value.Select(code => new SessionSkill
            {
                SessionId = session.Id, PersonId = _people[code], SkillId = _skills[pair.Key], Mark = mark, By = session.Lead, At = session.End,
            })));

        /// <summary>The list of a séance; whoever was there at the lab was in, too.</summary>
        private void Sheet(GroupSession session, LifeSession told)
        {
            var number = 0;
            foreach (var (codes, status) in new[]
            {
                (told.Expected, AttendanceStatus.Expected), (told.Present, AttendanceStatus.Present), (told.Excused, AttendanceStatus.Excused), (told.Absent, AttendanceStatus.Absent),
            })
            {
                foreach (var code in codes)
                {
                    Line(status, _people[code], "");
                    if (status == AttendanceStatus.Present && session.PlaceKind == PlaceKind.Lab)
                        Came(_people[code], session.Start, session.ClosedAt, "workshop", VisitWay.Session, session.Id.Value);
                }
            }
            foreach (var name in told.FirstNames)
                Line(AttendanceStatus.Present, null, name);
            _db.AttendanceCounts.AddRange(told.Counts.Select(count => new AttendanceCount
            {
                SessionId = session.Id, Band = count.Band, Gender = count.Gender, Occupation = count.Occupation, Known = count.Known, Number = count.Number,
            }));

            void Line(AttendanceStatus status, PersonId? person, string name)
            {
                var there = status == AttendanceStatus.Present;
                _db.Attendees.Add(new Attendee
                {
                    Id = AttendeeId.New(Now),
                    SessionId = session.Id,
                    Number = ++number,
                    PersonId = person,
                    FirstName = name,
                    Status = status,
                    Way = there ? AttendanceWay.Ticked : AttendanceWay.NotSaid,
                    ArrivedAt = there ? session.Start : null,
                    LeftAt = there ? session.ClosedAt : null,
                    LeftHow = there && session.ClosedAt is not null ? LeavingWay.WithGroup : LeavingWay.NotSaid,
                    Band = name.Length > 0 ? AgeBand.From12To17 : null,
                    MarkedBy = status == AttendanceStatus.Expected ? null : session.Lead,
                    MarkedAt = status == AttendanceStatus.Expected ? null : session.Start,
                    AddedAt = session.CreatedAt,
                });
            }
        }

        /// <summary>One visit a day for each; whoever has not left is present for every decision.</summary>
        private void Came(PersonId person, Instant at, Instant? left, string reason, VisitWay way, Guid? session = null)
        {
            if (!_came.Add((person, at.InZone(_zone).Date)))
                return;
            _db.Visits.Add(new Visit
            {
                Id = VisitId.New(at),
                PersonId = person,
                Reason = reason,
                ArrivedAt = at,
                LeftAt = left,
                LeftHow = left is null ? null : LeftHow.Said,
                Way = way,
                Kiosk = way is VisitWay.Badge or VisitWay.ShortCode ? Door : "",
                GroupSessionId = session,
            });
            if (left is null)
                _db.Presence.Add(new PresenceRow { PersonId = person, Since = at });
        }

        public void Visits(Closing closing)
        {
            var told = _life.Visits;
            foreach (var here in told.Here)
                Came(_people[here.Person], In(_dates.Moment(here.Since)), null, here.Reason, VisitWay.Badge);
            for (var i = 0; i < told.NoNameHere; i++)
                NoName(In(Now - Duration.FromMinutes(25 + (i * 20))), null, i);
            var open = told.On.Select(LifeDates.Weekday).ToHashSet();
            for (var back = 1; back <= told.Days; back++)
            {
                var day = _dates.Today.PlusDays(-back);
                if (!open.Contains(day.DayOfWeek))
                    continue;
                // Some days are fuller than others, the same ones each time.
                for (var i = 0; i < told.NoNameADay - 1 + (back * 7 % 3); i++)
                    NoName(At(day, back, i), At(day, back, i) + Stay(back, i), back + i);
                for (var i = 0; i < told.PeopleADay; i++)
                {
                    var person = _people[told.People[((back * told.PeopleADay) + i) % told.People.Count]];
                    var at = At(day, back, i + 3);
                    Came(person, at, at + Stay(i, back), Reasons[(back + (3 * i)) % Reasons.Length], Ways[(back + i) % Ways.Length]);
                }
            }

            // Somebody who is in when the lab is shown after hours has come after it closed.
            Instant In(Instant at) => closing.After(at) <= Now ? Now : at;
            Instant At(LocalDate day, int back, int i) => _dates.At(day, new LocalTime(10, 0)) + Duration.FromMinutes(((i * 67) + (back * 29)) % 430);
            Duration Stay(int a, int b) => Duration.FromMinutes(25 + (((a * 37) + (b * 13)) % 120));
        }

        private void NoName(Instant at, Instant? left, int turn) => _db.Visits.Add(new Visit
        {
            Id = VisitId.New(at),
            Reason = Reasons[turn * 3 % Reasons.Length],
            AgeBand = Bands[turn % Bands.Length],
            First = turn % 4 == 0,
            ArrivedAt = at,
            LeftAt = left,
            LeftHow = left is null ? null : LeftHow.Said,
            Way = VisitWay.NoName,
            Kiosk = Door,
        });

        public async Task BookingsAsync(BookingSettings settings, CancellationToken cancel)
        {
            foreach (var (session, row, machine) in _kept)
                row.BookingId = await KeepAsync(settings, machine, session.Start, session.End, settings.Resources[machine.Id].Terms.Capacity, cancel, session: session);
            foreach (var told in _life.Bookings)
            {
                var start = _dates.Moment(told.At);
                await KeepAsync(settings, _machines[told.Machine], start, start + Duration.FromMinutes(told.Minutes), told.Places, cancel, told);
            }
            _write.Audit(_by, "lab.imported", Guid.Empty, "its past and its days to come");
        }

        private async Task<BookingId> KeepAsync(
            BookingSettings settings, Machine machine, Instant start, Instant end, int places, CancellationToken cancel, LifeBooking? told = null, GroupSession? session = null)
        {
            var booking = new Reservation
            {
                Id = BookingId.New(Now),
                Kind = told is null && session?.GroupId is null ? ReservationKind.Block : ReservationKind.Booking,
                MachineId = machine.Id,
                PersonId = told is null ? null : _people[told.Person],
                GroupId = session?.GroupId,
                Places = places,
                Start = start,
                End = end,
                ProjectId = told?.Project is { } project ? _projects[project] : null,
                Note = told?.Note ?? "",
                Why = session?.GroupId is null ? session?.Title ?? "" : "",
                MadeBy = told is null ? _by : _people[told.Person],
                CreatedAt = Instant.Min(start, Now) - Duration.FromDays(2),
                ClaimedAt = start <= Now ? start : null,
                ReleasedAt = start > Now && told is not null ? NoShowRules.ReleaseAt(start, end, settings.Resources[machine.Id].Terms.NoShow) : null,
            };
            _db.Reservations.Add(booking);
            await BookingPlaces.TakeAsync(_db, settings, booking, cancel);
            await _db.SaveChangesAsync(cancel);
            return booking.Id;
        }
    }
}
