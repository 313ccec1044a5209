using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Booking.Tests.Hosting;

/// <summary>A machine as its gateway would live through it: signals go through Core, the durable events come out as journal records.</summary>
internal sealed class MachineStory
{
    private readonly Random _random;
    private readonly MachineRule _rule;
    private MachineState _state = MachineState.New;
    private uint _boot = 1;
    private long _up = 1000;

    public MachineStory(MachineId machine, Instant start, int seed = 1)
    {
        _random = new Random(seed);
        Now = start;
        _rule = new MachineRule
        {
            Id = machine,
            Code = "LAS-1",
            NameFr = "Laser",
            NameEn = "Laser",
            CoolDown = new CoolDownRule(Duration.FromSeconds(20), RelayChannel.Main),
            Devices = [new DeviceBinding(DeviceRole.Relay, new DeviceId("las-1"))],
        };
    }

    public Instant Now { get; private set; }

    public List<MachineEvent> Events { get; } = [];

    /// <summary>All events so far as records of one journal, from a sequence number.</summary>
    public IReadOnlyList<JournalRecord> Records(long from = 1) => [.. Events.Select((happened, place) => Record(from + place, happened))];

    public static JournalRecord Record(long seq, MachineEvent happened) =>
        new(seq, happened.Machine, happened.At, JournalKinds.Event, JsonSerializer.SerializeToElement(happened, CoreJson.Options));

    public MachineStory Wait(long seconds)
    {
        Now += Duration.FromSeconds(seconds);
        _up += seconds * 1000;
        return this;
    }

    public MachineStory Tap(PersonId person, BadgeId badge, ProjectId? project = null)
    {
        var facts = Facts();
        var decision = new AccessDecision.Granted(null, new AccessTerms(person, badge, null, null, project, null, null), facts);
        return Signal(new MachineSignal.Tapped(person, badge, decision, SessionId.New(Now)));
    }

    public MachineStory RefusedTap(AccessReason reason, PersonId? person = null, BadgeId? badge = null) =>
        Signal(new MachineSignal.Tapped(person, badge, new AccessDecision.Denied(reason, Facts()), SessionId.New(Now)));

    public MachineStory Relay(bool closed) => Signal(new MachineSignal.RelayReported(RelayChannel.Main, closed, Clock()));

    public MachineStory Power(double watts) => Signal(new MachineSignal.PowerMeasured(watts, Clock()));

    public MachineStory Signal(MachineSignal signal)
    {
        var turn = MachineSessions.Decide(_state, signal, _rule, Now);
        _state = turn.State;
        Events.AddRange(turn.Events.Where(happened => happened.Durable));
        return this;
    }

    /// <summary>One use from tap to tap, with the relay's reports, work and cool-down.</summary>
    public MachineStory Use(PersonId person, BadgeId badge, long seconds, ProjectId? project = null)
    {
        Tap(person, badge, project).Wait(1).Relay(closed: true).Wait(2).Power(600).Wait(6).Power(600);
        Wait(seconds / 2).Power(2).Wait(40).Power(2).Wait(seconds / 2);
        Tap(person, badge).Wait(1).Relay(closed: true).Wait(21).Signal(new MachineSignal.Tick()).Wait(1).Relay(closed: false).Wait(5);
        return this;
    }

    /// <summary>Whatever can happen, in a believable order, ended so that nothing stays open.</summary>
    public MachineStory Random(IReadOnlyList<(PersonId Person, BadgeId Badge)> people, int signals)
    {
        for (var i = 0; i < signals; i++)
        {
            Wait(_random.Next(0, 90));
            var (person, badge) = people[_random.Next(people.Count)];
            _ = _random.Next(12) switch
            {
                0 or 1 => Tap(person, badge),
                2 => RefusedTap(AccessReason.TrainingMissing, person, badge),
                3 or 4 => Relay(closed: true),
                5 => Relay(closed: false),
                6 or 7 => Power(_random.Next(0, 900)),
                8 => Signal(new MachineSignal.LinkLost(Now)),
                9 => Signal(new MachineSignal.LinkRestored()),
                10 => Boot(),
                _ => Signal(new MachineSignal.Tick()),
            };
        }
        Signal(new MachineSignal.LinkRestored()).Signal(new MachineSignal.StopRequested(null)).Wait(60).Signal(new MachineSignal.Tick());
        Relay(closed: false).Wait(60).Relay(closed: false).Signal(new MachineSignal.Tick());
        return this;
    }

    private MachineStory Boot()
    {
        (_boot, _up) = (_boot + 1, 500);
        return Signal(new MachineSignal.DeviceBooted(Clock()));
    }

    private DeviceTime Clock() => new(_boot, _up, Now);

    private AccessFacts Facts() => new() { Now = Now };
}
