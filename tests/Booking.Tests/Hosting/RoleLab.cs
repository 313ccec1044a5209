using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Features.Volunteering;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Booking.Tests.Hosting;

/// <summary>
/// Somebody of every role. Trainer and machine lead are in charge of the machine that is theirs, mentor and partner look after a
/// group; of everything there is another one that is nobody's.
/// </summary>
internal sealed record RoleLab(
    IReadOnlyDictionary<Role, PersonId> People, PersonId InGroup, PersonId Stranger, MachineId OwnMachine, MachineId OtherMachine,
    TrainingId OwnTraining, TrainingId OtherTraining, HabilitationId OwnHabilitation, HabilitationId OtherHabilitation,
    LockOutId OwnLockOut, LockOutId OtherLockOut, InductionId OwnInduction, InductionId OtherInduction, Guid OwnReport, Guid OtherReport,
    TrainingSessionId OwnSession, TrainingSessionId OtherSession, TrainingSessionId OwnSessionToday, TrainingSessionId OtherSessionToday)
{
    public const string InGroupName = "Nadia du groupe";
    public const string StrangerName = "Omar d’ailleurs";

    public static string LoginOf(Role role) => $"r-{role}".ToLowerInvariant();

    public static async Task<RoleLab> InAsync(BookingHost host)
    {
        var now = host.Time.Now;
        var lab = new RoleLab(
            Rights.Roles.ToDictionary(role => role, _ => PersonId.New(now)), PersonId.New(now), PersonId.New(now), MachineId.New(now), MachineId.New(now),
            TrainingId.New(now), TrainingId.New(now), HabilitationId.New(now), HabilitationId.New(now), LockOutId.New(now), LockOutId.New(now),
            InductionId.New(now), InductionId.New(now), Guid.CreateVersion7(), Guid.CreateVersion7(),
            TrainingSessionId.New(now), TrainingSessionId.New(now), TrainingSessionId.New(now), TrainingSessionId.New(now));
        await host.WriteAsync(write =>
        {
            var db = write.Db;
            db.Trainings.Add(new Training { Id = lab.OwnTraining, Code = "laser", NameFr = "laser", NameEn = "laser" });
            db.Trainings.Add(new Training { Id = lab.OtherTraining, Code = "bois", NameFr = "bois", NameEn = "wood" });
            db.Machines.Add(Machine.From(new MachineRule
            {
                Id = lab.OwnMachine, Code = "LAS-1", NameFr = "Découpeuse laser", NameEn = "Laser cutter", Requirement = new TrainingNeed.One(lab.OwnTraining),
                Options = [new MachineOption("rotatif", "Axe rotatif", "Rotary axis", null, null, Fitted: false)],
            }));
            db.Machines.Add(Machine.From(new MachineRule
            {
                Id = lab.OtherMachine, Code = "CNC-1", NameFr = "Fraiseuse", NameEn = "Mill", Requirement = new TrainingNeed.One(lab.OtherTraining),
                Options = [new MachineOption("rotatif", "Axe rotatif", "Rotary axis", null, null, Fitted: false)],
            }));
            db.People.Add(new Person { Id = lab.InGroup, ShortCode = "J01", DisplayName = InGroupName, IsAdult = true, CreatedAt = now });
            db.People.Add(new Person { Id = lab.Stranger, ShortCode = "J02", DisplayName = StrangerName, IsAdult = true, CreatedAt = now });
            foreach (var (role, id) in lab.People)
            {
                db.People.Add(new Person { Id = id, ShortCode = LoginOf(role).ToUpperInvariant(), DisplayName = $"Qui {role}", IsAdult = true, CreatedAt = now });
                db.StaffAccounts.Add(new StaffAccount { Id = id, LoginName = LoginOf(role), Role = role, Stamp = Guid.NewGuid(), CreatedAt = now });
            }
            db.MachineDuties.Add(new MachineDuty { PersonId = lab.People[Role.Trainer], MachineId = lab.OwnMachine, Duty = Duty.Trains });
            db.MachineDuties.Add(new MachineDuty { PersonId = lab.People[Role.MachineLead], MachineId = lab.OwnMachine, Duty = Duty.Leads });
            var group = new PersonGroup { Id = Guid.CreateVersion7(), Name = "Mission locale" };
            db.PersonGroups.Add(group);
            db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = lab.InGroup, Part = GroupPart.Member });
            db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = lab.People[Role.Mentor], Part = GroupPart.LooksAfter });
            db.GroupPlaces.Add(new GroupPlace { GroupId = group.Id, PersonId = lab.People[Role.Partner], Part = GroupPart.LooksAfter });
            Hold(lab.OwnHabilitation, lab.OwnTraining);
            Hold(lab.OtherHabilitation, lab.OtherTraining);
            Lock(lab.OwnLockOut, lab.OwnMachine);
            Lock(lab.OtherLockOut, lab.OtherMachine);
            Arm(lab.OwnInduction, lab.OwnMachine, lab.OwnTraining);
            Arm(lab.OtherInduction, lab.OtherMachine, lab.OtherTraining);
            Report(lab.OwnReport, lab.OwnMachine);
            Report(lab.OtherReport, lab.OtherMachine);
            Meet(lab.OwnSession, lab.OwnTraining, now + Duration.FromDays(3));
            Meet(lab.OtherSession, lab.OtherTraining, now + Duration.FromDays(3));
            Meet(lab.OwnSessionToday, lab.OwnTraining, now - Duration.FromMinutes(1));
            Meet(lab.OtherSessionToday, lab.OtherTraining, now - Duration.FromMinutes(1));
            db.Alarms.Add(new Alarm { Gateway = BookingHost.Gateway, Epoch = 1, Seq = 1, At = now, Code = "device_silent", Detail = "", MachineId = lab.OwnMachine });
            db.Alarms.Add(new Alarm { Gateway = BookingHost.Gateway, Epoch = 1, Seq = 2, At = now, Code = "device_silent", Detail = "", MachineId = lab.OtherMachine });

            foreach (var person in lab.People.Values.Append(lab.InGroup).Append(lab.Stranger))
                Reserve(person);
            var partner = new Partner { Id = PartnerId.New(now), Name = "Mission locale" };
            db.Partners.Add(partner);
            db.PartnerPeople.Add(new PartnerPerson { PartnerId = partner.Id, PersonId = lab.People[Role.Partner] });
            var (skill, badges) = (SkillId.New(now), 0);
            db.Skills.Add(new Skill { Id = skill, NameFr = "Souder", NameEn = "Solder", Version = 1 });
            foreach (var person in lab.People.Values.Append(lab.Stranger))
                HoldSession(person);
            foreach (var person in lab.People.Values.Append(lab.Stranger))
                Make(person);

            // Under the person's own id: a job for which nobody had tapped; the stranger has said that theirs is theirs.
            void Make(PersonId person) => db.MachineJobs.Add(new MachineJobRow
            {
                Id = person.Value, MachineId = lab.OwnMachine, DeviceId = new("klipper-1"), Job = person.ToString(), StartedAt = now - Duration.FromHours(1), EndedAt = now,
                State = JobState.Done, PersonId = person == lab.Stranger ? person : null, Gateway = BookingHost.Gateway, Epoch = 1, Seq = 1,
            });

            // Under the person's own id, so that a test finds what is theirs.
            void Reserve(PersonId person)
            {
                var (id, start) = (new BookingId(person.Value), now + Duration.FromDays(1) + Duration.FromHours(db.Reservations.Local.Count));
                db.BookingSeries.Add(new SeriesRow { Id = new SeriesId(person.Value), Rule = new SeriesRule { First = new LocalDate(2026, 3, 11), Start = LocalTime.Noon, End = new LocalTime(13, 0), Count = 1 } });
                db.Reservations.Add(new Reservation
                {
                    Id = id, MachineId = lab.OwnMachine, PersonId = person, Start = start, End = start + Duration.FromHours(1), SeriesId = new SeriesId(person.Value), CreatedAt = now,
                });
                db.BookingSlots.Add(new BookingSlot { BookingId = id, MachineId = lab.OwnMachine, Place = 0, Start = start, End = start + Duration.FromHours(1) });
                db.BookingWaits.Add(new WaitRow
                {
                    Id = new WaitId(person.Value), MachineId = lab.OwnMachine, PersonId = person, Start = now + Duration.FromDays(1), End = now + Duration.FromDays(2),
                    Length = Duration.FromHours(20), CreatedAt = now,
                });
            }

            // Under the person's own id too: theirs as a mentor, or as what their organisation proposed.
            void HoldSession(PersonId person)
            {
                var id = new GroupSessionId(person.Value);
                var proposed = person == lab.People[Role.Partner];
                db.GroupSessions.Add(new GroupSession
                {
                    Id = id, Title = "Séance", State = proposed ? GroupSessionState.Proposed : GroupSessionState.Planned, Start = now - Duration.FromMinutes(1),
                    End = now + Duration.FromHours(2), CreatedAt = now, Version = 1,
                });
                db.SessionMentors.Add(new SessionMentor { SessionId = id, PersonId = person });
                db.Attendees.Add(new Attendee { Id = new AttendeeId(person.Value), SessionId = id, Number = 1, FirstName = "Ada", AddedAt = now });
                Volunteer(person);
                if (proposed)
                    db.SessionPartners.Add(new SessionPartner { SessionId = id, PartnerId = partner.Id });
            }

            // Under the person's own id as well.
            void Volunteer(PersonId person)
            {
                db.VolunteerHours.Add(new VolunteerHours
                {
                    Id = person.Value, PersonId = person, Day = now.InUtc().Date, Minutes = 60, Kind = VolunteeringKind.Desk, AddedBy = person, AddedAt = now,
                });
                db.GivenBadges.Add(new GivenBadge { Id = person.Value, PersonId = person, SkillId = skill, GivenAt = now, GivenBy = person, StatusPlace = badges++, Token = "a.b.c" });
            }

            void Hold(HabilitationId id, TrainingId training)
            {
                db.Habilitations.Add(new Habilitation { Id = id, PersonId = lab.Stranger, TrainingId = training });
                db.HabilitationActs.Add(new HabilitationAct
                {
                    HabilitationId = id, Number = 1, Kind = HabilitationActKind.Granted, Level = HabilitationLevel.Autonomous, ValidFrom = now,
                    By = lab.People[Role.Manager], At = now, Evidence = "vu",
                });
            }

            void Meet(TrainingSessionId id, TrainingId training, Instant start)
            {
                db.TrainingSessions.Add(new TrainingSession { Id = id, TrainingId = training, Start = start, End = start + Duration.FromHours(2), Places = 6 });
                db.Enrolments.Add(new Enrolment { SessionId = id, PersonId = lab.Stranger, Number = 1, EnrolledAt = now, EnrolledBy = lab.People[Role.Manager], Attendance = start < now ? Attendance.Present : Attendance.Expected });
            }

            void Arm(InductionId id, MachineId machine, TrainingId training) => db.Inductions.Add(new InductionRow
            {
                Id = id, MachineId = machine, TrainingId = training, Trainer = lab.People[Role.Manager], Level = HabilitationLevel.Autonomous,
                ArmedAt = now, ArmedUntil = now + Duration.FromMinutes(2),
            });

            void Report(Guid id, MachineId machine) => db.FaultReports.Add(new FaultReport
            {
                Id = id, MachineId = machine, At = now, Text = "fume", Photo = [0xFF, 0xD8, 0xFF],
            });

            void Lock(LockOutId id, MachineId machine) => db.LockOuts.Add(new LockOutRow
            {
                Id = id, MachineId = machine, Cause = "courroie", Author = lab.People[Role.Manager], Since = now, Release = LockOutReleaseRule.Staff,
            });
        });
        return lab;
    }
}
