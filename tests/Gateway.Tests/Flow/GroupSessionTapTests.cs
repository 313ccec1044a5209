using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>Under an open séance: one tap at the relay, the mentor beside, and off at once when nobody is left.</summary>
public sealed class GroupSessionTapTests
{
    private static readonly PersonRule Young = SampleLab.M01.Rule with { Adult = false, BirthDate = new LocalDate(2014, 1, 1) };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_young_person_starts_with_one_tap_and_the_relay_opens_at_once_when_the_last_mentor_leaves()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var session = Held(gateway);
        await gateway.PutAsync(SampleLab.Laser with { AgeAlone = 16 }, Young, SampleLab.M03.Rule with { MayAccompany = true }, session);

        await gateway.StartLaserAsync();
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionStarted>(Cancelled, e => e.Session.Companion == SampleLab.M03.Id && e.Session.GroupSession == session.Id);

        await gateway.PutAsync(session with { Mentors = [] });
        await gateway.Laser.WaitForAsync(d => !d.Closed(), Cancelled);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SessionEnded>(Cancelled, e => e.Why == EndReason.AccessWithdrawn);

        // And nobody starts now: the machine asks for a second badge.
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.Booking.WaitForEventAsync<MachineEvent.SecondBadgeAwaited>(Cancelled);
        Assert.False(gateway.Laser.Closed());
    }

    private static GroupSessionRule Held(GatewayUnderTest gateway) => new()
    {
        Id = new GroupSessionId(SampleLab.Id(900)), Machines = [SampleLab.Laser.Id], People = [SampleLab.M01.Id], Mentors = [SampleLab.M03.Id], PerMentor = 2,
        Until = gateway.Time.Now + Duration.FromHours(2),
    };
}
