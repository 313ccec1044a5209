using System.Text.Json;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Every state meets every signal, with many contents each; found by reflection, so a new one is in the table by itself.</summary>
public sealed class EveryStateEverySignalTests
{
    public static TheoryData<Type, Type> Table()
    {
        TheoryData<Type, Type> table = [];
        foreach (Type state in Samples.Concrete(typeof(MachineState)))
        {
            foreach (Type signal in Samples.Concrete(typeof(MachineSignal)))
            {
                table.Add(state, signal);
            }
        }

        return table;
    }

    public static TheoryData<Type, Type> Folds()
    {
        TheoryData<Type, Type> table = [];
        foreach (Type state in Samples.Concrete(typeof(MachineState)))
        {
            foreach (Type happened in Samples.Concrete(typeof(MachineEvent)))
            {
                table.Add(state, happened);
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_state_answers_every_signal(Type stateType, Type signalType)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (MachineState state, MachineSignal signal, MachineRule rule, Instant now) = Make(stateType, signalType, seed);

            MachineTurn turn = MachineSessions.Decide(state, signal, rule, now);

            // The state is the fold of the events, in memory and read back from the journal.
            MachineState folded = turn.Events.Aggregate(state, MachineSessions.Evolve);
            Assert.Equal(turn.State, folded);
            MachineState read = turn.Events
                .Select(e => JsonSerializer.Deserialize<MachineEvent>(JsonSerializer.Serialize(e, CoreJson.Options), CoreJson.Options)!)
                .Aggregate(state, MachineSessions.Evolve);
            Assert.Equal(turn.State, read);

            // Durable events are numbered without a gap; the others have no number.
            long seq = state.Tracks.LastSeq;
            foreach (MachineEvent happened in turn.Events)
            {
                Assert.Equal(rule.Id, happened.Machine);
                Assert.Equal(happened.Durable ? ++seq : 0, happened.Seq);
            }

            Assert.Equal(seq, turn.State.Tracks.LastSeq);

            // The same question has the same answer.
            Assert.Equal(turn, MachineSessions.Decide(state, signal, rule, now));
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void No_signal_but_a_tap_or_a_use_already_begun_at_the_device_starts_anything(Type stateType, Type signalType)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (MachineState state, MachineSignal signal, MachineRule rule, Instant now) = Make(stateType, signalType, seed);

            MachineTurn turn = MachineSessions.Decide(state, signal, rule, now);

            bool began = turn.Events.Any(e => e is MachineEvent.SessionStarted);
            Assert.True(!began || signal is MachineSignal.Tapped or MachineSignal.OfflineUse { Use.To: null });
            foreach (HeldRelay held in Outputs.For(turn.State, rule, now))
            {
                SessionId[] before = [.. Outputs.For(state, rule, now).Select(h => h.Session)];
                Assert.True(began || before.Contains(held.Session) || held.Session == state.Session?.Id, "a relay is held for somebody who did not tap");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folds))]
    public void Every_event_can_be_folded_into_every_state(Type stateType, Type eventType)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            MachineState state = (MachineState)new Samples(seed, withNulls: seed % 2 == 1).Make(stateType);
            MachineEvent happened = (MachineEvent)new Samples(seed + 1000).Make(eventType);

            MachineState after = MachineSessions.Evolve(state, happened);

            Assert.NotNull(after.Tracks);
            Assert.True(!happened.Durable || after.Tracks.LastSeq >= happened.Seq);
            Assert.True(after is not MachineState.LockOutPending pending || pending.Tracks.Equals(pending.Use.Tracks));
        }
    }

    [Fact]
    public void Every_state_end_fault_alarm_and_answer_has_words_in_both_languages()
    {
        List<Words> all =
        [
            .. Samples.Concrete(typeof(MachineState)).Select(type => SessionWords.Of((MachineState)new Samples(1).Make(type))),
            .. Enum.GetValues<EndReason>().Select(SessionWords.Of),
            .. Enum.GetValues<MachineFault>().Select(SessionWords.Of),
            .. Enum.GetValues<MachineAlarm>().Select(SessionWords.Of),
            .. Enum.GetValues<ReplyKind>().Select(SessionWords.Of),
        ];

        Assert.All(all, words => Assert.True(words.Fr.Length > 2 && words.En.Length > 2 && words.Fr != words.En));
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal("gateway_restarted", EndReason.GatewayRestarted.Code());
    }

    private static (MachineState State, MachineSignal Signal, MachineRule Rule, Instant Now) Make(Type stateType, Type signalType, int seed)
    {
        Samples samples = new(seed, withNulls: seed % 3 != 0);
        MachineState state = (MachineState)samples.Make(stateType);
        if (state is MachineState.LockOutPending { Use: not (MachineState.Ready or MachineState.Running or MachineState.CoolingDown) } pending)
        {
            // A lock-out only waits for a use.
            state = new MachineState.LockOutPending(pending.LockOut, samples.Make<MachineState.Ready>());
        }

        // Half of the tracks are fresh, so that the signals find something that fits.
        if (seed % 2 == 0)
        {
            state = seed % 4 == 0 ? state : WithFreshTracks(state);
        }

        return (state, (MachineSignal)samples.Make(signalType), samples.Make<MachineRule>(), samples.Make<Instant>());
    }

    // Folding in what was observed is how tracks change.
    private static MachineState WithFreshTracks(MachineState state) =>
        MachineSessions.Evolve(state, new MachineEvent.Observed(Lab.Laser, Lab.Now, new MachineTracks { LastSeq = 5 }));
}
