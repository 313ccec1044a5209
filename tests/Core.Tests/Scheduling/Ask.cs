using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>A question that is answered yes: Sunday 22 November 2026 at noon, somebody asks for a laser on Tuesday from 14:00 to 15:00.</summary>
internal static class Ask
{
    internal static readonly MachineId Laser = new(Guid.Parse("01900000-0000-7000-8000-000000000001"));
    internal static readonly MachineId Printer = new(Guid.Parse("01900000-0000-7000-8000-000000000002"));
    internal static readonly PersonId Somebody = new(Guid.Parse("01900000-0000-7000-8000-000000000003"));
    internal static readonly BookingId Mine = new(Guid.Parse("01900000-0000-7000-8000-000000000004"));
    internal static readonly BookingId Other = new(Guid.Parse("01900000-0000-7000-8000-000000000005"));

    internal static readonly Instant Now = At("2026-11-22 12:00");

    internal static BookingFacts For(string from = "2026-11-24 14:00", string until = "2026-11-24 15:00") => new()
    {
        Now = Now,
        Zone = "Europe/Paris",
        Wish = new BookingWish(At(from), At(until)),
        Machine = new BookedMachine(Laser, "laser"),
        Person = new BookingPerson(Somebody, "standard"),
        Hours =
        [
            new(At("2026-11-24 08:00"), At("2026-11-24 10:00"), OpeningKind.StaffOnly),
            new(At("2026-11-24 10:00"), At("2026-11-24 12:00"), OpeningKind.Groups, "mission-locale"),
            new(At("2026-11-24 14:00"), At("2026-11-24 18:00"), OpeningKind.Booked),
            new(At("2026-11-24 18:00"), At("2026-11-24 21:00"), OpeningKind.OpenLab),
            new(At("2026-11-25 14:00"), At("2026-11-25 18:00"), OpeningKind.Booked),
        ],
    };

    internal static BookingFacts Wishing(this BookingFacts facts, Func<BookingWish, BookingWish> change) => facts with { Wish = change(facts.Wish) };

    internal static BookingFacts On(this BookingFacts facts, Func<BookingTerms, BookingTerms> change) => facts with { Terms = change(facts.Terms) };

    internal static BookingFacts Taken(this BookingFacts facts, string from, string until, BusyKind kind = BusyKind.Booking, int places = 1) =>
        facts with { Busy = facts.Busy.Add(new BusyTime(At(from), At(until), kind, places, Other)) };

    internal static BookingFacts Having(this BookingFacts facts, string from, string until, string? madeAt = null, OwnBookingState state = OwnBookingState.Active, MachineId? machine = null) =>
        facts with { Own = facts.Own.Add(new OwnBooking(Other, machine ?? Printer, "printer", At(from), At(until), At(madeAt ?? "2026-11-01 12:00"), state)) };

    internal static BookingFacts Instead(this BookingFacts facts, string from, string until, bool yours = true, bool over = false) =>
        facts.Wishing(w => w with { Before = new BookingBefore(Mine, At(from), At(until), yours, over) });

    internal static BookingFacts AsStaff(this BookingFacts facts, params BookingReason[] waive) =>
        facts.Wishing(w => w with { Actor = BookingActor.Staff, Waive = [.. waive] });

    internal static BookingDecision.Refused Refused(this BookingFacts facts) => Assert.IsType<BookingDecision.Refused>(BookingRules.Decide(facts));

    internal static BookingDecision.Accepted Accepted(this BookingFacts facts) => Assert.IsType<BookingDecision.Accepted>(BookingRules.Decide(facts));
}
