using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Features.Volunteering;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Tests.Reports;

/// <summary>
/// Rows as the door, the sheets and the machines leave them: forty days of visits with and without a name, séances of two programmes and
/// two strands, ledger rows with corrections.
/// </summary>
internal sealed record ReportLab(ProgrammeId Beginners, ProgrammeId Others, StrandId Town, StrandId Region)
{
    public const string Name = "Prénom Secret";
    /// <summary>Where séances away from the lab are held.</summary>
    public const string Library = "Médiathèque & parvis";

    public static readonly Instant First = Instant.FromUtc(2026, 1, 5, 0, 0);

    public static async Task<ReportLab> InAsync(BookingHost host)
    {
        var now = host.Time.Now;
        var random = new Random(11);
        var lab = new ReportLab(ProgrammeId.New(now), ProgrammeId.New(now), StrandId.New(now), StrandId.New(now));
        PersonId[] people = [.. Enumerable.Range(0, 30).Select(_ => PersonId.New(now))];
        ProjectId[] projects = [.. Enumerable.Range(0, 4).Select(_ => ProjectId.New(now))];
        MachineId[] machines = [MachineId.New(now), MachineId.New(now)];
        await host.WriteAsync(write =>
        {
            var db = write.Db;
            for (var place = 0; place < people.Length; place++)
            {
                db.People.Add(new Person
                {
                    Id = people[place], ShortCode = $"P{place:00}", DisplayName = $"{Name} {place}", IsAdult = place % 3 != 0,
                    BirthDate = place % 3 == 0 ? new LocalDate(2009 + (place / 3), 1, 20) : null, CreatedAt = now,
                });
            }
            // Half of them said something of themselves.
            for (var place = 0; place < people.Length; place += 2)
                db.PersonDetails.Add(new PersonDetails { PersonId = people[place], Gender = (Gender)random.Next(3), Occupation = (Occupation)random.Next(5), PriorityArea = (PriorityArea)random.Next(3), Version = 1 });
            foreach (var kind in Enum.GetValues<VolunteeringKind>())
            {
                db.VolunteerHours.Add(new VolunteerHours
                {
                    Id = Guid.CreateVersion7(), PersonId = people[(int)kind], Day = First.InUtc().Date.PlusDays((int)kind * 10), Minutes = 90 + (int)kind, Kind = kind, AddedBy = people[0], AddedAt = now,
                    TakenOut = kind == VolunteeringKind.Other,
                });
            }
            string[] types = ["créatif", "solidaire", "créatif", ""];
            for (var place = 0; place < projects.Length; place++)
                db.Projects.Add(new Project { Id = projects[place], Code = $"pr{place}", Name = $"Projet {place}", Type = types[place], Version = 1 });
            var funder = FunderId.New(now);
            db.Funders.Add(new Funder { Id = funder, Name = "Métropole", Version = 1 });
            db.FunderStrands.Add(new FunderStrand { Id = lab.Town, FunderId = funder, Name = "Politique de la ville", Code = "PDV" });
            db.FunderStrands.Add(new FunderStrand { Id = lab.Region, FunderId = funder, Name = "Région", Code = "REG" });
            db.Programmes.Add(new Programme { Id = lab.Beginners, NameFr = "Initiation", GoalSessions = 12, GoalPeople = 40, GoalHours = 300, Version = 1 });
            db.Programmes.Add(new Programme { Id = lab.Others, NameFr = "Suite", Version = 1 });
            for (var day = 0; day < 40; day++)
                Day(First + Duration.FromDays(day));

            void Day(Instant day)
            {
                var id = GroupSessionId.New(day);
                var (start, hours) = (day + Duration.FromHours(9), random.Next(1, 4));
                var state = random.Next(6) switch { 0 => GroupSessionState.Planned, 1 => GroupSessionState.Cancelled, 2 => GroupSessionState.Locked, _ => GroupSessionState.Done };
                var end = start + Duration.FromHours(hours);
                // Every third one is away from the lab.
                var away = start.ToUnixTimeSeconds() / 86_400 % 3 == 0;
                var session = new GroupSession
                {
                    Id = id, Title = "Lampes; et \"reste\"", ProgrammeId = random.Next(3) switch { 0 => null, 1 => lab.Others, _ => lab.Beginners }, State = state, Start = start, End = end,
                    OpenedAt = start - Duration.FromMinutes(random.Next(-5, 10)), ClosedAt = end + Duration.FromMinutes(random.Next(-20, 20)),
                    PlaceKind = away ? PlaceKind.Elsewhere : PlaceKind.Lab, Place = away ? Library : "", Themes = SessionThemes.Creating, Materials = SessionMaterials.Computer, CreatedAt = now, Version = 1,
                };
                db.GroupSessions.Add(session);
                foreach (var strand in new[] { lab.Town, lab.Region }.Where(_ => random.Next(2) == 0))
                    db.SessionStrands.Add(new SessionStrand { SessionId = id, StrandId = strand });
                var number = 0;
                foreach (var person in people.OrderBy(_ => random.Next()).Take(random.Next(0, 9)))
                {
                    var came = start + Duration.FromMinutes(random.Next(-10, 30));
                    Line(id, ++number, person, random.Next(5) == 0 ? AttendanceStatus.Absent : AttendanceStatus.Present, came, random.Next(2) == 0 ? null : came + Duration.FromMinutes(random.Next(10, 150)));
                    // By the door too, with and without the séance named.
                    if (random.Next(2) == 0)
                        Visit(person, came, came + Duration.FromHours(4), random.Next(2) == 0 ? id : null, random.Next(9) == 0);
                    Use(person, start + Duration.FromMinutes(random.Next(-30, 240)));
                }
                for (var unnamed = random.Next(0, 4); unnamed > 0; unnamed--)
                    Line(id, ++number, null, AttendanceStatus.Present, start, null);
                foreach (var band in new[] { AgeBand.From12To17, AgeBand.Under12 }.Where(_ => random.Next(3) == 0))
                    db.AttendanceCounts.Add(new AttendanceCount { SessionId = id, Band = band, Gender = (Gender)random.Next(3), Occupation = Occupation.School, Known = false, Number = random.Next(1, 12) });
                for (var nameless = random.Next(0, 6); nameless > 0; nameless--)
                    Visit(null, start + Duration.FromMinutes(random.Next(60)), null, id, false);
                for (var own = random.Next(2, 9); own > 0; own--)
                    Visit(random.Next(3) == 0 ? null : people[random.Next(people.Length)], day + Duration.FromMinutes(random.Next(960, 1300)), day + Duration.FromHours(22), null, random.Next(9) == 0);
                Use(null, day + Duration.FromHours(15));
            }

            void Line(GroupSessionId session, int number, PersonId? person, AttendanceStatus status, Instant came, Instant? left) => db.Attendees.Add(new Attendee
            {
                Id = AttendeeId.New(now), SessionId = session, Number = number, PersonId = person, Status = status, Way = AttendanceWay.Ticked, ArrivedAt = came, LeftAt = left, AddedAt = now,
                Band = person is null ? (AgeBand)random.Next(1, 9) : random.Next(4) == 0 ? AgeBand.From25To39 : null, Gender = (Gender)random.Next(3), Occupation = (Occupation)random.Next(5), PriorityArea = (PriorityArea)random.Next(3),
            });

            void Visit(PersonId? person, Instant at, Instant? left, GroupSessionId? session, bool takenOut) => db.Visits.Add(new Visit
            {
                Id = VisitId.New(at), PersonId = person, ArrivedAt = at, LeftAt = left ?? (person is null ? null : at + Duration.FromHours(1)), Way = person is null ? VisitWay.NoName : VisitWay.Badge,
                AgeBand = person is null && random.Next(4) != 0 ? (AgeBand)random.Next(1, 9) : null, First = random.Next(6) == 0,
                Reason = random.Next(3) switch { 0 => null, 1 => "machine", _ => "visit" }, GroupSessionId = session?.Value, TakenOut = takenOut, Version = 1,
            });

            void Use(PersonId? person, Instant at)
            {
                var row = Row(LedgerKind.Recorded, random.Next(1, 9_000_000), null);
                db.Ledger.Add(row);
                if (random.Next(6) == 0)
                    db.Ledger.Add(Row(LedgerKind.Reversal, -row.PoweredMs, row));

                MachineTimeEntry Row(LedgerKind kind, long powered, MachineTimeEntry? of) => new()
                {
                    Id = Guid.CreateVersion7(), Kind = kind, EntryKey = of?.EntryKey ?? $"s:{Guid.NewGuid()}", MachineId = machines[powered % 2 == 0 ? 0 : 1], SessionId = of is null ? person is null ? null : SessionId.New(at) : of.SessionId,
                    PersonId = person, ProjectId = of is null ? random.Next(5) is var pick && pick < projects.Length ? projects[pick] : null : of.ProjectId, Start = at, End = at + Duration.FromHours(1),
                    PoweredMs = powered, WorkingMs = powered / 2, Corrects = of?.Id, RecordedAt = now, Gateway = "lab", Epoch = 1,
                };
            }
        });
        return lab;
    }
}
