using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Tests.Api;

/// <summary>The right role and the wrong person: where a right reaches only one's own, what is not one's own is refused on the server.</summary>
public sealed class OwnOnlyTests
{
    /// <summary>For each endpoint whose right stops at one's own for some role: how it is called, for what is one's own and for what is not.</summary>
    private static readonly Dictionary<string, Func<RoleLab, bool, Call>> Calls = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/people/{id:guid}/habilitations"] = (lab, own) => new(
            $"api/v1/people/{lab.InGroup}/habilitations", new { training = (own ? lab.OwnTraining : lab.OtherTraining).Value, level = "autonomous", evidence = "vu" }),
        ["POST /api/v1/habilitations/{id:guid}/suspend"] = (lab, own) => Act(lab, own, "suspend", 1),
        ["POST /api/v1/habilitations/{id:guid}/resume"] = (lab, own) => Act(lab, own, "resume", 2),
        ["POST /api/v1/habilitations/{id:guid}/withdraw"] = (lab, own) => Act(lab, own, "withdraw", 3),
        ["POST /api/v1/lock-outs/{id:guid}/release"] = (lab, own) => new($"api/v1/lock-outs/{(own ? lab.OwnLockOut : lab.OtherLockOut).Value}/release", new { }),
        ["POST /api/v1/machines/{id:guid}/lock-outs"] = (lab, own) => new(
            $"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/lock-outs", new { cause = "courroie", mode = "immediate", release = "staff" }),
        ["PUT /api/v1/machines/{id:guid}/service"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/service", new { version = 0, brokenCause = "" }),
        ["PUT /api/v1/people/{id:guid}/presence"] = (lab, own) => new($"api/v1/people/{(own ? lab.InGroup : lab.Stranger).Value}/presence", new { }),
        ["POST /api/v1/people/{id:guid}/presence/back"] = (lab, own) => new($"api/v1/people/{(own ? lab.InGroup : lab.Stranger).Value}/presence/back", new { since = new FabLab.Testing.ManualTime().Now.ToUnixTimeMilliseconds() }),
        ["DELETE /api/v1/people/{id:guid}/presence"] = (lab, own) => new($"api/v1/people/{(own ? lab.InGroup : lab.Stranger).Value}/presence", null),
        ["POST /api/v1/alarms/seen"] = (_, own) => new("api/v1/alarms/seen", new { gateway = BookingHost.Gateway, epoch = 1, seq = own ? 1 : 2 }),
        ["POST /api/v1/sign-in-links"] = (_, own) => new("api/v1/sign-in-links", new { login = RoleLab.LoginOf(own ? Role.Member : Role.Manager) }),

        ["POST /alarms/seen"] = (_, own) => new("alarms/seen", null, new() { ["gateway"] = BookingHost.Gateway, ["epoch"] = "1", ["seq"] = own ? "1" : "2" }),
        ["POST /api/v1/people/{id:guid}/sign-in"] = (lab, own) => new($"api/v1/people/{(own ? lab.InGroup : lab.People[Role.Manager]).Value}/sign-in", new { }),
        ["POST /people/{id:guid}/sign-in"] = (lab, own) => new($"people/{(own ? lab.InGroup : lab.People[Role.Manager]).Value}/sign-in", null, []),
        ["GET /people/{id:guid}"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["GET /people/{id:guid}/minor"] = (lab, own) => new($"people/{(own ? lab.InGroup : lab.Stranger)}/minor", null),
        // The people of one's groups too: everything about them is theirs alone.
        ["GET /people/{id:guid}/data"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.InGroup.Value)}/data", null),
        ["GET /people/{id:guid}/data.json"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.InGroup.Value)}/data.json", null),
        ["GET /people/{id:guid}/details"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.InGroup.Value)}/details", null),
        ["POST /people/{id:guid}/details"] = (lab, own) => new(
            $"people/{(own ? Guid.Empty : lab.InGroup.Value)}/details", null, new() { ["gender"] = "NotSaid", ["occupation"] = "NotSaid", ["area"] = "NotSaid", ["version"] = own ? "1" : "0" }),
        ["PUT /api/v1/people/{id:guid}/details"] = (lab, own) => new(
            $"api/v1/people/{(own ? Guid.Empty : lab.InGroup.Value)}/details", new { version = 0, gender = "notSaid", occupation = "notSaid", priorityArea = "notSaid" }),
        ["GET /people/{id:guid}/recognition"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.Stranger.Value)}/recognition", null),
        ["GET /recognition/{id:guid}/badge.png"] = (lab, own) => new($"recognition/{(own ? Guid.Empty : lab.Stranger.Value)}/badge.png", null),
        ["GET /recognition/{id:guid}/badge.jwt"] = (lab, own) => new($"recognition/{(own ? Guid.Empty : lab.Stranger.Value)}/badge.jwt", null),
        ["GET /recognition/{id:guid}/paper"] = (lab, own) => new($"recognition/{(own ? Guid.Empty : lab.Stranger.Value)}/paper", null),
        ["GET /volunteering"] = (_, own) => new("volunteering", null),
        ["GET /volunteering.csv"] = (_, own) => new("volunteering.csv", null),
        ["GET /people/{id:guid}/volunteering"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.InGroup.Value)}/volunteering", null),
        ["POST /people/{id:guid}/volunteering"] = (lab, own) => new(
            $"people/{(own ? Guid.Empty : lab.InGroup.Value)}/volunteering", null, new() { ["day"] = Today, ["hours"] = "1,5", ["kind"] = "Workshop" }),
        ["POST /api/v1/people/{id:guid}/volunteering"] = (lab, own) => new($"api/v1/people/{(own ? Guid.Empty : lab.InGroup.Value)}/volunteering", new { day = Today, minutes = 30, kind = "desk" }),
        ["POST /api/v1/volunteering/{id:guid}/take-out"] = (lab, own) => new($"api/v1/volunteering/{(own ? Guid.Empty : lab.Stranger.Value)}/take-out", new { }),
        ["POST /api/v1/volunteering/{id:guid}/restore"] = (lab, own) => new($"api/v1/volunteering/{(own ? Guid.Empty : lab.Stranger.Value)}/restore", new { }),
        ["POST /volunteering/take-out"] = (lab, own) => new("volunteering/take-out", null, new() { ["row"] = (own ? Guid.Empty : lab.Stranger.Value).ToString() }),
        ["POST /volunteering/restore"] = (lab, own) => new("volunteering/restore", null, new() { ["row"] = (own ? Guid.Empty : lab.Stranger.Value).ToString() }),
        ["GET /api/v1/people/{id:guid}/data"] = (lab, own) => new($"api/v1/people/{(own ? Guid.Empty : lab.InGroup.Value)}/data", null),
        ["POST /people"] = (_, own) => new("people", null, new() { ["q"] = "a" }),
        ["GET /people"] = (_, own) => new("people", null),
        ["GET /alarms"] = (_, own) => new("alarms", null),
        ["POST /machines/{code}/lock-out"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/lock-out", null, new() { ["cause"] = "courroie" }),
        ["POST /machines/{code}/release"] = (lab, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/release", null, new() { ["lockOut"] = (own ? lab.OwnLockOut : lab.OtherLockOut).Value.ToString() }),
        ["PUT /api/v1/machines/{id:guid}/care"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/care", new { version = 0, protection = "lunettes" }),
        ["POST /api/v1/machines/{id:guid}/maintenance"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/maintenance", new { note = "graissé" }),
        ["POST /api/v1/fault-reports/{id:guid}/close"] = (lab, own) => new($"api/v1/fault-reports/{(own ? lab.OwnReport : lab.OtherReport)}/close", new { }),
        ["POST /api/v1/machine-jobs/{id:guid}/maker"] = (lab, own) => new(
            $"api/v1/machine-jobs/{(own ? Guid.Empty : lab.Stranger.Value)}/maker", new { version = 0, person = own ? Guid.Empty : lab.Stranger.Value }),
        ["GET /machines/{code}/jobs"] = (_, own) => new("machines/LAS-1/jobs", null),
        ["POST /machines/{code}/jobs/{id:guid}"] = (lab, own) => new(
            $"machines/LAS-1/jobs/{(own ? Guid.Empty : lab.Stranger.Value)}", null, new() { ["version"] = "0" }),
        ["POST /machines/{code}/jobs/{id:guid}/give-back"] = (lab, own) => new(
            $"machines/LAS-1/jobs/{(own ? Guid.Empty : lab.Stranger.Value)}/give-back", null, new() { ["version"] = "0" }),
        ["GET /machines/{code}/care"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/care", null),
        ["GET /fault-reports/{id:guid}/photo"] = (lab, own) => new($"fault-reports/{(own ? lab.OwnReport : lab.OtherReport)}/photo", null),
        ["POST /machines/{code}/fault-close"] = (lab, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/fault-close", null, new() { ["report"] = (own ? lab.OwnReport : lab.OtherReport).ToString() }),
        ["POST /machines/{code}/care"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/care", null, new() { ["version"] = "0", ["protection"] = "lunettes" }),
        ["POST /machines/{code}/maintenance"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/maintenance", null, new() { ["last"] = "0", ["note"] = "graissé" }),
        ["POST /machines/{code}/service"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/service", null, new() { ["version"] = "0", ["cause"] = "courroie", ["rule"] = "Staff" }),
        ["POST /people/{id:guid}/habilitations/grant"] = (lab, own) => new(
            $"people/{lab.InGroup}/habilitations/grant", null,
            new() { ["training"] = (own ? lab.OwnTraining : lab.OtherTraining).Value.ToString(), ["level"] = "Autonomous", ["evidence"] = "vu" }),
        ["POST /people/{id:guid}/habilitations/withdraw"] = (lab, own) => new(
            $"people/{lab.Stranger}/habilitations/withdraw", null,
            new() { ["habilitation"] = (own ? lab.OwnHabilitation : lab.OtherHabilitation).Value.ToString(), ["seen"] = "1", ["evidence"] = "vu" }),
        ["POST /api/v1/habilitations/{id:guid}/undo"] = (lab, own) => new(
            $"api/v1/habilitations/{(own ? lab.OwnHabilitation : lab.OtherHabilitation).Value}/undo", new { act = 4 }),
        // For what is theirs the answer is that no reader is bound there.
        ["POST /api/v1/machines/{id:guid}/induction"] = (lab, own) => new(
            $"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/induction", new { training = (own ? lab.OwnTraining : lab.OtherTraining).Value, level = "autonomous" }),
        ["POST /api/v1/inductions/{id:guid}/cancel"] = (lab, own) => new($"api/v1/inductions/{(own ? lab.OwnInduction : lab.OtherInduction).Value}/cancel", new { }),
        ["PUT /api/v1/machines/{id:guid}/rules"] = (lab, own) => new(
            $"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/rules",
            new
            {
                level = "orange", needsMembership = false, needsCheckIn = false, needsProject = false, needsSecondPerson = false, learnersWelcome = false, version = 1,
            }),
        ["PUT /api/v1/machines/{id:guid}/options/{code}"] = (lab, own) => new(
            $"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/options/rotatif", new { fitted = true }),

        ["POST /api/v1/trainings/{id:guid}/sessions"] = (lab, own) => new(
            $"api/v1/trainings/{(own ? lab.OwnTraining : lab.OtherTraining).Value}/sessions", new { start = Start, minutes = 120, places = 6 }),
        ["PUT /api/v1/training-sessions/{id:guid}"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}", new { start = Start, minutes = 120, places = 6, version = 0 }),
        ["POST /api/v1/training-sessions/{id:guid}/cancel"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}/cancel", new { why = "panne", version = 1 }),
        ["POST /api/v1/training-sessions/{id:guid}/resume"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}/resume", new { version = 2 }),
        // Oneself; and not a stranger.
        ["POST /api/v1/training-sessions/{id:guid}/enrolments"] = (lab, own) => new(
            $"api/v1/training-sessions/{lab.OtherSession.Value}/enrolments", own ? new { } : new { person = lab.Stranger.Value }),
        ["POST /api/v1/training-sessions/{id:guid}/leave"] = (lab, own) => new(
            $"api/v1/training-sessions/{lab.OtherSession.Value}/leave", own ? new { } : new { person = lab.Stranger.Value }),
        ["POST /api/v1/training-sessions/{id:guid}/arrivals"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/arrivals", new { person = lab.InGroup.Value }),
        ["POST /api/v1/training-sessions/{id:guid}/attendance"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/attendance", new { person = lab.Stranger.Value, attendance = "present" }),
        ["POST /api/v1/training-sessions/{id:guid}/habilitations"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/habilitations",
            new { level = "autonomous", people = new[] { lab.Stranger.Value }, version = 1 }),
        ["POST /api/v1/training-sessions/{id:guid}/habilitations/undo"] = (lab, own) => new(
            $"api/v1/training-sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/habilitations/undo", new { batch = 1 }),
        ["POST /trainings/{id:guid}/sessions"] = (lab, own) => new(
            $"trainings/{(own ? lab.OwnTraining : lab.OtherTraining).Value}/sessions", null,
            new() { ["day"] = "2026-12-20", ["time"] = "18:00", ["minutes"] = "60", ["places"] = "4" }),
        ["POST /trainings/sessions/{id:guid}/find"] = (lab, own) => new($"trainings/sessions/{lab.OtherSession.Value}/find", null, new() { ["q"] = "a" }),
        ["POST /trainings/sessions/{id:guid}/enrol"] = (lab, own) => new(
            $"trainings/sessions/{lab.OtherSession.Value}/enrol", null, own ? [] : new() { ["person"] = lab.Stranger.ToString() }),
        ["POST /trainings/sessions/{id:guid}/leave"] = (lab, own) => new(
            $"trainings/sessions/{lab.OtherSession.Value}/leave", null, own ? [] : new() { ["person"] = lab.Stranger.ToString() }),
        ["POST /trainings/sessions/{id:guid}/add"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/add", null, new() { ["person"] = lab.InGroup.ToString() }),
        ["POST /trainings/sessions/{id:guid}/attendance"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/attendance", null,
            new() { ["person"] = lab.InGroup.ToString(), ["mark"] = "Absent", ["seen"] = "Present" }),
        ["POST /trainings/sessions/{id:guid}/give"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/give", null,
            new() { ["give"] = lab.Stranger.ToString(), ["level"] = "Autonomous", ["version"] = "0" }),
        ["POST /trainings/sessions/{id:guid}/give/undo"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSessionToday : lab.OtherSessionToday).Value}/give/undo", null, new() { ["batch"] = "1" }),
        ["POST /trainings/sessions/{id:guid}/change"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}/change", null,
            new() { ["day"] = "2026-12-20", ["time"] = "18:00", ["minutes"] = "60", ["places"] = "4", ["version"] = "3" }),
        ["POST /trainings/sessions/{id:guid}/cancel"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}/cancel", null, new() { ["why"] = "panne", ["version"] = "0" }),
        ["POST /trainings/sessions/{id:guid}/resume"] = (lab, own) => new(
            $"trainings/sessions/{(own ? lab.OwnSession : lab.OtherSession).Value}/resume", null, new() { ["version"] = "0" }),
        // Everybody has a booking, a series and a place on the waiting list under their own id: see RoleLab.
        ["POST /api/v1/bookings"] = (lab, own) => new("api/v1/bookings", new
        {
            machine = lab.OtherMachine.Value, start = Start, end = Start + 3_600_000, person = own ? (Guid?)null : lab.Stranger.Value,
        }),
        ["GET /api/v1/bookings"] = (_, own) => new("api/v1/bookings", null),
        ["GET /api/v1/bookings/{id:guid}"] = (lab, own) => new($"api/v1/bookings/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["PATCH /api/v1/bookings/{id:guid}"] = (lab, own) => new($"api/v1/bookings/{(own ? Guid.Empty : lab.Stranger.Value)}", new { note = "bois" }),
        ["DELETE /api/v1/bookings/{id:guid}"] = (lab, own) => new($"api/v1/bookings/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["POST /api/v1/bookings/{id:guid}/restore"] = (lab, own) => new($"api/v1/bookings/{(own ? Guid.Empty : lab.Stranger.Value)}/restore", new { }),
        ["POST /api/v1/booking-series/preview"] = (lab, own) => new("api/v1/booking-series/preview", Weekly(lab, own)),
        ["POST /api/v1/booking-series"] = (lab, own) => new("api/v1/booking-series", Weekly(lab, own)),
        ["DELETE /api/v1/booking-series/{id:guid}"] = (lab, own) => new($"api/v1/booking-series/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["POST /api/v1/booking-waits"] = (lab, own) => new("api/v1/booking-waits", new
        {
            machine = lab.OtherMachine.Value, start = Start, end = Start + 7_200_000, length = 3_600_000, person = own ? (Guid?)null : lab.Stranger.Value,
        }),
        ["GET /api/v1/booking-waits"] = (_, own) => new("api/v1/booking-waits", null),
        ["POST /api/v1/booking-waits/{id:guid}/answer"] = (lab, own) => new($"api/v1/booking-waits/{(own ? Guid.Empty : lab.Stranger.Value)}/answer", new { take = false }),
        ["DELETE /api/v1/booking-waits/{id:guid}"] = (lab, own) => new($"api/v1/booking-waits/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["GET /book"] = (lab, own) => new($"book{(own ? "" : $"?for={lab.Stranger}")}", null),
        ["POST /book/for"] = (_, own) => new("book/for", null, new() { ["q"] = "a" }),
        ["GET /book/{key}"] = (lab, own) => new($"book/LAS-1{(own ? "" : $"?for={lab.Stranger}")}", null),
        ["POST /book/{key}"] = (lab, own) => new("book/CNC-1", null, Wished(lab, own)),
        ["POST /book/{key}/wait"] = (lab, own) => new("book/CNC-1/wait", null, Wished(lab, own)),
        ["POST /book/{key}/series"] = (lab, own) => new("book/CNC-1/series", null, Wished(lab, own)),
        ["POST /book/{key}/series/book"] = (lab, own) => new("book/CNC-1/series/book", null, Wished(lab, own)),
        ["GET /bookings/mine"] = (_, own) => new("bookings/mine", null),
        // The series of the API was cancelled above: first it comes back.
        ["POST /bookings/{id:guid}/restore"] = (lab, own) => new($"bookings/{(own ? Guid.Empty : lab.Stranger.Value)}/restore", null, []),
        ["GET /bookings/{id:guid}"] = (lab, own) => new($"bookings/{(own ? Guid.Empty : lab.Stranger.Value)}", null),
        ["POST /bookings/{id:guid}/change"] = (lab, own) => new($"bookings/{(own ? Guid.Empty : lab.Stranger.Value)}/change", null, new()
        {
            ["fromDay"] = "2026-03-20", ["fromTime"] = "10:00", ["untilDay"] = "2026-03-20", ["untilTime"] = "11:00",
        }),
        ["POST /bookings/{id:guid}/end"] = (lab, own) => new($"bookings/{(own ? Guid.Empty : lab.Stranger.Value)}/end", null, new() { ["end"] = "2026-03-20T11:30:00Z" }),
        ["POST /bookings/series/{id:guid}/cancel"] = (lab, own) => new($"bookings/series/{(own ? Guid.Empty : lab.Stranger.Value)}/cancel", null, []),
        ["POST /bookings/{id:guid}/cancel"] = (lab, own) => new($"bookings/{(own ? Guid.Empty : lab.Stranger.Value)}/cancel", null, []),
        ["POST /bookings/waits/{id:guid}/take"] = (lab, own) => new($"bookings/waits/{(own ? Guid.Empty : lab.Stranger.Value)}/take", null, []),
        ["POST /bookings/waits/{id:guid}/leave"] = (lab, own) => new($"bookings/waits/{(own ? Guid.Empty : lab.Stranger.Value)}/leave", null, []),
        ["POST /api/v1/bookings/for"] = (_, own) => new("api/v1/bookings/for", new { search = "a" }),
        ["GET /api/v1/bookables"] = (_, own) => new("api/v1/bookables", null),
        ["GET /api/v1/machines/{id:guid}/free-times"] = (lab, own) => new($"api/v1/machines/{lab.OwnMachine}/free-times", null),
        ["GET /api/v1/pools/{id:guid}/free-times"] = (_, own) => new($"api/v1/pools/{Guid.Empty}/free-times", null),
        ["GET /people/{id:guid}/passport"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.Stranger.Value)}/passport", null),
        ["GET /habilitations"] = (_, own) => new("habilitations", null),
        ["POST /habilitations"] = (_, own) => new("habilitations", null, new() { ["q"] = "a" }),
        ["GET /habilitations/expiring"] = (_, own) => new("habilitations/expiring", null),
        ["POST /habilitations/set"] = (_, own) => new("habilitations/set", null, new() { ["cell"] = $"J01/{(own ? "LAS-1" : "CNC-1")}/0", ["do"] = "autonomous" }),
        ["POST /habilitations/undo"] = (lab, own) => new(
            "habilitations/undo", null, new() { ["habilitation"] = (own ? lab.OwnHabilitation : lab.OtherHabilitation).Value.ToString(), ["act"] = "1" }),
        ["POST /habilitations/renew"] = (lab, own) => new(
            "habilitations/renew", null, new() { ["habilitation"] = (own ? lab.OwnHabilitation : lab.OtherHabilitation).Value.ToString(), ["seen"] = "1" }),
        ["GET /machines/{code}/train"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/train", null),
        ["POST /machines/{code}/train"] = (lab, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/train", null, new() { ["training"] = (own ? lab.OwnTraining : lab.OtherTraining).Value.ToString() }),
        ["POST /machines/{code}/train/cancel"] = (lab, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/train/cancel", null, new() { ["induction"] = (own ? lab.OwnInduction : lab.OtherInduction).Value.ToString() }),
        ["PUT /api/v1/machines/{id:guid}/hours"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/hours", new { version = 0 }),
        ["POST /api/v1/machines/{id:guid}/hours/undo"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/hours/undo", new { version = 1 }),
        ["PUT /api/v1/booking-terms/{scope}"] = (lab, own) => new(
            own ? $"api/v1/booking-terms/machine:{lab.OwnMachine.Value}" : "api/v1/booking-terms/site", new { terms = new { capacity = 1 }, version = 0 }),
        ["GET /api/v1/machines/{id:guid}/hours"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/hours", null),
        ["GET /api/v1/machines/{id:guid}/booking-end"] = (lab, own) => new($"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/booking-end", null),
        ["GET /api/v1/booking-terms/{scope}"] = (lab, own) => new($"api/v1/booking-terms/{(own ? $"machine:{lab.OwnMachine.Value}" : "site")}", null),
        ["GET /machines/{code}/hours"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/hours", null),
        ["POST /machines/{code}/hours"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/hours", null, new() { ["version"] = "0", ["act"] = "preview" }),
        ["POST /machines/{code}/hours/undo"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/hours/undo", null, new() { ["version"] = "2" }),
        ["POST /machines/{code}/terms"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/terms", null, new() { ["version"] = "1", ["capacity"] = "1", ["bookable"] = "on" }),
        ["POST /machines/{code}/hours/day"] = (_, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/hours/day", null, new() { ["version"] = "3", ["date"] = "2026-12-20", ["act"] = "close" }),
        ["PUT /api/v1/machines/{id:guid}/booking-end"] = (lab, own) => new(
            $"api/v1/machines/{(own ? lab.OwnMachine : lab.OtherMachine).Value}/booking-end", new { end = "let_finish", capMinutes = 5, version = 0 }),
        ["POST /machines/{code}/booking-end"] = (_, own) => new(
            $"machines/{(own ? "LAS-1" : "CNC-1")}/booking-end", null, new() { ["end"] = "LetFinish", ["cap"] = "5", ["version"] = "0" }),
        ["GET /machines/{code}/rules"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/rules", null),
        ["POST /machines/{code}/rules"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/rules", null, new() { ["level"] = "Orange", ["version"] = "0" }),
        ["POST /machines/{code}/options"] = (_, own) => new($"machines/{(own ? "LAS-1" : "CNC-1")}/options", null, new() { ["option"] = "rotatif", ["fitted"] = "false" }),
        // Everybody has a séance under their own id, with a line of the list under the same: see RoleLab. In bodies the empty id stands for it.
        ["PUT /api/v1/people/{id:guid}/pathway"] = (lab, own) => new($"api/v1/people/{(own ? Guid.Empty : lab.InGroup.Value)}/pathway", new { name = true }),
        ["GET /people/{id:guid}/pathway"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.Stranger.Value)}/pathway", null),
        ["POST /people/{id:guid}/pathway"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.InGroup.Value)}/pathway", null, new() { ["name"] = "true" }),
        ["GET /people/{id:guid}/attendance"] = (lab, own) => new($"people/{(own ? Guid.Empty : lab.Stranger.Value)}/attendance", null),
        ["POST /api/v1/group-sessions"] = (lab, own) => new(
            "api/v1/group-sessions", new { title = "Séance", start = Start, minutes = 120, group = own ? (Guid?)null : Guid.CreateVersion7() }),
        ["PUT /api/v1/group-sessions/{id:guid}"] = (lab, own) => Held(lab, own, "", new { title = "Séance", start = new FabLab.Testing.ManualTime().Now.ToUnixTimeMilliseconds(), minutes = 120, version = 1 }),
        ["POST /api/v1/group-sessions/{id:guid}/list"] = (lab, own) => Held(lab, own, "/list", new { firstNames = new[] { "Zoé" } }),
        ["POST /api/v1/group-sessions/{id:guid}/list/copy"] = (lab, own) => Held(lab, own, "/list/copy", new { }),
        ["POST /api/v1/group-sessions/{id:guid}/list/remove"] = (lab, own) => Held(lab, own, "/list/remove", new { attendee = Guid.CreateVersion7() }),
        ["POST /api/v1/group-sessions/{id:guid}/list/details"] = (lab, own) => Held(lab, own, "/list/details", new { attendee = Guid.Empty, gender = "female" }),
        ["POST /api/v1/group-sessions/{id:guid}/open"] = (lab, own) => Held(lab, own, "/open", new { }),
        ["POST /api/v1/group-sessions/{id:guid}/mentors"] = (lab, own) => Held(lab, own, "/mentors", new { person = Guid.Empty, here = true }),
        ["POST /api/v1/group-sessions/{id:guid}/marks"] = (lab, own) => Held(lab, own, "/marks", new { attendee = Guid.Empty, status = "present" }),
        ["POST /api/v1/group-sessions/{id:guid}/departures"] = (lab, own) => Held(lab, own, "/departures", new { attendee = Guid.Empty, how = "alone" }),
        ["POST /api/v1/group-sessions/{id:guid}/departures/undo"] = (lab, own) => Held(lab, own, "/departures/undo", new { attendee = Guid.Empty }),
        ["PUT /api/v1/group-sessions/{id:guid}/counts"] = (lab, own) => Held(
            lab, own, "/counts", new { band = "from12_to17", gender = "not_said", occupation = "school", known = false, number = 3 }),
        ["PUT /api/v1/group-sessions/{id:guid}/sheet"] = (lab, own) => Held(lab, own, "/sheet", new { did = "Une lampe", version = 3 }),
        ["POST /api/v1/group-sessions/{id:guid}/skills"] = (lab, own) => Held(lab, own, "/skills", new { person = Guid.Empty, skill = Guid.CreateVersion7(), mark = "validated" }),
        ["POST /api/v1/group-sessions/{id:guid}/signatures"] = (lab, own) => Held(lab, own, "/signatures", new { attendee = Guid.Empty, day = Today, half = HalfNow.ToLowerInvariant(), drawing = "M1 1L2 2" }),
        ["POST /api/v1/group-sessions/{id:guid}/signatures/undo"] = (lab, own) => Held(lab, own, "/signatures/undo", new { id = Guid.CreateVersion7() }),
        ["POST /api/v1/group-sessions/{id:guid}/correction"] = (lab, own) => Held(lab, own, "/correction", new { why = "oubli" }),
        ["POST /api/v1/group-sessions/{id:guid}/end"] = (lab, own) => Held(lab, own, "/end", new { }),
        ["POST /api/v1/group-sessions/{id:guid}/undo"] = (lab, own) => Held(lab, own, "/undo", new { }),
        ["POST /api/v1/group-sessions/{id:guid}/cancel"] = (lab, own) => Held(lab, own, "/cancel", new { why = "grève", version = 99 }),
        ["POST /api/v1/group-sessions/{id:guid}/resume"] = (lab, own) => Held(lab, own, "/resume", new { }),
        ["GET /sessions"] = (_, own) => new("sessions", null),
        ["GET /sessions/new"] = (_, own) => new("sessions/new", null),
        ["GET /programmes"] = (_, own) => new("programmes", null),
        ["GET /programmes/{id:guid}"] = (lab, own) => new($"programmes/{Guid.Empty}", null),
        ["POST /sessions/new"] = (lab, own) => new("sessions/new", null, new()
        {
            ["title"] = "Séance", ["day"] = "2026-03-20", ["hour"] = "10:00", ["minutes"] = "60", ["group"] = own ? "" : Guid.CreateVersion7().ToString(),
        }),
        ["GET /sessions/{id:guid}"] = (lab, own) => Page(lab, own, ""),
        ["POST /sessions/{id:guid}/find"] = (lab, own) => Page(lab, own, "/find", new() { ["q"] = "a" }),
        ["GET /sessions/{id:guid}/edit"] = (lab, own) => Page(lab, own, "/edit"),
        ["POST /sessions/{id:guid}/edit"] = (lab, own) => Page(lab, own, "/edit", new() { ["title"] = "Séance", ["day"] = "2026-03-20", ["hour"] = "10:00", ["minutes"] = "60", ["version"] = "99" }),
        ["POST /sessions/{id:guid}/resume"] = (lab, own) => Page(lab, own, "/resume", []),
        ["POST /sessions/{id:guid}/add"] = (lab, own) => Page(lab, own, "/add", new() { ["names"] = "Noé" }),
        ["POST /sessions/{id:guid}/copy"] = (lab, own) => Page(lab, own, "/copy", []),
        ["POST /sessions/{id:guid}/remove"] = (lab, own) => Page(lab, own, "/remove", new() { ["line"] = Guid.CreateVersion7().ToString() }),
        ["POST /sessions/{id:guid}/open"] = (lab, own) => Page(lab, own, "/open", []),
        ["POST /sessions/{id:guid}/mentor"] = (lab, own) => Page(lab, own, "/mentor", new() { ["person"] = Guid.Empty.ToString(), ["here"] = "true" }),
        ["POST /sessions/{id:guid}/mark"] = (lab, own) => Page(lab, own, "/mark", new() { ["line"] = Guid.Empty.ToString(), ["mark"] = "Present", ["seen"] = "Present" }),
        ["POST /sessions/{id:guid}/leave"] = (lab, own) => Page(lab, own, "/leave", new() { ["line"] = Guid.Empty.ToString(), ["how"] = "Alone" }),
        ["POST /sessions/{id:guid}/back"] = (lab, own) => Page(lab, own, "/back", new() { ["line"] = Guid.Empty.ToString() }),
        ["POST /sessions/{id:guid}/count"] = (lab, own) => Page(lab, own, "/count", new() { ["band"] = "From12To17", ["gender"] = "NotSaid", ["occupation"] = "School", ["number"] = "4" }),
        ["GET /sessions/{id:guid}/line"] = (lab, own) => Page(lab, own, $"/line?line={(own ? Guid.Empty : lab.Stranger.Value)}"),
        ["POST /sessions/{id:guid}/line"] = (lab, own) => Page(lab, own, "/line", new() { ["line"] = (own ? Guid.Empty : lab.Stranger.Value).ToString(), ["with"] = "sa mère" }),
        ["POST /sessions/{id:guid}/notes"] = (lab, own) => Page(lab, own, "/notes", new() { ["did"] = "Une lampe", ["version"] = "99" }),
        ["POST /sessions/{id:guid}/skill"] = (lab, own) => Page(lab, own, "/skill", new() { ["person"] = Guid.CreateVersion7().ToString(), ["skill"] = Guid.CreateVersion7().ToString(), ["mark"] = "Validated" }),
        ["POST /sessions/{id:guid}/grant"] = (lab, own) => Page(lab, own, "/grant", new() { ["person"] = lab.InGroup.ToString(), ["training"] = lab.OwnTraining.ToString(), ["level"] = "Autonomous" }),
        ["GET /sessions/{id:guid}/sheet"] = (lab, own) => Page(lab, own, "/sheet"),
        ["GET /sessions/{id:guid}/sheet.csv"] = (lab, own) => Page(lab, own, "/sheet.csv"),
        ["GET /sessions/{id:guid}/sign"] = (lab, own) => Page(lab, own, $"/sign?day={Today}&half={HalfNow}"),
        ["POST /sessions/{id:guid}/sign"] = (lab, own) => Page(lab, own, "/sign", new() { ["line"] = Guid.Empty.ToString(), ["day"] = Today, ["half"] = HalfNow, ["drawing"] = "M1 1L2 2" }),
        ["POST /sessions/{id:guid}/unsign"] = (lab, own) => Page(lab, own, "/unsign", new() { ["signature"] = Guid.CreateVersion7().ToString() }),
        ["POST /sessions/{id:guid}/correct"] = (lab, own) => Page(lab, own, "/correct", new() { ["why"] = "oubli" }),
        ["POST /sessions/{id:guid}/end"] = (lab, own) => Page(lab, own, "/end", []),
        ["POST /sessions/{id:guid}/undo"] = (lab, own) => Page(lab, own, "/undo", []),
        ["POST /sessions/{id:guid}/cancel"] = (lab, own) => Page(lab, own, "/cancel", new() { ["why"] = "grève", ["version"] = "99" }),
    };

    /// <summary>Pages that show less instead of refusing; each has a test of what it shows.</summary>
    private static readonly string[] Lists =
    [
        // One's own, and whom one may book for, which is read below.
        "GET /bookings/mine", "POST /book/for", "POST /api/v1/bookings/for",
        // Bookings and waits are read below; what can be booked, and when, says nothing of anybody.
        "GET /api/v1/bookings", "GET /api/v1/booking-waits", "GET /api/v1/bookables", "GET /api/v1/machines/{id:guid}/free-times", "GET /api/v1/pools/{id:guid}/free-times",
        // What machines made, without the names that one may not read; whose is read in its own test.
        "GET /machines/{code}/jobs",
        "GET /sessions", "GET /sessions/new", "GET /programmes", "GET /programmes/{id:guid}",
        "GET /volunteering", "GET /volunteering.csv",
        "GET /people", "POST /people", "GET /alarms", "GET /habilitations", "POST /habilitations", "GET /habilitations/expiring", "POST /trainings/sessions/{id:guid}/find",
    ];

    /// <summary>Three days after the time of these tests, in milliseconds.</summary>
    private static readonly long Start = new FabLab.Testing.ManualTime().Now.Plus(NodaTime.Duration.FromDays(3)).ToUnixTimeMilliseconds();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_endpoint_whose_right_stops_at_ones_own_is_called_as_the_wrong_person()
    {
        var stopping = EndpointTableTests.Table
            .Where(line => line.Value.Right is { } right && Rights.Roles.Any(role => Rights.Of(role, right) == Reach.Own)).Select(line => line.Key);

        Assert.Equal(stopping.Order(StringComparer.Ordinal), Calls.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_wrong_person_of_the_right_role_is_refused_and_the_right_one_is_not()
    {
        foreach (var role in Rights.Roles)
        {
            await using var host = await BookingHost.StartAsync();
            var lab = await RoleLab.InAsync(host);
            using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));
            foreach (var (endpoint, call) in Calls.Where(line => !Lists.Contains(line.Key) && Rights.Of(role, EndpointTableTests.Table[line.Key].Right!.Value) == Reach.Own))
            {
                using var foreign = await SendAsync(browser, endpoint, call(lab, false));
                var theirs = call(lab, true);
                using var own = await SendAsync(browser, endpoint, theirs.For(lab.People[role]));

                var what = $"{role}: {endpoint}";
                Assert.True(foreign.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{what} gave {foreign.StatusCode} for what is not theirs");
                Assert.True(own.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.BadRequest), $"{what} gave {own.StatusCode} for their own");
            }
        }
    }

    [Theory]
    [InlineData(Role.Manager, true, true)]
    [InlineData(Role.FrontDesk, true, true)]
    [InlineData(Role.Trainer, true, true)]
    [InlineData(Role.Mentor, true, false)]
    [InlineData(Role.Partner, true, false)]
    public async Task The_list_of_people_holds_only_those_one_may_see(Role role, bool group, bool others)
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        foreach (var search in new[] { null, "a", "omar" })
        {
            using var answer = await SendAsync(browser, search is null ? "GET /people" : "POST /people", new Call("people", null, search is null ? null : new() { ["q"] = search }));
            var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(group && search != "omar", page.Contains(RoleLab.InGroupName, StringComparison.Ordinal));
            Assert.Equal(others, page.Contains(RoleLab.StrangerName, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(Role.Manager, true, new[] { "CNC-1", "LAS-1" })]
    [InlineData(Role.FrontDesk, true, new string[0])]
    [InlineData(Role.Trainer, true, new[] { "LAS-1" })]
    [InlineData(Role.Mentor, false, new string[0])]
    [InlineData(Role.Partner, false, new string[0])]
    public async Task The_matrix_holds_those_one_may_see_and_a_touch_only_where_one_may_grant(Role role, bool others, string[] touches)
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        foreach (var search in new[] { null, "omar", "nadia" })
        {
            using var answer = await SendAsync(
                browser, search is null ? "GET /habilitations" : "POST /habilitations", new Call("habilitations", null, search is null ? null : new() { ["q"] = search }));
            var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancel));
            var rows = page.QuerySelectorAll("table.matrix tbody tr").ToDictionary(
                row => row.QuerySelector("th a")!.TextContent, row => row.QuerySelectorAll("button").Select(cell => cell.GetAttribute("value")!.Split('/')[1]).ToArray());
            Assert.Equal(search != "omar", rows.ContainsKey(RoleLab.InGroupName));
            Assert.Equal(others && search != "nadia", rows.ContainsKey(RoleLab.StrangerName));
            Assert.All(rows.Values, cells => Assert.Equal(touches, cells));
            Assert.Equal(touches.Length > 0 && rows.Count > 0, page.QuerySelector("[name=do]") is not null);
        }
    }

    [Fact]
    public async Task Of_what_ends_soon_a_trainer_sees_what_he_may_renew()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        await host.WriteAsync(write => write.Db.HabilitationActs.AddRange(new[] { lab.OwnHabilitation, lab.OtherHabilitation }.Select(id => new HabilitationAct
        {
            HabilitationId = id, Number = 2, Kind = HabilitationActKind.Renewed, Level = HabilitationLevel.Autonomous, ValidFrom = write.Now,
            ValidUntil = write.Now + Duration.FromDays(10), By = lab.People[Role.Manager], At = write.Now, Evidence = "vu",
        })));
        using var trainer = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Trainer));
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));

        Assert.Equal([lab.OwnHabilitation.ToString()], await EndingAsync(trainer));
        Assert.Equal(new[] { lab.OwnHabilitation.ToString(), lab.OtherHabilitation.ToString() }.Order(StringComparer.Ordinal), (await EndingAsync(manager)).Order(StringComparer.Ordinal));

        static async Task<string[]> EndingAsync(HttpClient browser) =>
        [
            .. new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await browser.GetStringAsync("habilitations/expiring?days=30", Cancel))
                .QuerySelectorAll("tbody input[name=habilitation]").Select(input => input.GetAttribute("value")!),
        ];
    }

    [Fact]
    public async Task A_member_reads_the_own_passport_without_the_names_of_others()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        var member = lab.People[Role.Member];
        await host.WriteAsync(write =>
        {
            var head = new Habilitation { Id = HabilitationId.New(write.Now), PersonId = member, TrainingId = lab.OwnTraining };
            write.Db.Habilitations.Add(head);
            write.Db.HabilitationActs.Add(new HabilitationAct
            {
                HabilitationId = head.Id, Number = 1, Kind = HabilitationActKind.Granted, Level = HabilitationLevel.Autonomous, ValidFrom = write.Now,
                By = lab.People[Role.Trainer], At = write.Now, Evidence = "première pièce vue",
            });
        });
        using var own = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));

        var mine = await own.GetStringAsync($"people/{member}/passport", Cancel);
        var read = await desk.GetStringAsync($"people/{member}/passport", Cancel);

        Assert.Contains("première pièce vue", WebUtility.HtmlDecode(mine), StringComparison.Ordinal);
        Assert.DoesNotContain($"Qui {Role.Trainer}", mine, StringComparison.Ordinal);
        Assert.Contains($"Qui {Role.Trainer}", read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mentor_finds_and_reads_on_a_session_only_those_of_their_groups_and_members_read_nobody()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var mentor = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Mentor));
        using var member = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Member));
        using var desk = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.FrontDesk));
        var path = $"trainings/sessions/{lab.OwnSession.Value}";

        using var answer = await SendAsync(mentor, "POST /find", new Call($"{path}/find", null, new() { ["q"] = "a" }));
        var found = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));

        Assert.Contains(RoleLab.InGroupName, found, StringComparison.Ordinal);
        Assert.DoesNotContain(RoleLab.StrangerName, found, StringComparison.Ordinal);
        Assert.DoesNotContain(RoleLab.StrangerName, WebUtility.HtmlDecode(await member.GetStringAsync(path, Cancel)), StringComparison.Ordinal);
        Assert.Contains(RoleLab.StrangerName, WebUtility.HtmlDecode(await desk.GetStringAsync(path, Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_lead_sees_the_alarms_of_the_machines_in_her_charge()
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var lead = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.MachineLead));
        using var manager = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Manager));

        var hers = await lead.GetStringAsync("alarms", Cancel);
        var all = await manager.GetStringAsync("alarms", Cancel);

        Assert.Contains("LAS-1", hers, StringComparison.Ordinal);
        Assert.DoesNotContain("CNC-1", hers, StringComparison.Ordinal);
        Assert.Contains("CNC-1", all, StringComparison.Ordinal);
        // And is told on every page how many of hers wait.
        Assert.Contains("Alarmes (1)", await lead.GetStringAsync("trainings", Cancel), StringComparison.Ordinal);
        Assert.Contains("Alarmes (2)", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Manager, true, true, true)]
    [InlineData(Role.MachineLead, true, true, true)]
    [InlineData(Role.FrontDesk, true, false, false)]
    [InlineData(Role.Trainer, false, false, false)]
    [InlineData(Role.Observer, false, false, false)]
    public async Task The_care_of_a_machine_shows_each_role_the_parts_it_has_a_right_to(Role role, bool reports, bool maintenance, bool sheet)
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        var machine = await browser.GetStringAsync("machines/LAS-1", Cancel);
        using var answer = await browser.GetAsync("machines/LAS-1/care", Cancel);
        var page = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(reports, machine.Contains("/machines/LAS-1/care", StringComparison.Ordinal));
        Assert.Equal(reports ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(reports, page.Contains("fault-close", StringComparison.Ordinal));
        Assert.Equal(reports, page.Contains($"Qui {Role.MachineLead}", StringComparison.Ordinal));
        Assert.Equal(maintenance, page.Contains("\"/machines/LAS-1/maintenance\"", StringComparison.Ordinal));
        Assert.Equal(maintenance, page.Contains("\"/machines/LAS-1/service\"", StringComparison.Ordinal));
        Assert.Equal(sheet, page.Contains("action=\"/machines/LAS-1/care\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_that_is_closed_shows_nobody_any_more()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var mentor = await host.StaffBrowserAsync(RoleLab.LoginOf(Role.Mentor));
        using var before = await mentor.GetAsync($"people/{lab.InGroup}", Cancel);

        await host.WriteAsync(write => write.Db.PersonGroups.Single().Closed = true);
        using var after = await mentor.GetAsync($"people/{lab.InGroup}", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, after.StatusCode));
    }

    [Theory]
    [InlineData(Role.Manager, true, true, true)]
    [InlineData(Role.FrontDesk, true, true, true)]
    [InlineData(Role.Mentor, true, true, false)]
    [InlineData(Role.Member, true, false, false)]
    [InlineData(Role.Trainer, true, false, false)]
    public async Task Bookings_and_waits_are_listed_for_their_owner_those_who_look_after_them_and_staff(Role role, bool self, bool group, bool others)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await RoleLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        foreach (var address in new[] { "api/v1/bookings", "api/v1/booking-waits" })
        {
            var listed = (await browser.GetFromJsonAsync<JsonElement>(address, Cancel)).EnumerateArray().Select(one => one.GetProperty("person").GetGuid()).ToHashSet();
            Assert.Equal((self, group, others), (listed.Contains(lab.People[role].Value), listed.Contains(lab.InGroup.Value), listed.Contains(lab.Stranger.Value)));
        }
    }

    [Theory]
    [InlineData(Role.Manager, true, true)]
    [InlineData(Role.FrontDesk, true, true)]
    [InlineData(Role.Mentor, true, false)]
    [InlineData(Role.Member, false, false)]
    public async Task One_finds_to_book_for_only_those_one_may_book_for(Role role, bool group, bool others)
    {
        await using var host = await BookingHost.StartAsync();
        await RoleLab.InAsync(host);
        using var browser = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        foreach (var search in new[] { "a", "omar" })
        {
            using var answer = await SendAsync(browser, "POST /book/for", new Call("book/for", null, new() { ["q"] = search }));
            using var told = await SendAsync(browser, "POST /api/v1/bookings/for", new Call("api/v1/bookings/for", new { search }));
            var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
            var found = (await told.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("people").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ToList();
            Assert.Equal(group && search != "omar", found.Contains(RoleLab.InGroupName));
            Assert.Equal(others, found.Contains(RoleLab.StrangerName));
            Assert.Equal(group && search != "omar", page.Contains(RoleLab.InGroupName, StringComparison.Ordinal));
            Assert.Equal(others, page.Contains(RoleLab.StrangerName, StringComparison.Ordinal));
        }
    }

    private static Dictionary<string, string> Wished(RoleLab lab, bool own) => new()
    {
        ["for"] = own ? "" : lab.Stranger.ToString(), ["day"] = "2026-03-20", ["length"] = "60", ["start"] = "2026-03-20T10:00:00Z", ["every"] = "week", ["times"] = "3",
    };

    private static object Weekly(RoleLab lab, bool own) => new
    {
        machine = lab.OwnMachine.Value, person = own ? (Guid?)null : lab.Stranger.Value, allButConflicts = true,
        rule = new { first = "2026-03-20", start = "18:00:00", end = "19:00:00", every = "week", count = 3 },
    };

    private static Call Act(RoleLab lab, bool own, string verb, int seen) => new(
        $"api/v1/habilitations/{(own ? lab.OwnHabilitation : lab.OtherHabilitation).Value}/{verb}", new { evidence = "vu", lastAct = seen });

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, string endpoint, Call call)
    {
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Split(' ')[0]), call.Address);
        if (call.Form is { } form)
        {
            var account = await browser.GetStringAsync("account", Cancel);
            var token = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(account)
                .QuerySelector($"input[name='{BookingAuth.ForgeryHeader}']")!.GetAttribute("value")!;
            request.Content = new FormUrlEncodedContent(form.Append(KeyValuePair.Create(BookingAuth.ForgeryHeader, token)));
        }
        else if (call.Body is not null)
        {
            request.Content = JsonContent.Create(call.Body, options: JsonSerializerOptions.Web);
        }
        return await browser.SendAsync(request, Cancel);
    }

    private static string Today => NodaTime.Text.LocalDatePattern.Iso.Format(new FabLab.Testing.ManualTime().Now.InUtc().Date);

    /// <summary>The half of the day in which these tests are, in the name of the form.</summary>
    private static string HalfNow => new FabLab.Testing.ManualTime().Now.InUtc().Hour < 13 ? "Morning" : "Afternoon";

    private static Call Held(RoleLab lab, bool own, string act, object body) => new($"api/v1/group-sessions/{(own ? Guid.Empty : lab.Stranger.Value)}{act}", body);

    private static Call Page(RoleLab lab, bool own, string act, Dictionary<string, string>? form = null) => new($"sessions/{(own ? Guid.Empty : lab.Stranger.Value)}{act}", null, form);

    internal sealed record Call(string Address, object? Body, Dictionary<string, string>? Form = null)
    {
        /// <summary>The same with somebody's own id where the empty one stands.</summary>
        public Call For(PersonId person)
        {
            return new Call(
                Own(Address), Body is null ? null : JsonSerializer.Deserialize<JsonElement>(Own(JsonSerializer.Serialize(Body, JsonSerializerOptions.Web))),
                Form?.ToDictionary(field => field.Key, field => Own(field.Value), StringComparer.Ordinal));

            string Own(string text) => text.Replace(Guid.Empty.ToString(), person.ToString(), StringComparison.Ordinal);
        }
    }
}
