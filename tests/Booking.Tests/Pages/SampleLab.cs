using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Trainings;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

/// <summary>An invented lab in every state a page can show.</summary>
public sealed class SampleLab
{
    public const string Gateway = "atelier";

    private int _seq;

    public PersonId Ines { get; private set; }

    public PersonId Marc { get; private set; }

    public PersonId Lou { get; private set; }

    public TrainingId Laser { get; private set; }

    public TrainingId Printing { get; private set; }

    public Dictionary<string, MachineId> Machines { get; } = new(StringComparer.Ordinal);

    /// <summary>A session of the laser training, today.</summary>
    public TrainingSessionId Session { get; private set; }

    public Guid FirstUse { get; private set; }

    /// <summary>A class: Lou is in it, Marc looks after it.</summary>
    public Guid Group { get; private set; }

    /// <summary>A reader that waits for the badge of Lou.</summary>
    public Guid Wait { get; private set; }

    /// <summary>Every name that only staff may read.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Inès Aubry", "Marc Delmas", "Lou", "Enseigne du café", "Bibliothèque de rue", "M01", "M02", "J03"];

    public static async Task<SampleLab> SeedAsync(PagesHost host, CancellationToken cancellationToken)
    {
        var lab = new SampleLab();
        await host.Writer.WriteAsync(lab.FillAsync, cancellationToken);
        return lab;
    }

    /// <summary>What a gateway would tell: the state of one machine.</summary>
    public async Task TellAsync(PagesHost host, string code, MachineState state, CancellationToken cancellationToken)
    {
        MachineId machine = Machines[code];
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                MachineNow now = await write.Db.MachinesNow.SingleAsync(m => m.MachineId == machine, cancel);
                now.State = JsonSerializer.Serialize(state, CoreJson.Options);
                now.Seq = ++_seq;
                now.At = write.Now;
                write.AfterCommit(() => host.Services.GetRequiredService<FloorChanges>().Announce(new FloorChange(FloorTopic.State, machine)));
            },
            cancellationToken);
    }

    public static OpenSession SessionOf(PersonId person, Instant since, ProjectId? project = null, PersonId? companion = null) => new()
    {
        Id = SessionId.New(since),
        Person = person,
        Companion = companion,
        Project = project,
        StartedAt = since,
        Confirmed = true,
    };

    /// <summary>What the first printer told of its jobs: one in hand, one that failed, two for which nobody had tapped.</summary>
    private void Print(BookingDbContext db, Instant now)
    {
        Job("0003", "support étagère.gcode", JobState.Running, 40, null, 64, 12_500, null);
        Job("0002", "pot.gcode", JobState.Failed, 190, 130, 37, 4_100, Ines);
        Job("0001", "figurine.gcode", JobState.Done, 1500, 1400, 100, 21_300, null);
        Job("0000", "", JobState.Lost, 3000, 2900, null, null, null);

        void Job(string id, string name, JobState state, int began, int? ended, int? progress, long? milligrams, PersonId? person) => db.MachineJobs.Add(new MachineJobRow
        {
            Id = Guid.CreateVersion7(), MachineId = Machines["IMP-1"], DeviceId = new("klipper-imp-1"), Job = id, Name = name, State = state,
            StartedAt = now - Duration.FromMinutes(began), EndedAt = ended is { } end ? now - Duration.FromMinutes(end) : null,
            WorkingMs = (began - (ended ?? 0)) * 60_000L, Progress = progress, Milligrams = milligrams, PersonId = person, Gateway = Gateway, Epoch = 1, Seq = 1,
        });
    }

    private async Task FillAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        BookingDbContext db = write.Db;
        Instant now = write.Now;
        Site site = await db.Sites.SingleAsync(cancellationToken);
        site.Rule = site.Rule with { Name = "Fablab des Tanneries", Zone = "Europe/Paris" };

        Ines = Person(db, now, "M01", "Inès Aubry", now.InUtc().Date.PlusMonths(5));
        Marc = Person(db, now, "M02", "Marc Delmas", now.InUtc().Date.PlusDays(-20));
        Lou = Person(db, now, "J03", "Lou", null);
        Laser = Training(db, now, "laser", "Habilitation laser niveau 1", "Laser habilitation level 1", now + Duration.FromDays(2));
        Printing = Training(db, now, "impression-3d", "Prise en main impression 3D", "Getting started with 3D printing", null);
        TrainingId mill = Training(db, now, "fraiseuse", "Fraiseuse Shopbot", "ShopBot mill", null);
        Grant(db, now, Ines, Laser, HabilitationLevel.Trainer, Duration.FromDays(300));
        Grant(db, now, Ines, Printing, HabilitationLevel.Autonomous, null);
        Grant(db, now, Lou, Printing, HabilitationLevel.Accompanied, Duration.FromDays(60));
        Session = TrainingSessionId.New(now);
        db.TrainingSessions.Add(new TrainingSession
        {
            Id = Session, TrainingId = Laser, Start = now - Duration.FromHours(2), End = now + Duration.FromMinutes(10), Place = "Atelier bois", Places = 2, Trainer = Ines,
        });
        foreach ((PersonId person, int number) in new[] { (Marc, 1), (Lou, 2) })
            db.Enrolments.Add(new Enrolment { SessionId = Session, PersonId = person, Number = number, EnrolledAt = now - Duration.FromDays(4), EnrolledBy = Ines });
        ProjectId sign = Project(db, now, "enseigne", "Enseigne du café");
        ProjectId library = Project(db, now, "biblio", "Bibliothèque de rue");

        Machine(db, now, "LAS-1", "Découpeuse laser", "Laser cutter", "laser", MachineLevel.Orange, Laser);
        Machine(db, now, "LAS-2", "Grande découpeuse laser", "Large laser cutter", "laser", MachineLevel.Red, Laser);
        Machine(db, now, "IMP-1", "Imprimante 3D", "3D printer", "printer", MachineLevel.Orange, Printing);
        Machine(db, now, "IMP-2", "Imprimante 3D", "3D printer", "printer", MachineLevel.Orange, Printing);
        Machine(db, now, "IMP-5", "Imprimante résine", "Resin printer", "resin", MachineLevel.Red, Printing);
        Machine(db, now, "VIN-1", "Découpeuse vinyle", "Vinyl cutter", "vinyl", MachineLevel.Green, null);
        Machine(db, now, "BRO-1", "Brodeuse", "Embroidery machine", "embroidery", MachineLevel.Orange, null);
        Machine(db, now, "CNC-1", "Grande fraiseuse", "Large mill", "mill", MachineLevel.Red, mill);
        Machine(db, now, "ELE-1", "Poste de soudure", "Soldering station", "solder", MachineLevel.Green, null);

        var tracks = new MachineTracks();
        Now(db, now, "LAS-1", new MachineState.Running(tracks, SessionOf(Ines, now - Duration.FromMinutes(42), sign) with { Until = now + Duration.FromMinutes(78) }, new DeviceTime(1, 0, now)));
        Now(db, now, "LAS-2", new MachineState.AwaitingSecondBadge(tracks, new WaitingMaker(Lou, null, AccessReason.NeedsAccompanying, now, now + Duration.FromSeconds(30))));
        Print(db, now);
        Now(db, now, "IMP-1", new MachineState.Running(tracks, SessionOf(Lou, now - Duration.FromMinutes(195), library, Ines), new DeviceTime(1, 0, now)));
        Now(db, now, "IMP-2", MachineState.New);
        Now(db, now, "IMP-5", new MachineState.Idle(tracks with { LinkDown = true }));
        Now(db, now, "VIN-1", new MachineState.Ready(tracks, SessionOf(Marc, now - Duration.FromMinutes(4)), now));
        Now(db, now, "BRO-1", MachineState.New);
        Now(db, now, "CNC-1", new MachineState.CoolingDown(tracks, new CoolDown(SessionId.New(now), now + Duration.FromMinutes(5), RelayChannel.Exhaust)));
        Now(db, now, "ELE-1", MachineState.New);
        foreach (var gateway in await db.Gateways.ToListAsync(cancellationToken))
            gateway.LastSeenAt = now;

        db.LockOuts.Add(new LockOutRow
        {
            Id = LockOutId.New(now),
            MachineId = Machines["BRO-1"],
            Cause = "Aiguille cassée. Pièce commandée, attendue jeudi.",
            Author = Ines,
            Since = now - Duration.FromHours(3),
        });
        Machine broken = db.Machines.Local.Single(m => m.Code == "ELE-1");
        broken.BrokenCause = "La panne du fer ne chauffe plus.";
        broken.BrokenSince = now - Duration.FromDays(1);

        db.Reservations.Add(new Reservation { Id = BookingId.New(now), MachineId = Machines["IMP-2"], PersonId = Marc, Start = now + Duration.FromMinutes(48), End = now + Duration.FromMinutes(168), CreatedAt = now });
        db.Reservations.Add(new Reservation { Id = BookingId.New(now), MachineId = Machines["LAS-1"], PersonId = Lou, Start = now + Duration.FromMinutes(108), End = now + Duration.FromMinutes(168), CreatedAt = now });

        FirstUse = Use(db, now, "LAS-1", Ines, sign, now - Duration.FromHours(5), 1_837_000, 1_262_000, EndReason.Tapped, 312);
        Use(db, now, "LAS-1", Marc, null, now - Duration.FromHours(3), 624_000, 480_000, EndReason.Idle, 98);
        Use(db, now, "LAS-1", Lou, library, now - Duration.FromHours(26), 3_961_000, 2_100_000, EndReason.Closing, 540, Ines);
        Use(db, now, "IMP-2", Ines, library, now - Duration.FromHours(30), 21_600_000, 20_940_000, EndReason.Tapped, 1350);

        Refuse(db, now, "LAS-1", Lou, AccessReason.TrainingMissing, now - Duration.FromMinutes(12));
        Refuse(db, now, "LAS-1", Marc, AccessReason.MembershipEnded, now - Duration.FromMinutes(20));
        db.Alarms.Add(new Alarm { Gateway = Gateway, Epoch = 1, Seq = ++_seq, MachineId = Machines["IMP-5"], At = now - Duration.FromMinutes(9), Code = "device_silent", Detail = "The box of this machine has not answered for a while." });
        db.Alarms.Add(new Alarm { Gateway = Gateway, Epoch = 1, Seq = ++_seq, MachineId = Machines["CNC-1"], At = now - Duration.FromHours(20), Code = "relay_did_not_close", Detail = "{}", SeenBy = Ines, SeenAt = now - Duration.FromHours(19) });
        Care(db, now);
        Group = Guid.CreateVersion7(now.ToDateTimeOffset());
        db.PersonGroups.Add(new Booking.Features.SignIn.PersonGroup { Id = Group, Name = "Classe de 4e B", Version = 1 });
        db.GroupPlaces.Add(new Booking.Features.SignIn.GroupPlace { GroupId = Group, PersonId = Lou, Part = Booking.Features.SignIn.GroupPart.Member });
        db.GroupPlaces.Add(new Booking.Features.SignIn.GroupPlace { GroupId = Group, PersonId = Marc, Part = Booking.Features.SignIn.GroupPart.LooksAfter });
    }

    /// <summary>Badges, the care of the first laser, a reported fault, and devices in every state.</summary>
    private void Care(BookingDbContext db, Instant now)
    {
        var hasher = new Core.Badges.BadgeHasher(1, new byte[32]);
        foreach ((string number, PersonId owner, BadgeState state) in new[]
        {
            ("em:62E3086CED", Ines, BadgeState.Active), ("iso:94D8FC5F", Ines, BadgeState.Lost), ("em:E3086CED", Marc, BadgeState.Active),
        })
        {
            Badge badge = Badge.From(hasher.Print(Core.Badges.BadgeNumber.Parse(number)!), now - Duration.FromDays(30));
            (badge.PersonId, badge.State) = (owner, state);
            db.Badges.Add(badge);
        }

        db.MachineCare.Add(new MachineCare
        {
            MachineId = Machines["LAS-1"],
            Protection = "Lunettes adaptées si le capot est ouvert\nCheveux attachés",
            Allowed = "Bois jusqu’à 6 mm\nCarton\nPMMA",
            Forbidden = "PVC, vinyle, skaï (chlore)\nPolycarbonate",
            Advice = "Ne jamais quitter la machine en marche.",
            EveryHours = 50,
            Version = 1,
        });
        db.FaultReports.Add(new FaultReport { Id = Guid.CreateVersion7(now.ToDateTimeOffset()), MachineId = Machines["LAS-1"], At = now - Duration.FromHours(1), Text = "La lentille a une trace noire." });
        db.Maintenance.Add(new Maintenance
        {
            Id = Guid.CreateVersion7(now.ToDateTimeOffset()), MachineId = Machines["LAS-1"], At = now - Duration.FromDays(12), DoneBy = Ines, Note = "Lentille et miroirs nettoyés", UsedMs = 45 * 3_600_000,
        });
        var desk = new DeviceId("lecteur-accueil");
        db.Devices.Add(new Device { Id = desk, Driver = "rdm6300", Gateway = Gateway, Online = true, Firmware = "1.2.0", LastSeenAt = now - Duration.FromMinutes(1) });
        db.Devices.Add(new Device { Id = new DeviceId("noeud-vieux"), Driver = "node", Gateway = Gateway, LastSeenAt = now - Duration.FromDays(9), WithdrawnAt = now - Duration.FromDays(8), ReplacedBy = new DeviceId("noeud-las-1") });
        Wait = Guid.CreateVersion7(now.ToDateTimeOffset());
        db.BadgeEnrolments.Add(new BadgeEnrolment
        {
            Id = Wait, PersonId = Lou, DeviceId = desk, StartedBy = Ines, StartedAt = now, EndsAt = now + Duration.FromHours(1),
        });
    }

    private static PersonId Person(BookingDbContext db, Instant now, string code, string name, LocalDate? member)
    {
        var person = new Person { Id = PersonId.New(now), ShortCode = code, DisplayName = name, IsAdult = true, MemberThrough = member, CreatedAt = now };
        db.People.Add(person);
        return person.Id;
    }

    private static TrainingId Training(BookingDbContext db, Instant now, string code, string french, string english, Instant? next)
    {
        var training = new Training { Id = TrainingId.From(Ids.New<TrainingId>(now).Value), Code = code, NameFr = french, NameEn = english, ValidMonths = 24, NextSession = next };
        db.Trainings.Add(training);
        return training.Id;
    }

    private static ProjectId Project(BookingDbContext db, Instant now, string code, string name)
    {
        var project = new Project { Id = ProjectId.New(now), Code = code, Name = name };
        db.Projects.Add(project);
        return project.Id;
    }

    private void Grant(BookingDbContext db, Instant now, PersonId person, TrainingId training, HabilitationLevel level, Duration? good)
    {
        var habilitation = new Habilitation { Id = HabilitationId.New(now), PersonId = person, TrainingId = training };
        db.Habilitations.Add(habilitation);
        db.HabilitationActs.Add(new HabilitationAct
        {
            HabilitationId = habilitation.Id,
            Number = 1,
            Kind = HabilitationActKind.Granted,
            Level = level,
            ValidFrom = now - Duration.FromDays(40),
            ValidUntil = good is { } length ? now + length : null,
            By = Ines,
            At = now - Duration.FromDays(40),
            Evidence = "Formation suivie, première pièce vue.",
        });
    }

    private void Machine(BookingDbContext db, Instant now, string code, string french, string english, string type, MachineLevel level, TrainingId? training)
    {
        MachineId id = MachineId.New(now);
        Machines[code] = id;
        db.Machines.Add(Features.Machines.Machine.From(new MachineRule
        {
            Id = id,
            Code = code,
            NameFr = french,
            NameEn = english,
            Type = type,
            Level = level,
            AgeAccompanied = 12,
            AgeAlone = 16,
            Requirement = training is { } needed ? new TrainingNeed.One(needed) : null,
            LearnersWelcome = true,
            NeedsMembership = true,
            MaxSession = Duration.FromHours(2),
            LostLink = type == "printer" ? LostLinkRule.Finish : LostLinkRule.Open,
            CoolDown = type == "laser" ? new CoolDownRule(Duration.FromMinutes(3), RelayChannel.Exhaust) : null,
            Opening = new OpeningRule.Within([new OpenInterval(now - Duration.FromHours(5), now + Duration.FromMinutes(228))]),
        }));
        var device = new DeviceId($"noeud-{code.ToLowerInvariant()}");
        db.Devices.Add(new Device { Id = device, Driver = "fablab", Label = code });
        db.MachineDevices.Add(new MachineDevice { MachineId = id, Role = DeviceRole.Relay, DeviceId = device });
        db.MachineDevices.Add(new MachineDevice { MachineId = id, Role = DeviceRole.Reader, DeviceId = device });
    }

    private void Now(BookingDbContext db, Instant now, string code, MachineState state) => db.MachinesNow.Add(new MachineNow
    {
        MachineId = Machines[code],
        Gateway = Gateway,
        Epoch = 1,
        Seq = ++_seq,
        At = now,
        Code = state.Code,
        State = JsonSerializer.Serialize(state, CoreJson.Options),
    });

    private Guid Use(
        BookingDbContext db, Instant now, string code, PersonId person, ProjectId? project, Instant start,
        long powered, long working, EndReason why, double wattHours, PersonId? companion = null)
    {
        var row = new MachineTimeEntry
        {
            Id = Guid.CreateVersion7(now.ToDateTimeOffset()),
            Kind = LedgerKind.Recorded,
            EntryKey = $"s:{code}:{++_seq}",
            MachineId = Machines[code],
            SessionId = SessionId.New(start),
            PersonId = person,
            AccompaniedBy = companion,
            ProjectId = project,
            Start = start,
            End = start + Duration.FromMilliseconds(powered),
            PoweredMs = powered,
            WorkingMs = working,
            EnergyMwh = (long)(wattHours * 1000),
            EndReason = why.Code(),
            RecordedAt = now,
            Gateway = Gateway,
            Epoch = 1,
        };
        db.Ledger.Add(row);
        return row.Id;
    }

    private void Refuse(BookingDbContext db, Instant now, string code, PersonId person, AccessReason reason, Instant at)
    {
        var facts = new AccessFacts
        {
            Now = at,
            Zone = "Europe/Paris",
            Machine = new MachineFacts { Id = Machines[code], Code = code },
            Person = new PersonFacts
            {
                Id = person,
                Active = true,
                Gap = new TrainingGap(Laser, "Habilitation laser niveau 1", "Laser habilitation level 1", TrainingState.Missing, null, now + Duration.FromDays(2)),
            },
        };
        db.RefusedTaps.Add(new RefusedTap
        {
            Gateway = Gateway,
            Epoch = 1,
            Seq = ++_seq,
            MachineId = Machines[code],
            At = at,
            Reason = reason.Code(),
            PersonId = person,
            Decision = JsonSerializer.Serialize<AccessDecision>(new AccessDecision.Denied(reason, facts), CoreJson.Options),
        });
    }
}
