using FabLab.Booking.Features;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Trainings;

/// <summary>Nobody is in two places at once without somebody having read it first.</summary>
public sealed class TrainingClashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_trainer_a_room_or_somebody_enrolled_in_two_places_is_told_first_and_staff_may_go_on(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await RoleLab.InAsync(host);
        var (sessions, enrol) = (host.Services.GetRequiredService<SetSession>(), host.Services.GetRequiredService<Enrol>());
        var manager = new StaffActor(lab.People[Role.Manager], Role.Manager);
        var trainer = lab.People[Role.Trainer];
        var start = host.Time.Now + Duration.FromDays(20);
        var (booked, mentor, learner) = (PersonId.New(host.Time.Now), PersonId.New(host.Time.Now), PersonId.New(host.Time.Now));
        await host.WriteAsync(write => SomethingElse(write.Db, write.Now, start, booked, mentor, learner));
        var two = new SessionDetails(start, 120, 6, "Salle B", trainer);

        // Nobody has anything else to do yet: nothing is asked.
        var first = Done(await sessions.AddAsync(lab.OwnTraining, two, manager, Cancel));
        Assert.True((await enrol.HandleAsync(first.Id, new EnrolmentRequest(lab.InGroup), manager, Cancel)).Done);

        // The trainer and the place of the first one, an hour later.
        var clash = await sessions.AddAsync(lab.OtherTraining, two with { Start = start + Duration.FromHours(1), Place = "salle b" }, manager, Cancel);
        Assert.Equal((Clashes.Code, 409, "evenSo"), (clash.Refusal!.Code, clash.Refusal.Status, clash.Refusal.Field));
        Assert.Contains("une séance de « ", clash.Refusal.Sentence!.Fr, StringComparison.Ordinal);
        Assert.Contains("« salle b » est déjà pris", clash.Refusal.Sentence.Fr, StringComparison.Ordinal);
        Assert.Equal(1, await host.ReadAsync(db => db.TrainingSessions.CountAsync(s => s.Start >= start && s.Start < start + Duration.FromHours(2), Cancel)));
        // What ends when another begins is not at the same time.
        Assert.True((await sessions.AddAsync(lab.OtherTraining, two with { Start = start + Duration.FromHours(2) }, manager, Cancel)).Done);
        // Told once and read: it is made.
        var second = Done(await sessions.AddAsync(lab.OtherTraining, two with { Start = start + Duration.FromHours(1), EvenSo = true }, manager, Cancel));

        // Who is enrolled there, has a booking, is on the list of a séance, or looks after one.
        foreach (var person in new[] { lab.InGroup, booked, learner, mentor })
        {
            var refused = await enrol.HandleAsync(second.Id, new EnrolmentRequest(person), manager, Cancel);
            Assert.Equal(Clashes.Code, refused.Refusal?.Code);
            Assert.NotNull(refused.Refusal!.NextStep);
        }
        Assert.Contains("une réservation de ", (await enrol.HandleAsync(second.Id, new EnrolmentRequest(booked), manager, Cancel)).Refusal!.Sentence!.Fr, StringComparison.Ordinal);
        Assert.Contains("une séance de groupe de ", (await enrol.HandleAsync(second.Id, new EnrolmentRequest(learner), manager, Cancel)).Refusal!.Sentence!.Fr, StringComparison.Ordinal);
        Assert.True((await enrol.HandleAsync(second.Id, new EnrolmentRequest(booked, EvenSo: true), manager, Cancel)).Done);

        // Moving a session asks for everybody on its list; leaving it where it is asks nothing a second time.
        var third = Done(await sessions.AddAsync(lab.OwnTraining, new SessionDetails(start + Duration.FromDays(1), 60, 6), manager, Cancel));
        Assert.True((await enrol.HandleAsync(third.Id, new EnrolmentRequest(learner), manager, Cancel)).Done);
        var moved = await sessions.ChangeAsync(third.Id, new SessionDetails(start, 60, 6, Version: 1), manager, Cancel);
        Assert.Equal(Clashes.Code, moved.Refusal?.Code);
        var version = await host.ReadAsync(db => db.TrainingSessions.Where(s => s.Id == second.Id).Select(s => s.Version).SingleAsync(Cancel));
        Assert.True((await sessions.ChangeAsync(second.Id, two with { Start = start + Duration.FromHours(1), Places = 9, Version = version }, manager, Cancel)).Done);
        // A room of the lab is known by its name, and is taken by a booking.
        var room = await sessions.ChangeAsync(third.Id, new SessionDetails(start + Duration.FromHours(30), 60, 6, "Salle de réunion", Version: 1), manager, Cancel);
        Assert.Contains("une réservation de ", room.Refusal!.Sentence!.Fr, StringComparison.Ordinal);
        Assert.True((await sessions.ChangeAsync(third.Id, new SessionDetails(start + Duration.FromHours(30), 60, 6, "Salle de réunion", Version: 1, EvenSo: true), manager, Cancel)).Done);
    }

    [Fact]
    public async Task A_session_that_is_cancelled_says_who_did_it_and_why_in_the_audit()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var manager = new StaffActor(lab.People[Role.Manager], Role.Manager);
        var sessions = host.Services.GetRequiredService<SetSession>();
        var session = Done(await sessions.AddAsync(lab.OwnTraining, new SessionDetails(host.Time.Now + Duration.FromDays(20), 60, 6), manager, Cancel));

        Assert.Equal(400, (await sessions.CancelAsync(session.Id, new SessionCancel("  ", 0), manager, Cancel)).Refusal?.Status);
        Assert.True((await sessions.CancelAsync(session.Id, new SessionCancel("Le laser est en panne", 0), manager, Cancel)).Done);
        Assert.Equal("session_cancelled", (await sessions.CancelAsync(session.Id, new SessionCancel("Encore", 1), manager, Cancel)).Refusal?.Code);

        var line = await host.ReadAsync(db => db.Audit.SingleAsync(a => a.Action == "training_session.cancelled", Cancel));
        var said = await host.ReadAsync(db => db.AuditValues.SingleAsync(v => v.Seq == line.Seq, Cancel));
        Assert.Equal((manager.Id, session.Id.Value, "Le laser est en panne"), (said.By, said.Subject, said.Detail));
    }

    private static void SomethingElse(FabLab.Booking.Data.BookingDbContext db, Instant now, Instant start, PersonId booked, PersonId mentor, PersonId learner)
    {
        db.People.AddRange(new[] { booked, mentor, learner }.Select((id, i) => new Features.People.Person { Id = id, ShortCode = $"C{i}", IsAdult = true, CreatedAt = now }));
        var room = Machine.From(new Core.Policy.MachineRule { Id = MachineId.New(now), Code = "SAL-B", NameFr = "Salle de réunion", NameEn = "Meeting room" });
        room.Kind = ResourceKind.Room;
        db.Machines.Add(room);
        var (mine, whole) = (BookingId.New(now), BookingId.New(now));
        db.Reservations.Add(new Reservation { Id = mine, MachineId = room.Id, PersonId = booked, Start = start + Duration.FromHours(1), End = start + Duration.FromHours(2) });
        db.Reservations.Add(new Reservation { Id = whole, MachineId = room.Id, Start = start + Duration.FromHours(30), End = start + Duration.FromHours(31) });
        db.BookingSlots.Add(new BookingSlot { BookingId = whole, MachineId = room.Id, Place = 0, Start = start + Duration.FromHours(30), End = start + Duration.FromHours(31) });
        var seance = new GroupSession { Id = GroupSessionId.New(now), Title = "Séance", Start = start, End = start + Duration.FromHours(3) };
        db.GroupSessions.Add(seance);
        db.SessionMentors.Add(new SessionMentor { SessionId = seance.Id, PersonId = mentor });
        db.Attendees.Add(new Attendee { Id = AttendeeId.New(now), SessionId = seance.Id, Number = 1, PersonId = learner, AddedAt = now });
    }

    private static T Done<T>(Outcome<T> outcome)
    {
        Assert.Null(outcome.Refusal);
        return outcome.Value;
    }
}
