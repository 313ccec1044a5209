using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class PoolTests
{
    private static readonly BookingFacts Laser = Ask.For();
    private static readonly BookingFacts Printer = Ask.For() with { Machine = new(Ask.Printer, "printer") };

    [Fact]
    public void The_free_machine_of_a_pool_is_taken()
    {
        BookingFacts taken = Laser.Taken("2026-11-24 14:30", "2026-11-24 15:30");

        Assert.Equal(Ask.Printer, Machine(PoolRules.Decide([taken, Printer])));
        Assert.Equal(Ask.Laser, Machine(PoolRules.Decide([Laser, Printer])));
    }

    [Fact]
    public void The_machine_with_the_smaller_gap_is_preferred()
    {
        BookingFacts tight = Printer.Taken("2026-11-24 15:00", "2026-11-24 18:00");

        Assert.Equal(Ask.Printer, Machine(PoolRules.Decide([Laser, tight])));
    }

    [Fact]
    public void A_full_pool_says_when_the_first_machine_is_free_again()
    {
        BookingDecision decision = PoolRules.Decide([Laser.Taken("2026-11-24 14:30", "2026-11-24 17:00"), Printer.Taken("2026-11-24 14:30", "2026-11-24 16:00")]);

        BookingDecision.Refused refused = Assert.IsType<BookingDecision.Refused>(decision);
        Assert.Equal("pool_full", refused.Code);
        Assert.Equal("Prochain créneau libre : mardi 24 novembre de 16:00 à 17:00.", refused.NextStep.Fr);
    }

    [Fact]
    public void What_concerns_the_person_is_said_before_a_full_pool_is()
    {
        BookingFacts untrained = Laser with { Access = BookingReasonTests.Denied(AccessReason.TrainingMissing) };

        Assert.Equal("training_missing", Assert.IsType<BookingDecision.Refused>(PoolRules.Decide([untrained, untrained])).Code);
        Assert.Equal(Ask.Printer, Machine(PoolRules.Decide([untrained, Printer])));
        Assert.Throws<ArgumentException>(() => PoolRules.Decide([]));
    }

    [Fact]
    public void The_tap_takes_the_booking_to_the_machine_tapped()
    {
        BusyTime mine = Busy("14:00", "15:00", Ask.Mine);

        Assert.IsType<PoolClaim.Here>(Claim(mine, here: [mine], there: null));
        Assert.IsType<PoolClaim.Here>(Claim(mine, here: [], there: [mine]));
        Assert.IsType<PoolClaim.Here>(Claim(mine, here: [Busy("15:00", "16:00", Ask.Other, floats: false)], there: [mine]));
    }

    [Fact]
    public void Bookings_that_float_change_places()
    {
        BusyTime mine = Busy("14:00", "16:00", Ask.Mine);
        BusyTime floating = Busy("15:00", "17:00", Ask.Other);

        Assert.Equal(new PoolClaim.Swap([Ask.Other]), Claim(mine, here: [floating], there: [mine]));
        Assert.IsType<PoolClaim.Taken>(Claim(mine, here: [floating with { Floats = false }], there: [mine]));
        Assert.IsType<PoolClaim.Taken>(Claim(mine, here: [floating], there: [mine, Busy("16:00", "17:00", new BookingId(Guid.NewGuid()))]));
        Assert.IsType<PoolClaim.Taken>(Claim(mine, here: [floating with { Start = At("2026-11-24 13:50") }], there: [mine]));
        Assert.IsType<PoolClaim.Taken>(Claim(mine, here: [new(At("2026-11-24 14:00"), At("2026-11-24 15:00"), BusyKind.Block)], there: [mine]));
    }

    [Fact]
    public void Only_what_is_left_of_a_booking_has_to_fit()
    {
        BusyTime mine = Busy("13:00", "15:00", Ask.Mine);

        Assert.IsType<PoolClaim.Here>(Claim(mine, here: [Busy("13:00", "14:00", Ask.Other, floats: false)], there: [mine]));
    }

    private static PoolClaim Claim(BusyTime mine, BusyTime[] here, BusyTime[]? there) =>
        PoolRules.Claim(At("2026-11-24 14:05"), mine, here, there, Duration.Zero);

    private static BusyTime Busy(string from, string until, BookingId id, bool floats = true) =>
        new(At($"2026-11-24 {from}"), At($"2026-11-24 {until}"), Booking: id, Floats: floats);

    private static MachineId Machine(BookingDecision decision) => Assert.IsType<BookingDecision.Accepted>(decision).Facts.Machine!.Id;
}
