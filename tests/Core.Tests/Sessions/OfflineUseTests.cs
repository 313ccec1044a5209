using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Uses that the device granted by itself, by its own list.</summary>
public sealed class OfflineUseTests
{
    private static readonly LockOut Now = new(Lab.Id<LockOutId>(1), "courroie", Lab.Staff, Lab.Now);

    [Fact]
    public void A_use_by_the_devices_own_list_is_recorded_once_however_often_it_is_told()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench) with { To = bench.Device.ShiftTo(bench.Now + Duration.FromMinutes(3)), WorkingMs = 60_000, Wh = 12.5 };
        bench.After(3600);

        bench.Send(new MachineSignal.OfflineUse(use));
        bench.Send(new MachineSignal.OfflineUse(use));

        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((Lab.Maker, 180_000L, 60_000L, 12.5, true, EndReason.Offline, true), (entry.Person, entry.PoweredMs, entry.WorkingMs, entry.Wh, entry.Offline, entry.Why, entry.Settled));
        Assert.IsType<MachineState.Idle>(bench.State);
        Assert.Empty(bench.Held);
    }

    [Fact]
    public void A_use_by_a_badge_of_nobody_is_recorded_all_the_same_with_an_alarm()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench) with { Person = null, PoweredMs = 5_000, To = bench.Device };

        bench.Send(new MachineSignal.OfflineUse(use));

        Assert.Equal(MachineAlarm.OfflineUseByNobody, bench.Last<MachineEvent.AlarmRaised>().Kind);
        LedgerEntry entry = bench.Entry(use.Session);
        Assert.Equal((null, 5_000L), (entry.Person, entry.PoweredMs));
    }

    [Fact]
    public void A_use_that_goes_on_when_the_device_is_back_is_taken_over_if_it_may_go_on()
    {
        Bench bench = new();
        OfflineUseRecord use = Use(bench);
        bench.After(600).Relay(closed: true, lease: use.Session);

        bench.Send(new MachineSignal.OfflineUse(use, Bench.Yes(Lab.Maker, bench.Now + Duration.FromHours(1), LimitReason.Closing)));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));

        Assert.Equal((use.Session, true, use.From.At), (bench.State.Session!.Id, bench.State.Session.Offline, bench.State.Session.StartedAt));
        Assert.Equal((use.Session, true), (Assert.Single(bench.Held).Session, bench.Held[0].Renew));
        Assert.Empty(bench.Send(new MachineSignal.OfflineUse(use, Bench.Yes(Lab.Maker))).Events);
        bench.Tick(30);
        Assert.NotNull(bench.State.Session);
        bench.After(90).Send(new MachineSignal.OfflineUse(use with { To = bench.Device, PoweredMs = 720_000 }));
        Assert.Null(bench.State.Session);
        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((720_000L, true, true), (entry.PoweredMs, entry.Offline, entry.Settled));
        Assert.Equal(0, entry.UnknownMs);
    }

    [Theory]
    [InlineData("denied")]
    [InlineData("locked out")]
    [InlineData("not asked")]
    [InlineData("not said to be closed")]
    [InlineData("for somebody else")]
    public void A_use_that_may_not_go_on_or_is_not_sure_to_is_not_held_and_its_time_is_not_lost(string why)
    {
        Bench bench = new();
        if (why == "locked out")
        {
            bench.Send(new MachineSignal.LockOutRequested(Now));
        }

        OfflineUseRecord use = Use(bench);
        bench.After(600);
        if (why != "not said to be closed")
        {
            bench.Relay(closed: true, lease: use.Session);
        }

        bench.Send(new MachineSignal.OfflineUse(use, why switch
        {
            "denied" => Bench.No(AccessReason.MembershipEnded),
            "not asked" => null,
            "for somebody else" => Bench.Yes(Lab.Mentor),
            _ => Bench.Yes(Lab.Maker),
        }));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));

        Assert.Empty(bench.Held);
        Assert.Null(bench.State.Session);
        Assert.False(bench.Entry(use.Session).Settled);
        bench.After(1).Send(new MachineSignal.RelayReported(RelayChannel.Main, false, bench.Device, use.Session, FromJournal: true));
        bench.Send(new MachineSignal.RelayReported(RelayChannel.Main, true, use.From, use.Session, FromJournal: true));
        LedgerEntry entry = Assert.Single(bench.Ledger.Entries());
        Assert.Equal((Lab.Maker, 601_000L, bench.Now, EndReason.Offline, true), (entry.Person, entry.PoweredMs, entry.EndedAt, entry.Why, entry.Settled));
        bench.Send(new MachineSignal.OfflineUse(use with { To = bench.Device, PoweredMs = 601_000 }));
        Assert.Equal(601_000, bench.Entry(use.Session).PoweredMs);
    }

    [Fact]
    public void The_id_of_an_offline_session_comes_from_its_record()
    {
        DeviceId box = new("box");

        Assert.Equal(DerivedIds.Session(box, 3, 9), DerivedIds.Session(box, 3, 9));
        Assert.Equal(4, new HashSet<SessionId>
        {
            DerivedIds.Session(box, 3, 9), DerivedIds.Session(box, 9, 3), DerivedIds.Session(box, 3, 10), DerivedIds.Session(new DeviceId("box2"), 3, 9),
        }.Count);
        Assert.Equal(8, DerivedIds.Session(box, 3, 9).Value.Version);
    }

    private static OfflineUseRecord Use(Bench bench) => new()
    {
        Session = DerivedIds.Session(new DeviceId("box"), 1, 40), Person = Lab.Maker, Badge = Lab.MakerBadge, From = bench.Device, ListVersion = 12,
    };
}
