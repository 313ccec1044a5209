using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>
/// Every kind of signal there is, found by reflection, in any order, from a device whose clock is its own. What must hold is checked
/// on the events alone, without asking the code that made them.
/// </summary>
public sealed class AnySignalsTests
{
    private static readonly IReadOnlyList<Type> Kinds = Samples.Concrete(typeof(MachineSignal));

    [Fact]
    public void In_any_order_of_all_signals_the_promises_hold()
    {
        HashSet<Type> played = [];
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                new Play(seed, played).Run();
                return true;
            }));

        Assert.Equal(Kinds.ToHashSet(), played);
    }

    [Fact]
    public void Current_before_and_after_a_start_of_the_device_is_not_counted_in_between()
    {
        Bench bench = new();
        bench.Power(500);
        bench.After(240);
        (bench.Boot, bench.BootedAt) = (2, bench.Now);
        bench.After(1).Send(new MachineSignal.DeviceBooted(bench.Device));
        for (int i = 0; i < 20; i++)
        {
            bench.After(1).Power(500);
        }

        bench.After(1).Power(0);

        StretchAccount weld = Assert.Single(bench.Events.OfType<MachineEvent.StretchClosed>()).Stretch;
        Assert.Equal(2u, weld.From.Boot);
        Assert.InRange(weld.KnownMs, 1, 20_000);
    }

    [Fact]
    public void Current_before_a_use_does_not_make_the_use_count_twice_when_it_flows_after_it_too()
    {
        Bench bench = new();
        bench.Power(500);
        bench.After(1).Tap();
        bench.After(0.5).Relay(closed: true);
        bench.After(60).Tap();
        bench.After(0.5).Relay(closed: false);
        for (int i = 0; i < 20; i++)
        {
            bench.After(1).Power(500);
        }

        bench.After(1).Power(0);

        StretchAccount[] stretches = [.. bench.Events.OfType<MachineEvent.StretchClosed>().Select(e => e.Stretch)];
        Assert.Equal([StretchKind.Use, StretchKind.Unattributed], stretches.Select(s => s.Kind));
        Assert.True(stretches[1].From.UpMs >= stretches[0].KnownUntil.UpMs);
    }

    private sealed class Play(int seed, HashSet<Type> played)
    {
        private static readonly PersonId[] People = [Lab.Maker, Lab.Mentor, Lab.Young, Lab.Stranger];

        private readonly Random _random = new(seed);
        private readonly List<MachineEvent> _events = [];
        private readonly HashSet<SessionId> _started = [];
        private MachineRule _rule = Bench.Rule;
        private MachineState _state = MachineState.New;
        private Instant _now = Lab.Now;
        private Instant _bootedAt = Lab.Now - Duration.FromMinutes(1);
        private uint _boot = 1;
        private int _ids = 1000;

        private DeviceTime Clock => new(_boot, (long)(_now - _bootedAt).TotalMilliseconds, _now);

        public void Run()
        {
            _rule = Bench.Rule with
            {
                LostLink = Pick(LostLinkRule.Open, LostLinkRule.Finish),
                LostLinkCap = Duration.FromMinutes(5),
                CoolDown = Half() ? new CoolDownRule(Duration.FromSeconds(40), RelayChannel.Main) : null,
                IdleStop = Half() ? Duration.FromMinutes(2) : null,
                MaxSession = Half() ? Duration.FromMinutes(4) : null,
            };
            for (int step = 0; step < 80; step++)
            {
                _now += Duration.FromMilliseconds(_random.Next(1, Half() ? 2000 : 90_000));
                Send(Make(Kinds[_random.Next(Kinds.Count)]));
            }

            CheckStretches();
        }

        private void Send(MachineSignal signal)
        {
            played.Add(signal.GetType());
            OpenSession? before = _state.Session;
            ValueList<HeldRelay> held = Outputs.For(_state, _rule, _now);

            MachineTurn turn = MachineSessions.Decide(_state, signal, _rule, _now);
            _state = turn.State;
            _events.AddRange(turn.Events.Where(e => e.Durable));

            SessionId[] begun = [.. turn.Events.OfType<MachineEvent.SessionStarted>().Select(e => e.Session.Id)];
            bool mayBegin = signal is MachineSignal.Tapped { Decision: AccessDecision.Granted } or MachineSignal.OfflineUse { Use.To: null };
            True(begun.Length == 0 || mayBegin, "a session has begun without a granted tap (I8)");
            True(begun.All(_started.Add), "a session has begun twice (I2)");
            foreach (HeldRelay relay in Outputs.For(_state, _rule, _now))
            {
                True(_started.Contains(relay.Session), "a relay is held for a session that never began (I1)");
                True(_state is not (MachineState.Idle or MachineState.LockedOut or MachineState.Fault), "a relay is held at rest (I1)");
            }

            if (signal is MachineSignal.Tapped { Decision: AccessDecision.Denied } tap && before is not null
                && tap.Person != before.Person && tap.Person != before.Companion)
            {
                True(Equals(_state.Session, before) && Outputs.For(_state, _rule, _now).Equals(held), "a refused tap has disturbed a use (I11)");
            }
        }

        /// <summary>On one channel and by one boot's clock, no two stretches share a millisecond, and what each comes to is its own length.</summary>
        private void CheckStretches()
        {
            StretchAccount[] closed = [.. _events.OfType<MachineEvent.StretchClosed>().Select(e => e.Stretch)];
            True(closed.Select(s => s.Key).Distinct().Count() == closed.Length, "a stretch is closed twice (I2)");
            foreach (StretchAccount one in closed)
            {
                True(one.KnownMs == one.KnownUntil.UpMs - one.From.UpMs && one.KnownMs >= 0 && one.UnknownMs >= 0, $"{one} is not as long as it says (I2)");
            }

            foreach (IGrouping<(RelayChannel, uint), StretchAccount> line in closed.GroupBy(s => (s.Channel, s.From.Boot)))
            {
                StretchAccount[] inOrder = [.. line.OrderBy(s => s.From.UpMs).ThenBy(s => s.KnownUntil.UpMs)];
                for (int i = 1; i < inOrder.Length; i++)
                {
                    True(inOrder[i].From.UpMs >= inOrder[i - 1].KnownUntil.UpMs, $"{inOrder[i - 1]} and {inOrder[i]} share time (I2)");
                }
            }

            long[] numbers = [.. _events.Select(e => e.Seq)];
            True(numbers.SequenceEqual(Enumerable.Range(1, numbers.Length).Select(n => (long)n)), "the events are not numbered without a gap");
        }

        /// <summary>A signal as this device and these people could send it; what is not named here is made up whole.</summary>
        private MachineSignal Make(Type kind)
        {
            if (kind == typeof(MachineSignal.Tapped))
            {
                PersonId person = Pick(People);
                AccessDecision decision = Half() ? Bench.Yes(person) : Bench.No(Pick(AccessReason.TrainingMissing, AccessReason.NeedsAccompanying, AccessReason.ClosedNow));
                return new MachineSignal.Tapped(person, Bench.BadgeOf(person), decision, Lab.Id<SessionId>(++_ids));
            }

            if (kind == typeof(MachineSignal.DeviceBooted))
            {
                (_boot, _bootedAt) = (_boot + 1, _now - Duration.FromMilliseconds(300));
                return new MachineSignal.DeviceBooted(Clock);
            }

            if (kind == typeof(MachineSignal.RelayReported))
            {
                SessionId? lease = Half() ? _state.Session?.Id : null;
                return new MachineSignal.RelayReported(Half() ? RelayChannel.Main : RelayChannel.Exhaust, Half(), Clock, lease, FromJournal: Half());
            }

            if (kind == typeof(MachineSignal.PowerMeasured))
            {
                return new MachineSignal.PowerMeasured(Half() ? 0 : 150, Clock);
            }

            MachineSignal made = (MachineSignal)new Samples(_random.Next(), withNulls: true).Make(kind);
            return made switch
            {
                MachineSignal.PolicyChanged => new MachineSignal.PolicyChanged(_state.Session is { } use ? (Half() ? Bench.Yes(use.Person) : Bench.No(AccessReason.MembershipEnded)) : null),
                MachineSignal.LinkLost => new MachineSignal.LinkLost(Half() ? _now : null),
                MachineSignal.GatewayRestarted => new MachineSignal.GatewayRestarted(Half() ? _now - Duration.FromSeconds(3) : null),
                MachineSignal.UnknownTime => new MachineSignal.UnknownTime(_now - Duration.FromSeconds(9), _now - Duration.FromSeconds(2)),
                MachineSignal.LockOutReleased when _state.ActiveLockOut is { } active => new MachineSignal.LockOutReleased(new LockOutRelease(active.Id, Lab.Staff, _now)),
                _ => made,
            };
        }

        private bool Half() => _random.Next(2) == 0;

        private T Pick<T>(params T[] items) => items[_random.Next(items.Length)];

        private void True(bool holds, string what) => Assert.True(holds, $"seed {seed}: {what}");
    }
}
