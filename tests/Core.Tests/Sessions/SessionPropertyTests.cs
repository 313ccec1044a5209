using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>
/// Random days of a machine: people tap, links break, power is cut, the gateway is killed, contacts weld.
/// Whatever comes: nothing is on without a valid session, nothing starts by itself, and the ledger adds up to the relay.
/// </summary>
public sealed class SessionPropertyTests
{
    [Fact]
    public void Whatever_comes_the_relay_obeys_and_the_ledger_adds_up() => Run(faults: true, days: 200);

    [Fact]
    public void Without_power_cuts_and_crashes_every_millisecond_is_known() => Run(faults: false, days: 100);

    [Fact]
    public void A_relay_that_opened_unheard_before_its_cool_down_is_not_counted_as_known() => new Day(785_082_890, faults: true).Play();

    private static void Run(bool faults, int days) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(days), Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                new Day(seed, faults).Play();
                return true;
            }));

    private sealed class Day
    {
        private static readonly PersonId[] People = [Lab.Maker, Lab.Mentor, Lab.Young, Lab.Stranger];
        private static readonly BadgeId StrangerBadge = Lab.Id<BadgeId>(24);

        private readonly Random _random;
        private readonly bool _faults;
        private readonly MachineRule _start;
        private readonly List<MachineEvent> _events = [];
        private readonly List<MachineEvent> _durable = [];
        private readonly VirtualDevice _device;
        private readonly int _seed;
        private LabPolicy _policy;
        private MachineState _state = MachineState.New;
        private Instant _now = Lab.Now;
        private Instant? _lastRenewal;
        private Instant _asked = Lab.Now;
        private Instant _renewedAt;
        private SessionId? _renewed;
        private bool _linkUp = true;
        private bool _linkSeen = true;
        private int _sessions = 1000;
        private int _bookings = 6000;
        private long _revision = 1000;

        public Day(int seed, bool faults)
        {
            _seed = seed;
            _faults = faults;
            _random = new Random(seed);
            _start = Bench.Rule with
            {
                LostLink = _random.Next(2) == 0 ? LostLinkRule.Open : LostLinkRule.Finish,
                LostLinkCap = Duration.FromMinutes(5),
                CoolDown = _random.Next(2) == 0 ? new CoolDownRule(Duration.FromSeconds(40), RelayChannel.Main) : null,
                IdleStop = _random.Next(2) == 0 ? Duration.FromMinutes(2) : null,
                MaxSession = _random.Next(2) == 0 ? Duration.FromMinutes(4) : null,
                NeedsCheckIn = false,
                BookingEnd = (BookingEnd)_random.Next(3),
                BookingEndCap = Duration.FromSeconds(_random.Next(60)),
            };
            _policy = Lab.Policy(
                _start,
                Lab.Site with { AttemptLimit = 0 },
                new BadgeRule { Id = StrangerBadge, Print = Lab.Print("em:0C000621A5"), Person = Lab.Stranger });
            _device = new VirtualDevice(_now);
        }

        private MachineRule Rule => _policy.Machine(Lab.Laser)!;

        public void Play()
        {
            for (int step = 0; step < 70; step++)
            {
                Act();
                Pass(_random.Next(4) == 0 ? _random.Next(1, 60) : _random.NextDouble() * 4);
            }

            Settle();
            CheckSums();
            CheckReplay();
        }

        private void Act()
        {
            int what = _random.Next(_faults ? 17 : 13);
            switch (what)
            {
                case 0:
                    Book();
                    break;
                case <= 4:
                    Tap();
                    break;
                case 5:
                    _device.Load = !_device.Load;
                    break;
                case 6:
                    CutLink();
                    break;
                case 7:
                    RestoreLink();
                    break;
                case 8:
                    LockOutOrRelease();
                    break;
                case 9:
                    WithdrawOrRestore();
                    break;
                case 10:
                    Send(new MachineSignal.StopRequested(_random.Next(2) == 0 ? Lab.Staff : null));
                    break;
                case 11:
                    SayState();
                    break;
                case 12:
                    Extend();
                    break;
                case 13:
                    CutPower();
                    break;
                case 14:
                    KillGateway();
                    break;
                case 15:
                    Send(new MachineSignal.StorageFailed());
                    break;
                case 16:
                    _device.Welded = _random.Next(4) == 0;
                    break;
            }
        }

        private void Tap()
        {
            PersonId person = People[_random.Next(People.Length)];
            BadgeId badge = Bench.BadgeOf(person) ?? StrangerBadge;
            AccessRequest request = MachineSessions.Question(_state, Lab.Tap with { Now = _now, Badge = new BadgeMatch.Known(badge) }, person);
            AccessDecision decision = AccessRules.Ask(_policy, request);
            OpenSession? before = _state.Session;
            ValueList<HeldRelay> held = Outputs.For(_state, Rule, _now);

            MachineTurn turn = Send(new MachineSignal.Tapped(person, badge, decision, Lab.Id<SessionId>(++_sessions)));

            bool owner = before is not null && (person == before.Person || person == before.Companion);
            if (before is not null && !owner && decision is AccessDecision.Denied)
            {
                True(turn.Reply!.Kind == ReplyKind.Refused, "a denied tap is refused");
                True(_state.Session == before, "a denied tap changes nothing");
                True(Outputs.For(_state, Rule, _now).Equals(held), "a denied tap switches nothing");
            }

            if (_state.Session is { } session && session != before)
            {
                True(session.Id == Lab.Id<SessionId>(_sessions), "a session comes from its tap");
                True(session.Person == person || session.Companion == person, "a session is of who tapped");
            }
        }

        private void Extend()
        {
            if (MachineSessions.QuestionAgain(_state, Lab.Tap with { Now = _now }) is { } request)
            {
                Send(new MachineSignal.Extended(AccessRules.Ask(_policy, request with { Purpose = AccessPurpose.Start })));
            }
        }

        private void LockOutOrRelease()
        {
            LockOutId? active = _state.ActiveLockOut?.Id;
            MachineRule rule = active is { } id
                ? Rule with { LockOut = null, Released = new LockOutRelease(id, Lab.Staff, _now) }
                : Rule with
                {
                    LockOut = new LockOut(
                        Ids.New<LockOutId>(_now, Guid.NewGuid().ToByteArray()), "essai", Lab.Staff, _now,
                        Mode: _random.Next(2) == 0 ? LockOutMode.Immediate : LockOutMode.WhenIdle),
                };
            Change(rule);
        }

        /// <summary>Somebody books the next minutes.</summary>
        private void Book()
        {
            int who = _random.Next(People.Length);
            Instant start = _now + Duration.FromSeconds(_random.Next(-60, 200));
            Change(new BookingRule
            {
                Id = Lab.Id<BookingId>(++_bookings), Machine = Lab.Laser, People = [People[who]], Start = start,
                End = start + Duration.FromSeconds(_random.Next(30, 300)), ReleasedAt = start + Duration.FromSeconds(40),
            });
        }

        private void WithdrawOrRestore()
        {
            PersonId person = People[_random.Next(People.Length)];
            PersonRule rule = _policy.Person(person)!;
            Change(rule with { Active = !rule.Active });
        }

        private void Change(PolicyEntity entity)
        {
            _policy = _policy.Apply([PolicyChange.Put(++_revision, entity)], _now);
            AccessDecision? holder = AskAgain();
            True(holder is not AccessDecision.Denied || _state.Session is null, "a right withdrawn ends the use at once");
        }

        private void CutLink() => _linkUp = false;

        private void RestoreLink()
        {
            if (_linkUp)
            {
                return;
            }

            _linkUp = true;
            _linkSeen = true;
            Send(new MachineSignal.LinkRestored());
            SayState();
            Deliver();
        }

        private void SayState()
        {
            if (_linkUp && _linkSeen)
            {
                for (int copies = _random.Next(1, 3); copies > 0; copies--)
                {
                    Send(_device.State(_now));
                }
            }
        }

        private void CutPower()
        {
            _device.PowerCut(_now, Duration.FromSeconds(2));
            Pass(3);
            _device.SayBooted(_now);
            Deliver();
        }

        private void KillGateway()
        {
            // What was not durable is gone; while the gateway is away the device is alone.
            Instant away = _now + Duration.FromSeconds(_random.Next(60));
            _device.Pass(_now, away);
            _now = away;
            _state = _durable.Aggregate(MachineState.New, MachineSessions.Evolve);
            _events.RemoveAll(e => !e.Durable);
            Instant? known = _random.Next(2) == 0 ? _lastRenewal : null;
            _renewed = null;
            Send(new MachineSignal.GatewayRestarted(known));
            _linkUp = true;
            _linkSeen = true;
            Send(new MachineSignal.LinkRestored());
            SayState();
            Deliver();
        }

        private void Pass(double seconds)
        {
            Instant end = _now + Duration.FromMilliseconds((long)(seconds * 1000) + 1);
            while (_now < end)
            {
                Instant next = Instant.Min(end, _now + Duration.FromSeconds(1));
                _device.Pass(_now, next);
                _now = next;
                if (_linkUp)
                {
                    _device.Measure(_now);
                }

                Deliver();
                if (!_linkUp && _linkSeen && _random.Next(3) == 0)
                {
                    _linkSeen = false;
                    Send(new MachineSignal.LinkLost(_lastRenewal));
                }

                if (MachineSessions.IsDueAgain(_policy, _state, Lab.Laser, _asked, _now))
                {
                    AskAgain();
                }

                Send(new MachineSignal.Tick());
                CheckClaims();
            }
        }

        private AccessDecision? AskAgain()
        {
            _asked = _now;
            AccessRequest? request = MachineSessions.QuestionAgain(_state, Lab.Tap with { Now = _now });
            AccessDecision? holder = request is null ? null : AccessRules.Ask(_policy, request);
            Send(new MachineSignal.PolicyChanged(holder));
            return holder;
        }

        /// <summary>Who has claimed their booking has the machine until its end, whoever else asks.</summary>
        private void CheckClaims()
        {
            OpenSession? session = _state.Session;
            True(session?.Overtime is null || session.Until <= session.Overtime + Duration.Max(Rule.BookingEndCap, Rule.LostLinkCap), "overtime has its cap");
            foreach (BookingClaim claim in _state.Tracks.Claims)
            {
                if (_policy.Booking(claim.Booking) is { } booking && booking.Start <= _now && _now < booking.End)
                {
                    AccessRequest owner = Lab.Tap with { Now = _now, Badge = null, Person = booking.People[0], Claims = _state.Tracks.Claims };
                    BookingId? own = AccessRules.Gather(_policy, owner).OwnBooking;
                    True(own is not null, "a claimed booking is its owner's until its end");
                }
            }
        }

        private void Deliver()
        {
            while (_linkUp && _device.TryTake(out MachineSignal signal))
            {
                Send(signal);
                if (_random.Next(10) == 0)
                {
                    Send(signal);
                }
            }
        }

        private MachineTurn Send(MachineSignal signal)
        {
            MachineTurn turn = MachineSessions.Decide(_state, signal, Rule, _now);
            True(turn.State.Equals(turn.Events.Aggregate(_state, MachineSessions.Evolve)), "the state is the fold of its events");
            _state = turn.State;
            _events.AddRange(turn.Events);
            _durable.AddRange(turn.Events.Where(e => e.Durable));
            Obey();
            return turn;
        }

        /// <summary>What the gateway does with the outputs.</summary>
        private void Obey()
        {
            ValueList<HeldRelay> held = Outputs.For(_state, Rule, _now);
            True(held.Count == 0 || _state.Session is not null || HasCoolDown(_state), "something is held without a session");
            True(held.Count == 0 || _state is not (MachineState.LockedOut or MachineState.Fault or MachineState.Idle), "something is held in a state of rest");
            if (held.Count == 0)
            {
                _renewed = null;
                if (_linkUp)
                {
                    _device.Open(_now);
                }
            }
            else if (held[0] is { Renew: true } main && (_renewed != main.Session || _now >= _renewedAt + main.Lease / 3))
            {
                _renewed = main.Session;
                _renewedAt = _now;
                _lastRenewal = _now;
                if (_linkUp)
                {
                    _device.Renew(main, _now);
                }
            }
        }

        private static bool HasCoolDown(MachineState state) => state switch
        {
            MachineState.CoolingDown or MachineState.AwaitingSecondBadge { Cooling: not null } => true,
            MachineState.LockOutPending pending => HasCoolDown(pending.Use),
            _ => false,
        };

        /// <summary>The evening: everybody has left, everything is connected, the device has told all it knows.</summary>
        private void Settle()
        {
            _device.Load = false;
            RestoreLink();
            Send(new MachineSignal.StopRequested(null));
            Pass(2);
            SayState();
            Pass(700);
            True(!_device.Closed, "in the evening the relay is open");
        }

        private void CheckSums()
        {
            // Nothing closes twice for one session: what has opened by itself stays open until somebody taps.
            SessionId[] closings = [.. _device.Closings];
            True(closings.Length == closings.Distinct().Count(), "a relay has closed again by itself");
            HashSet<SessionId> started = [.. _durable.OfType<MachineEvent.SessionStarted>().Select(e => e.Session.Id)];
            True(closings.All(started.Contains), "a relay has closed without a session");

            IReadOnlyList<LedgerEntry> entries = LedgerProjection.Of(_durable).Entries();
            True(entries.All(e => e.Settled), "in the evening everything is settled");
            long unknown = entries.Sum(e => e.UnknownMs);
            long known = entries.Sum(e => e.PoweredMs + e.CoolDownMs);
            long truth = _device.ClosedMs + _device.WeldedMs;
            if (!_faults)
            {
                True((known, unknown) == (truth, 0), $"known {known} ms and unknown {unknown} ms are not the {truth} ms of the relay");
            }
            else
            {
                // A weld is seen by readings of a second, so its time is known to a second at each end of it.
                long doubt = _device.WeldedMs > 0 ? 400_000 : 0;
                True(known <= truth + doubt, $"known {known} ms are more than the {truth} ms of the relay");
                True(known + unknown + _device.WeldedMs >= _device.ClosedMs, $"known {known} and unknown {unknown} ms are less than the {_device.ClosedMs} ms of the relay");
            }

            True(entries.All(e => e.WorkingMs <= e.PoweredMs + e.UnknownMs), "no work without power");
        }

        private void CheckReplay()
        {
            IReadOnlyList<LedgerEntry> once = LedgerProjection.Of(_durable).Entries();
            MachineEvent[] again = [.. _durable, .. _durable.Where(_ => _random.Next(2) == 0)];
            _random.Shuffle(again);

            True(once.SequenceEqual(LedgerProjection.Of(again).Entries()), "the ledger depends on order or number of the events");
        }

        private void True(bool holds, string what) => Assert.True(holds, $"seed {_seed}: {what}");
    }
}
