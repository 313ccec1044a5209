using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <content>Badges, and what the device decides while the gateway is away.</content>
internal static partial class Checks
{
    private static async Task BadgeIsSentAsync(Talk talk)
    {
        await talk.TagAsync(0);
        talk.Mark();
        await talk.Bench.Hands.TapAsync(0, talk.Cancellation);
        var badge = await talk.ExpectAsync<BadgeRecord>(null, "a badge record", 15_000);
        Talk.Equal((talk.Boot, false, talk.Tags[0]), (badge.Boot, badge.Off, badge.Tag), "boot, off and tag of the badge record");
        talk.Send(new Show(badge.Reader, ShowKind.No, "No.", 1) { For = badge.Seq, Code = "conformance" });
        await talk.AbsentAsync<DenyRecord>(null, "a refusal of the device's own though it was answered", 3_500);
        if (talk.CountOf<BadgeRecord>() > 1)
            throw new CheckFailedException("One presentation made two records.");
    }

    private static async Task NoAnswerAsync(Talk talk)
    {
        await talk.TagAsync(0);
        talk.Mark();
        await talk.Bench.Hands.TapAsync(0, talk.Cancellation);
        var badge = await talk.ExpectAsync<BadgeRecord>(null, "a badge record", 15_000);
        var deny = await talk.ExpectAsync<DenyRecord>(null, "a record deny after 3 s without an answer", 5_000);
        Talk.Equal("no-answer", deny.Why, "the reason of the record deny");
        Talk.Within(3_000, 3_000 + Look, deny.Up - badge.Up, "the wait for an answer, ms,");
        await talk.IsOpenAsync("after a badge that nobody answered");
    }

    private static async Task GoodbyeAsync(Talk talk)
    {
        var tag = await talk.TagAsync(0);
        await talk.LeaveAsync();
        await talk.TapAsync(0);
        await talk.ComeBackAsync();
        var badge = await talk.ExpectAsync<BadgeRecord>(null, "a badge record");
        Talk.Equal((true, tag), (badge.Off, badge.Tag), "off and tag of a badge recorded while away");
    }

    private static async Task SilenceAsync(Talk talk)
    {
        await talk.TagAsync(0);
        await talk.ConfigureAsync(c => c with { SilenceSeconds = 30, MeterSeconds = 0 });
        // An acknowledgement would be a message too.
        (talk.IsSilent, talk.Acknowledges) = (true, false);
        await talk.WaitAsync(25_000);
        talk.Mark();
        await talk.Bench.Hands.TapAsync(0, talk.Cancellation);
        var first = await talk.ExpectAsync<BadgeRecord>(null, "a badge record", 3_000);
        Talk.Equal(false, first.Off, "off of a badge after 25 s of silence with si 30");
        await talk.WaitAsync(6_500);
        talk.Mark();
        await talk.TapAsync(0);
        talk.Acknowledges = true;
        await talk.ComeBackAsync();
        Talk.Equal(true, (await talk.ExpectAsync<BadgeRecord>(record => record.Seq > first.Seq, "a badge record")).Off, "off of a badge after 31 s of silence with si 30");
    }

    private static Task<Config> ListPolicyAsync(Talk talk, int age = 86_400, int most = 600) =>
        talk.ConfigureAsync(channel0: new ChannelConfig(LostLink.Open, 0, 0, 0, OfflineUse.List, age, most));

    private static async Task<DenyRecord> DeniedAsync(Talk talk, string why, int badge = 0)
    {
        await talk.LeaveAsync();
        await talk.TapAsync(badge);
        await talk.ComeBackAsync();
        var deny = await talk.ExpectAsync<DenyRecord>(null, $"a record deny ({why}) of a badge while away");
        Talk.Equal((why, 0, talk.Tags[badge]), (deny.Why, deny.Channel, deny.Tag), "reason, channel and tag of the record deny");
        if (talk.CountOf<OnRecord>() > 0)
            throw new CheckFailedException("The relay closed for a badge that was refused.");
        return deny;
    }

    private static async Task AwayDenyAsync(Talk talk)
    {
        await talk.TagAsync(0);
        await DeniedAsync(talk, "offline");
        await talk.IsOpenAsync("after a refusal");
        if (talk.TagKey is null)
            return;
        await HoldAsync(talk, [Entry(talk, talk.Tags[0]!)]);
        await ListPolicyAsync(talk, most: 0);
        await DeniedAsync(talk, "offline");
    }

    private static async Task<GrantRecord> GrantedAsync(Talk talk, int most = 600)
    {
        var tag = await talk.TagAsync(0);
        await HoldAsync(talk, [Entry(talk, tag, Seconds(talk) + 3_600), .. Strangers(talk, 3)]);
        await ListPolicyAsync(talk, most: most);
        await talk.MatchAsync();
        await talk.LeaveAsync();
        await talk.TapAsync(0);
        await talk.ComeBackAsync();
        var grant = await talk.ExpectAsync<GrantRecord>(null, "a record grant for a tag on the list");
        Talk.Equal((tag, 0, talk.CurrentList, most), (grant.Tag, grant.Channel, grant.List, grant.MaxSeconds), "tag, channel, list and max of the record grant");
        Talk.Equal($"o{grant.Boot}-{grant.Seq}", grant.Session, "the session of the record grant");
        return grant;
    }

    private static async Task AwayGrantAsync(Talk talk)
    {
        var grant = await GrantedAsync(talk);
        var on = await talk.ExpectAsync<OnRecord>(null, "a record on after grant");
        Talk.Equal((grant.Session, true, (uint?)grant.List, grant.Seq + 1), (on.Session, on.Off, on.List, on.Seq), "session, off, list and number of the record on");
        var closed = await talk.ClosedAsync() ?? throw new CheckFailedException("The birth does not name the relay that the device closed.");
        Talk.Equal((grant.Session, "list"), (closed.Session, closed.By), "session and reason of the closed relay in the birth");
        await talk.CodeAsync("ok", grant.Session, 5_000, start: false);
        Talk.Equal("lease", (await talk.ClosedAsync())?.By, "the reason of the closed relay after a renewal");
        await talk.CodeAsync("ok", grant.Session, 0, start: false);
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off after length 0");
        Talk.Equal(("told", false), (off.Why, off.Off), "reason and off of the record off after the gateway took over");
    }

    private static async Task AwayStopAsync(Talk talk)
    {
        await GrantedAsync(talk);
        talk.Mark();
        await talk.LeaveAsync();
        await talk.TapAsync(0);
        await talk.ComeBackAsync();
        var off = await talk.ExpectAsync<OffRecord>(null, "a record off of the holder's badge while away");
        Talk.Equal(("tap", true), (off.Why, off.Off), "reason and off of the record off");
        await talk.IsOpenAsync("after the holder's badge");

        await talk.ConfigureAsync();
        talk.Mark();
        await talk.Bench.Hands.TapAsync(0, talk.Cancellation);
        await talk.ExpectAsync<BadgeRecord>(null, "a badge record", 15_000);
        await talk.CodeAsync("ok", "c66", 60_000, start: true);
        await talk.WaitAsync(1_000);
        await talk.LeaveAsync();
        await talk.TapAsync(0);
        await talk.ComeBackAsync();
        off = await talk.ExpectAsync<OffRecord>(record => record.Session == "c66", "a record off of the holder's badge under a lease, while away");
        Talk.Equal("tap", off.Why, "the reason of the record off");
    }

    private static async Task AwayBusyAsync(Talk talk)
    {
        await talk.TagAsync(0);
        if (talk.Tags[1] is null)
        {
            // Whoever tapped in the last minute would hold the session too.
            await talk.TagAsync(1);
            await talk.WaitAsync(61_000);
        }
        talk.Mark();
        await talk.Bench.Hands.TapAsync(0, talk.Cancellation);
        await talk.ExpectAsync<BadgeRecord>(null, "a badge record", 15_000);
        await talk.CodeAsync("ok", "c67", 60_000, start: true);
        await talk.WaitAsync(1_000);
        await talk.LeaveAsync();
        await talk.TapAsync(1);
        await talk.ComeBackAsync();
        Talk.Equal("busy", (await talk.ExpectAsync<DenyRecord>(null, "a record deny of another badge")).Why, "the reason of the record deny");
        Talk.Equal("c67", (await talk.ClosedAsync())?.Session, "the session that runs after another badge");
    }

    private static async Task AwayUnknownAsync(Talk talk)
    {
        var tag = await talk.TagAsync(0);
        await ListPolicyAsync(talk);
        await HoldAsync(talk, Strangers(talk, 25));
        await DeniedAsync(talk, "unknown");
        await HoldAsync(talk, [Entry(talk, tag, rights: 2), .. Strangers(talk, 2)]);
        await DeniedAsync(talk, "unknown");
    }

    private static async Task AwayExpiredAsync(Talk talk)
    {
        var tag = await talk.TagAsync(0);
        await ListPolicyAsync(talk);
        await HoldAsync(talk, [Entry(talk, tag, Seconds(talk) - 10)]);
        await DeniedAsync(talk, "expired");
    }

    private static async Task AwayOldListAsync(Talk talk)
    {
        var tag = await talk.TagAsync(0);
        await ListPolicyAsync(talk, age: 60);
        await talk.ListAsync(Protocol.Peer.ListParts.Full(talk.NextList(), talk.TagKey!.Id, Seconds(talk) - 1_000, [Entry(talk, tag)]));
        await talk.MatchAsync();
        await DeniedAsync(talk, "list-old");
    }

    private static async Task AwayNoClockAsync(Talk talk)
    {
        var tag = await talk.TagAsync(0);
        await ListPolicyAsync(talk);
        await HoldAsync(talk, [Entry(talk, tag)]);
        await talk.MatchAsync();
        talk.IsSilent = true;
        await talk.CutPowerAsync();
        talk.Mark();
        await talk.TapAsync(0);
        await talk.ComeBackAsync();
        var deny = await talk.ExpectAsync<DenyRecord>(null, "a record deny of a badge before any time came");
        Talk.Equal("list-old", deny.Why, "the reason of the record deny without a clock");
        if (talk.CountOf<OnRecord>() > 0)
            throw new CheckFailedException("The relay closed though no clock was set.");
    }

    private static async Task AwayEndsAsync(Talk talk)
    {
        var grant = await GrantedAsync(talk, most: 3);
        var off = await talk.ExpectAsync<OffRecord>(record => record.Session == grant.Session, "a record off at omax", 6_000);
        Talk.Equal(("cap", true), (off.Why, off.Off), "reason and off of the record off");
        Talk.Within(2_999, 3_000 + Look, off.Ms, "the time closed under omax, ms,");
    }
}
