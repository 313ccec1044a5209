using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>One machine on a bench: a state, a clock, and a device that obeys what the outputs say. Tests play the people and the faults.</summary>
internal sealed class Bench
{
    public static readonly MachineRule Rule = Lab.LaserRule with
    {
        Lease = Duration.FromSeconds(30),
        Power = new PowerRule { WorkingFor = Duration.FromSeconds(5), RestingFor = Duration.FromSeconds(30) },
        Devices = [new DeviceBinding(DeviceRole.Relay, new DeviceId("box")), new DeviceBinding(DeviceRole.Meter, new DeviceId("box"))],
    };

    private int _sessions = 100;

    public Bench(MachineRule? rule = null) => Machine = rule ?? Rule;

    public MachineRule Machine { get; set; }

    public Instant Now { get; set; } = Lab.Now;

    public MachineState State { get; set; } = MachineState.New;

    public List<MachineEvent> Events { get; } = [];

    public MachineReply? Reply { get; private set; }

    public uint Boot { get; set; } = 1;

    /// <summary>When the device started, by the true time.</summary>
    public Instant BootedAt { get; set; } = Lab.Now - Duration.FromMinutes(1);

    public DeviceTime Device => new(Boot, (long)(Now - BootedAt).TotalMilliseconds, Now);

    public SessionId LastSession => Lab.Id<SessionId>(_sessions);

    public ValueList<HeldRelay> Held => Outputs.For(State, Machine, Now);

    public LedgerProjection Ledger => LedgerProjection.Of(Events);

    public MachineTurn Send(MachineSignal signal)
    {
        MachineTurn turn = MachineSessions.Decide(State, signal, Machine, Now);
        State = turn.State;
        Events.AddRange(turn.Events);
        Reply = turn.Reply;
        return turn;
    }

    public Bench After(double seconds)
    {
        Now += Duration.FromSeconds(seconds);
        return this;
    }

    public MachineTurn Tick(double seconds)
    {
        After(seconds);
        return Send(new MachineSignal.Tick());
    }

    public MachineTurn Tap(PersonId? person = null, AccessDecision? decision = null)
    {
        PersonId who = person ?? Lab.Maker;
        return Send(new MachineSignal.Tapped(who, BadgeOf(who), decision ?? Yes(who), Lab.Id<SessionId>(++_sessions)));
    }

    /// <summary>A refused tap.</summary>
    public MachineTurn TapRefused(PersonId person, AccessReason reason = AccessReason.TrainingMissing) => Tap(person, No(reason));

    public MachineTurn Relay(bool closed, RelayChannel channel = RelayChannel.Main, SessionId? lease = null) =>
        Send(new MachineSignal.RelayReported(channel, closed, Device, lease));

    public MachineTurn Power(double watts, double? total = null) => Send(new MachineSignal.PowerMeasured(watts, Device, total));

    /// <summary>A session under way, its relay closed half a second after the tap.</summary>
    public Bench Started(AccessDecision? decision = null)
    {
        Tap(decision: decision);
        After(0.5).Relay(closed: true);
        return this;
    }

    /// <summary>A session that works, by readings of every second.</summary>
    public Bench Working(double watts = 100)
    {
        Started();
        for (int i = 0; i < 7; i++)
        {
            After(1).Power(watts);
        }

        return State is MachineState.Running ? this : throw new InvalidOperationException("The machine does not work.");
    }

    public static AccessDecision.Granted Yes(
        PersonId person, Instant? until = null, LimitReason? limit = null, PersonId? companion = null, bool companionHere = false) => new(
        until,
        new AccessTerms(person, BadgeOf(person), companion, companion is { } c ? BadgeOf(c) : null, Lab.Lamp, null, limit),
        new AccessFacts
        {
            Now = Lab.Now,
            Companion = companion is null ? null : new CompanionFacts { Id = companion, Present = companionHere },
        });

    public static AccessDecision.Denied No(AccessReason reason) => new(reason, new AccessFacts { Now = Lab.Now });

    public static BadgeId? BadgeOf(PersonId person) =>
        person == Lab.Maker ? Lab.MakerBadge : person == Lab.Mentor ? Lab.MentorBadge : person == Lab.Young ? Lab.YoungBadge : null;

    public LedgerEntry Entry(SessionId? session = null) => Ledger.Entry(session ?? LastSession)!;

    public T Last<T>()
        where T : MachineEvent => Events.OfType<T>().Last();
}
