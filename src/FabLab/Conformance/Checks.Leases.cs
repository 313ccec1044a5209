using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <content>Leases, finishing, faults.</content>
internal static partial class Checks
{
    /// <summary>A device looks at its deadlines every 100 ms; as much again for its scheduler.</summary>
    private const int Look = 200;

    private static async Task StartClosesAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("ok", "c20", 4_000, start: true);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on");
        Talk.Equal(("c20", 0, false), (on.Session, on.Channel, on.Off), "session, channel and off of the record on");
        var closed = await talk.ClosedAsync() ?? throw new CheckFailedException("The birth does not name the closed relay.");
        Talk.Equal(("c20", "lease"), (closed.Session, closed.By), "session and reason of the closed relay in the birth");
        Talk.Within(1, 4_000, closed.LeftMs, "what is left of the lease");
        foreach (var channel in Enumerable.Range(1, Math.Max(0, talk.Birth!.Relays.Count - 1)))
            await talk.IsOpenAsync("that nobody started", channel);
    }

    private static async Task LeaseEndsAsync(Talk talk)
    {
        foreach (var ttl in new[] { 500, 2_000 })
        {
            talk.Mark();
            await talk.CodeAsync("ok", $"c21-{ttl}", ttl, start: true);
            await EndsByItselfAsync(talk, $"c21-{ttl}", ttl);
        }
    }

    private static async Task<OffRecord> EndsByItselfAsync(Talk talk, string session, int length, string why = "lease")
    {
        var on = await talk.ExpectAsync<OnRecord>(record => record.Session == session, "a record on");
        var off = await talk.ExpectAsync<OffRecord>(record => record.Session == session, "a record off", length + 2_000);
        Talk.Equal(why, off.Why, "the reason of the record off");
        Talk.Equal(off.Up - on.Up, off.Ms, "the time closed (up of off less up of on)");
        Talk.Within(length - 1, length + Look, off.Ms, "the time closed, ms,");
        await talk.IsOpenAsync("after its time was over");
        return off;
    }

    private static async Task RenewalProlongsAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("ok", "c22", 1_500, start: true);
        var began = talk.Answered!.Up;
        await talk.WaitAsync(700);
        await talk.CodeAsync("ok", "c22", 1_500, start: false);
        await talk.WaitAsync(700);
        await talk.CodeAsync("ok", "c22", 1_000, start: false);
        var last = talk.Answered!.Up;
        if (talk.CountOf<OnRecord>() != 1)
            throw new CheckFailedException("A renewal wrote a record on.");
        await EndsByItselfAsync(talk, "c22", (int)(last - began) + 1_000);
    }

    private static async Task ZeroOpensAsync(Talk talk)
    {
        foreach (var (started, named, n, at) in new[] { ("c23a", "c23a", (uint?)null, (long?)null), ("c23b", "another", 1u, 0L), ("c23c", "c23c", null, 0L) })
        {
            talk.Mark();
            await talk.CodeAsync("ok", started, 20_000, start: true);
            await talk.CodeAsync("ok", named, 0, start: false, n: n, at: at);
            var off = await talk.ExpectAsync<OffRecord>(null, "a record off after length 0");
            Talk.Equal((started, "told"), (off.Session, off.Why), "session and reason of the record off");
            await talk.IsOpenAsync("after length 0");
        }
        talk.Mark();
        await talk.CodeAsync("ok", "none", 0, start: false);
        await talk.AbsentAsync<OffRecord>(null, "a record off of a relay that was open", 200);
    }

    private static async Task OldNumbersAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("ok", "c24", 1_500, start: true);
        var n = talk.Answered!.N!.Value;
        var began = talk.Answered.Up;
        await talk.CodeAsync("old", "c24", 20_000, start: false, n: n);
        await talk.CodeAsync("old", "c24", 20_000, start: false, n: n - 1);
        await talk.CodeAsync("old", "c24b", 20_000, start: true, n: n);
        // A number counts as the last one whatever the answer to it was.
        await talk.CodeAsync("sid", "c24x", 20_000, start: false, n: n + 5);
        await talk.CodeAsync("old", "c24", 20_000, start: false, n: n + 4);
        Talk.Within(0, 60_000, talk.Answered!.Up - began, "the uptime in the answers");
        await EndsByItselfAsync(talk, "c24", 1_500);
        while (talk.NextLease() <= n + 5)
        {
        }
    }

    private static async Task HeldUpLeaseIsShortAsync(Talk talk)
    {
        await PassAsync(talk, 4_000);
        talk.Mark();
        var at = talk.Up - 3_000;
        await talk.CodeAsync("ok", "c25", 3_000, start: true, at: at);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on");
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off", 5_000);
        Talk.Within(at + 2_000 + 3_000 - 1 - on.Up, at + 2_000 + 3_000 + Look - on.Up, off.Ms, "the time closed under a lease that was sent 3 s ago, ms,");
    }

    private static async Task LateLeaseAsync(Talk talk)
    {
        await PassAsync(talk, 11_000);
        talk.Mark();
        await talk.CodeAsync("late", "c26", 500, start: true, at: talk.Up - 3_000);
        await talk.CodeAsync("late", "c26b", 60_000, start: true, at: talk.Up - 10_500);
        await talk.AbsentAsync<OnRecord>(null, "a record on after a late start", 300);
        await talk.CodeAsync("ok", "c26c", 3_000, start: true);
        // A renewal may be older: its own length says how long it is good.
        await talk.CodeAsync("ok", "c26c", 60_000, start: false, at: talk.Up - 10_500);
        await talk.CodeAsync("late", "c26c", 500, start: false, at: talk.Up - 5_000);
        if (await talk.ClosedAsync() is null)
            throw new CheckFailedException("A late lease opened the relay.");
    }

    private static async Task RenewalNeverStartsAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("open", "c27", 3_000, start: false);
        await talk.CodeAsync("ok", "c27b", 500, start: true);
        await talk.ExpectAsync<OffRecord>(null, "a record off at the end of the lease");
        talk.Mark();
        await talk.CodeAsync("open", "c27b", 3_000, start: false);
        await talk.AbsentAsync<OnRecord>(null, "a record on after a renewal", 300);
        await talk.IsOpenAsync("after a renewal that came too late");
    }

    private static async Task OtherSessionAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("ok", "c28", 1_500, start: true);
        await talk.CodeAsync("sid", "c28x", 20_000, start: false);
        await EndsByItselfAsync(talk, "c28", 1_500);
    }

    private static async Task EndedStaysEndedAsync(Talk talk)
    {
        await talk.CodeAsync("ok", "c29", 5_000, start: true);
        await talk.CodeAsync("ok", "c29", 0, start: false);
        talk.Mark();
        await talk.CodeAsync("ended", "c29", 5_000, start: true);
        await talk.CodeAsync("ok", "c29n", 0, start: false);
        await talk.CodeAsync("ended", "c29n", 5_000, start: true);
        await talk.AbsentAsync<OnRecord>(null, "a record on for a session that ended", 300);
        await talk.CodeAsync("ok", "c29o", 500, start: true);
        await talk.ExpectAsync<OffRecord>(null, "a record off at the end of the lease");
        await talk.CodeAsync("ended", "c29o", 5_000, start: true);
        await talk.IsOpenAsync("for a session that ended");
    }

    private static async Task HandoverAsync(Talk talk)
    {
        await talk.CodeAsync("ok", "c30", 10_000, start: true);
        await talk.ExpectAsync<OnRecord>(null, "a record on");
        talk.Mark();
        await talk.CodeAsync("ok", "c30b", 1_000, start: true);
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off of the session before");
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on of the next session");
        Talk.Equal(("c30", "handover"), (off.Session, off.Why), "session and reason of the record off");
        Talk.Equal(("c30b", off.Up, off.Seq + 1), (on.Session, on.Up, on.Seq), "session, uptime and number of the record on");
        var ended = await talk.ExpectAsync<OffRecord>(record => record.Session == "c30b", "a record off of the next session", 4_000);
        Talk.Within(999, 1_000 + Look, ended.Ms, "the time closed of the next session, ms,");
        await talk.CodeAsync("ended", "c30b", 5_000, start: true);
    }

    private static async Task NoSuchChannelAsync(Talk talk)
    {
        if (talk.Birth!.Relays.Count == Limits.Relays)
            return;
        talk.Mark();
        await talk.CodeAsync("ch", "c31", 3_000, start: true, channel: Limits.Relays - 1);
        await talk.CodeAsync("ch", "c31", 0, start: false, channel: Limits.Relays - 1);
    }

    private static async Task LeaseLimitsAsync(Talk talk)
    {
        foreach (var (ttl, n, channel) in new[] { ("499", "@n", "0"), ("1", "@n", "0"), ("-1", "@n", "0"), ("43200001", "@n", "0"), ("3000", "0", "0"), ("3000", "@n", "4") })
        {
            talk.Mark();
            var json = Fill($$"""{"m":"lease","ch":{{channel}},"sid":"c32","n":{{n}},"ttl":{{ttl}},"at":@at,"s":true}""", talk, talk.NextLease());
            talk.Send(TopicKind.Command, json);
            Talk.Equal("bad", (await talk.ExpectAsync<Reply>(null, $"an answer to {json}")).Code, $"the answer to {json}");
        }
        await talk.IsOpenAsync("after leases out of their limits");
        await talk.CodeAsync("ok", "c32b", 43_200_000, start: true);
        var closed = await talk.ClosedAsync() ?? throw new CheckFailedException("A lease of 12 h closed nothing.");
        Talk.Within(43_190_000, 43_200_000, closed.LeftMs, "what is left of a lease of 12 h");
    }

    private static async Task LostLinkKeepsTheLeaseAsync(Talk talk)
    {
        talk.Mark();
        await talk.CodeAsync("ok", "c33", 5_000, start: true);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on");
        talk.Mark();
        await talk.Bench.DropAsync(talk.Cancellation);
        var birth = await talk.ExpectAsync<Birth>(null, "a birth after a new connection", 15_000);
        if (birth.Up < on.Up + 4_900 && birth.Closed.FirstOrDefault(relay => relay.Channel == 0) is not { Session: "c33" })
            throw new CheckFailedException("The connection was lost and the relay opened before its lease ended.");
        await talk.MatchAsync();
        var off = await talk.ExpectAsync<OffRecord>(record => record.Session == "c33", "a record off", 9_000);
        Talk.Equal("lease", off.Why, "the reason of the record off");
        Talk.Within(4_999, 5_000 + Look, off.Ms, "the time closed, ms, with the connection lost in between");
    }

    private static async Task ConfigurationAsync(Talk talk)
    {
        var config = await talk.ConfigureAsync(c => c with { SilenceSeconds = 60, HeartbeatSeconds = 60, UseSeconds = 300, MeterSeconds = 10, Language = "fr" });
        Talk.Equal(config.Version, (await talk.RebirthAsync()).ConfigVersion, "the version of the configuration in the birth");
        foreach (var json in new[]
        {
            """{"m":"config","v":900001,"si":29,"hb":60,"us":0,"me":1,"lang":"fr","ch":[],"rc":[]}""",
            """{"m":"config","v":900001,"si":60,"hb":9,"us":0,"me":1,"lang":"fr","ch":[],"rc":[]}""",
            """{"m":"config","v":900001,"si":60,"hb":60,"us":59,"me":1,"lang":"fr","ch":[],"rc":[]}""",
            """{"m":"config","v":900001,"si":60,"hb":60,"us":0,"me":1,"lang":"de","ch":[],"rc":[]}""",
            """{"m":"config","v":900001,"si":60,"hb":60,"us":0,"me":1,"lang":"fr","ch":[{"ll":"finish","cap":0,"mw":0,"idle":0,"of":"deny","age":0,"omax":0}],"rc":[]}""",
            """{"m":"config","v":900001,"si":60,"hb":60,"us":0,"me":1,"lang":"fr","ch":[],"rc":[4]}""",
        })
        {
            talk.Mark();
            talk.Send(TopicKind.Command, json);
            Talk.Equal("bad", (await talk.ExpectAsync<Reply>(null, $"an answer to {json}")).Code, $"the answer to {json}");
        }
        Talk.Equal(config.Version, (await talk.RebirthAsync()).ConfigVersion, "the version of the configuration in the birth after bad ones");
    }

    private static Task<Config> FinishAsync(Talk talk, int cap, long milliWatts = 0, int idle = 0) =>
        talk.ConfigureAsync(channel0: new ChannelConfig(LostLink.Finish, cap, milliWatts, idle, OfflineUse.Deny, 0, 0));

    private static async Task FinishEndsAtTheCapAsync(Talk talk)
    {
        await FinishAsync(talk, cap: 2);
        talk.Mark();
        await talk.CodeAsync("ok", "c35", 1_000, start: true);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on");
        var keep = await talk.ExpectAsync<KeepRecord>(null, "a record keep at the end of the lease", 3_000);
        Talk.Equal(("c35", keep.Up - on.Up), (keep.Session, keep.Ms), "session and time of the record keep");
        Talk.Within(999, 1_000 + Look, keep.Ms, "the time closed at keep, ms,");
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off at the cap", 5_000);
        Talk.Equal("cap", off.Why, "the reason of the record off");
        Talk.Within(2_999, 3_000 + Look, off.Ms, "the time closed until the cap, ms,");
        await talk.IsOpenAsync("after the cap");
    }

    private static async Task FinishIsTakenOverAsync(Talk talk)
    {
        await FinishAsync(talk, cap: 30);
        talk.Mark();
        await talk.CodeAsync("ok", "c36", 500, start: true);
        await talk.ExpectAsync<KeepRecord>(null, "a record keep at the end of the lease");
        var closed = await talk.ClosedAsync() ?? throw new CheckFailedException("The relay opened though it was to finish.");
        Talk.Equal("keep", closed.By, "the reason of the closed relay in the birth");
        Talk.Within(25_000, 30_500, closed.LeftMs, "what is left of the finish");
        await talk.CodeAsync("ok", "c36", 5_000, start: false);
        Talk.Equal("lease", (await talk.ClosedAsync())?.By, "the reason of the closed relay after a renewal");
        talk.Mark();
        await talk.CodeAsync("ok", "c36", 500, start: false);
        await talk.ExpectAsync<KeepRecord>(null, "a record keep at the end of the renewed lease");
        await talk.CodeAsync("ok", "c36", 0, start: false);
        Talk.Equal("told", (await talk.ExpectAsync<OffRecord>(null, "a record off after length 0")).Why, "the reason of the record off");
        await talk.IsOpenAsync("after length 0 in a finish");
    }

    private static async Task FinishEndsWhenIdleAsync(Talk talk)
    {
        await FinishAsync(talk, cap: 60, milliWatts: 10_000, idle: 2);
        talk.Mark();
        await talk.CodeAsync("ok", "c37", 1_500, start: true);
        await talk.Bench.Hands.MeasureAsync(500_000, talk.Cancellation);
        await talk.ExpectAsync<KeepRecord>(null, "a record keep at the end of the lease", 4_000);
        await talk.AbsentAsync<OffRecord>(null, "a record off while the machine draws current", 4_000);
        await talk.Bench.Hands.MeasureAsync(1_000, talk.Cancellation);
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off when the machine is idle", 12_000);
        Talk.Equal("idle", off.Why, "the reason of the record off");
    }

    private static async Task WeldAsync(Talk talk)
    {
        await talk.ConfigureAsync(channel0: new ChannelConfig(LostLink.Open, 0, 10_000, 0, OfflineUse.Deny, 0, 0));
        talk.Mark();
        await talk.Bench.Hands.MeasureAsync(500_000, talk.Cancellation);
        var fault = await talk.ExpectAsync<FaultRecord>(record => record.Code == "weld", "a fault weld while power flows through an open relay", 10_000);
        Talk.Equal(true, fault.Standing, "on of the fault weld");
        await talk.CodeAsync("fault", "c38", 3_000, start: true);
        if (!(await talk.RebirthAsync()).Faults.Contains("0:weld"))
            throw new CheckFailedException("The birth does not tell the fault that stands.");
        talk.Mark();
        await talk.Bench.Hands.MeasureAsync(0, talk.Cancellation);
        await talk.ExpectAsync<FaultRecord>(record => record is { Code: "weld", Standing: false }, "the end of the fault weld", 10_000);
        await talk.CodeAsync("ok", "c38b", 3_000, start: true);
    }

    /// <summary>Until the device has run for so long: shortly after a start there is no time yet that a message could come from.</summary>
    private static async Task PassAsync(Talk talk, long uptime)
    {
        if (talk.Up < uptime)
            await talk.WaitAsync((int)(uptime - talk.Up));
    }
}
