using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>Bookings at the machine: the tap claims, walk-up until the next one, what happens at the end, pools; the line may be cut.</summary>
public sealed class BookingTapTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    private static readonly BookingId Mine = new(SampleLab.Id(401));
    private static readonly BookingId Theirs = new(SampleLab.Id(402));
    private static readonly PoolId Printers = new(SampleLab.Id(450));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_line_cut_before_the_booking_its_owner_starts_and_others_do_not_and_after_the_release_anybody_does()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync(("Gateway:Language", "fr"));
        await gateway.PutAsync(
            Booking(gateway, Mine, SampleLab.M01, 30, 60) with { ReleasedAt = gateway.Time.Now + 45 * Minute },
            Booking(gateway, Theirs, SampleLab.M03, 90, 150) with { ReleasedAt = gateway.Time.Now + 105 * Minute });
        gateway.Booking.Down = true;

        // Walk-up until the booking.
        var walkUp = await gateway.TapAsync(gateway.Laser, SampleLab.M03);
        Assert.Equal("started", walkUp.Code);
        Assert.StartsWith("Libre jusqu’à ", walkUp.Next, StringComparison.Ordinal);
        Assert.EndsWith(" : réservation suivante.", walkUp.Next, StringComparison.Ordinal);
        await gateway.PassAsync(20 * Minute + Duration.FromSeconds(2), Duration.FromSeconds(2));
        Assert.Equal(("end_soon", "Encore 10 minutes."), (gateway.Laser.Shown[^1].Code, gateway.Laser.Shown[^1].Text));
        Assert.StartsWith("Réservation suivante à ", gateway.Laser.Shown[^1].Next, StringComparison.Ordinal);
        await gateway.PassAsync(8 * Minute, Duration.FromSeconds(2));
        Assert.Equal("Encore 2 minutes.", gateway.Laser.Shown[^1].Text);
        await gateway.PassAsync(2 * Minute, Duration.FromSeconds(2));
        Assert.Equal(("stopped", "La réservation suivante commence."), (gateway.Laser.Shown[^1].Code, gateway.Laser.Shown[^1].Next));
        Assert.False(gateway.Laser.Closed());

        // The booking: its owner and nobody else.
        var refused = await gateway.TapAsync(gateway.Laser, SampleLab.M03);
        Assert.Equal("reserved_by_other", refused.Code);
        Assert.Contains("si personne ne vient", refused.Next, StringComparison.Ordinal);
        Assert.Equal("started", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);
        Assert.Equal("stopped", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);

        // Who has tapped and stepped out keeps the machine after the hour at which it would have been released, over a restart too.
        await gateway.RestartAsync();
        await gateway.PassAsync(17 * Minute, Duration.FromSeconds(5));
        Assert.Equal("reserved_by_other", (await gateway.TapAsync(gateway.Laser, SampleLab.M03)).Code);
        Assert.Equal("started", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);
        Assert.Equal("stopped", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);

        // Nobody comes for the next one: walk-up from its release on.
        await gateway.PassAsync(46 * Minute, Duration.FromSeconds(10));
        Assert.Equal("reserved_by_other", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);
        await gateway.PassAsync(13 * Minute, Duration.FromSeconds(10));
        Assert.Equal("started", (await gateway.TapAsync(gateway.Laser, SampleLab.M01)).Code);

        // All of it reaches Booking, the claim once.
        gateway.Booking.Down = false;
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromSeconds(1));
            return gateway.Get<Uploading.JournalUploader>().Waiting == 0;
        });
        var claimed = Assert.Single(gateway.Booking.Events.OfType<MachineEvent.BookingClaimed>());
        Assert.Equal((Mine, SampleLab.Laser.Id), (claimed.Claim.Booking, claimed.Claim.Machine));
        Assert.Equal([null, Mine, Mine, null], gateway.Booking.Events.OfType<MachineEvent.SessionStarted>().Select(s => s.Session.Booking));
    }

    [Fact]
    public async Task A_tap_shortly_before_the_start_claims_and_another_use_that_ends_in_time_does_not()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.PutAsync(Booking(gateway, Mine, SampleLab.M01, 9, 60) with { ReleasedAt = gateway.Time.Now + 24 * Minute });

        var started = await gateway.TapAsync(gateway.Laser, SampleLab.M01);
        await gateway.Booking.WaitForEventAsync<MachineEvent.BookingClaimed>(Cancelled);

        Assert.StartsWith("Your booking ends at ", started.Next, StringComparison.Ordinal);
        Assert.Equal(gateway.Time.Now + 60 * Minute, gateway.Booking.Events.OfType<MachineEvent.SessionStarted>().Single().Session.Until);
    }

    [Fact]
    public async Task A_use_that_runs_into_ones_own_booking_claims_it_by_that()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.PutAsync(Booking(gateway, Mine, SampleLab.M01, 15, 60) with { ReleasedAt = gateway.Time.Now + 30 * Minute });
        await gateway.StartLaserAsync();
        Assert.Null(gateway.Booking.Events.OfType<MachineEvent.SessionStarted>().Single().Session.Booking);

        await gateway.PassAsync(6 * Minute, Duration.FromSeconds(2));

        await gateway.Booking.WaitForEventAsync<MachineEvent.BookingClaimed>(Cancelled);
        var claimed = gateway.Booking.Events.OfType<MachineEvent.BookingClaimed>().Single();
        Assert.Equal((Mine, gateway.Machine("LAS-1").Session), (claimed.Claim.Booking, claimed.Session));
        Assert.True(gateway.Laser.Closed());
    }

    [Fact]
    public async Task At_the_end_of_the_booking_work_in_hand_is_finished_and_then_the_machine_stops()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.PutAsync(Booking(gateway, Mine, SampleLab.M01, 0, 15));
        await gateway.StartLaserAsync();

        async Task PassAsync(int minutes, double watts)
        {
            for (var s = 0; s < minutes * 30; s++)
            {
                gateway.Laser.Power(watts);
                await gateway.PassAsync(Duration.FromSeconds(2), Duration.FromSeconds(2));
            }
        }

        await PassAsync(20, watts: 300);
        Assert.True(gateway.Laser.Closed());
        Assert.Single(gateway.Laser.Moves);
        Assert.Contains(gateway.Laser.Shown, s => s.Code == "finish_please");
        await PassAsync(1, watts: 2);

        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled);
        Assert.Equal(EndReason.BookingEnd, gateway.Booking.Events.OfType<MachineEvent.SessionEnded>().Single().Why);
        Assert.False(gateway.Laser.Closed());
        Assert.Equal(2, gateway.Laser.Moves.Count);
    }

    [Fact]
    public async Task Who_comes_to_a_machine_that_still_works_for_somebody_else_keeps_their_booking()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        await gateway.PutAsync(
            SampleLab.Laser with { BookingEnd = BookingEnd.LetFinish },
            Booking(gateway, Mine, SampleLab.M01, 0, 5), Booking(gateway, Theirs, SampleLab.M03, 5, 60) with { ReleasedAt = gateway.Time.Now + 7 * Minute });
        await gateway.StartLaserAsync();
        for (var s = 0; s < 6 * 30; s++)
        {
            gateway.Laser.Power(300);
            await gateway.PassAsync(Duration.FromSeconds(2), Duration.FromSeconds(2));
        }

        var told = await gateway.TapAsync(gateway.Laser, SampleLab.M03);

        Assert.Equal(("machine_in_use", "Your booking is kept. Wait for the end of the work."), (told.Code, told.Next));
        await gateway.Booking.WaitForEventAsync<MachineEvent.BookingClaimed>(Cancelled, c => c.Claim.Booking == Theirs);
        await gateway.TapAsync(gateway.Laser, SampleLab.M01);
        await gateway.PassAsync(3 * Minute, Duration.FromSeconds(2));
        Assert.Equal("started", (await gateway.TapAsync(gateway.Laser, SampleLab.M03)).Code);
    }

    [Fact]
    public async Task A_booking_of_a_pool_is_claimed_at_the_machine_tapped_and_the_other_one_is_free_with_the_line_cut()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var laser = SampleLab.Laser with { Requirement = null, Pool = Printers };
        var printer = SampleLab.Printer with { Pool = Printers };
        await gateway.PutAsync(
            laser, printer,
            Booking(gateway, Mine, SampleLab.M01, 0, 60) with { Pool = Printers, ReleasedAt = gateway.Time.Now + 15 * Minute },
            Booking(gateway, Theirs, SampleLab.M03, 30, 90) with { Machine = printer.Id, Pool = Printers, ReleasedAt = gateway.Time.Now + 45 * Minute });
        gateway.Booking.Down = true;

        var elsewhere = await gateway.TapAsync(gateway.Laser, SampleLab.M02);
        Assert.Equal("reserved_by_other", elsewhere.Code);
        Assert.StartsWith("Machine IMP-1 is free.", elsewhere.Next, StringComparison.Ordinal);

        var here = await gateway.TapAsync(gateway.Printer, SampleLab.M01);
        Assert.Equal("started", here.Code);
        Assert.StartsWith("Your booking ends at ", here.Next, StringComparison.Ordinal);

        // The booking that was at the printer is at the laser now: walk-up until then, and then its owner.
        var walkUp = await gateway.TapAsync(gateway.Laser, SampleLab.M02);
        Assert.Equal("started", walkUp.Code);
        Assert.EndsWith(": next booking.", walkUp.Next, StringComparison.Ordinal);
        await gateway.RestartAsync();
        await gateway.PassAsync(31 * Minute, Duration.FromSeconds(5));
        Assert.Equal("reserved_by_other", (await gateway.TapAsync(gateway.Laser, SampleLab.M02)).Code);
        Assert.Equal("started", (await gateway.TapAsync(gateway.Laser, SampleLab.M03)).Code);

        gateway.Booking.Down = false;
        await GatewayUnderTest.UntilAsync(() =>
        {
            gateway.Time.Advance(Duration.FromSeconds(1));
            return gateway.Get<Uploading.JournalUploader>().Waiting == 0;
        });
        var claims = gateway.Booking.Events.OfType<MachineEvent.BookingClaimed>().Select(c => c.Claim).ToList();
        Assert.Equal(
            [(Mine, printer.Id, laser.Id), (Theirs, laser.Id, (MachineId?)null)],
            claims.Select(c => (c.Booking, c.Machine, c.From)));
        Assert.Equal([Theirs], claims[0].Swapped);
    }

    private static BookingRule Booking(GatewayUnderTest gateway, BookingId id, SampleLab.Person person, int from, int until) => new()
    {
        Id = id,
        Machine = SampleLab.Laser.Id,
        People = [person.Id],
        Start = gateway.Time.Now + from * Minute,
        End = gateway.Time.Now + until * Minute,
    };
}
