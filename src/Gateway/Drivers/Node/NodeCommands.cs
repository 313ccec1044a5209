using System.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using NodaTime;

namespace FabLab.Gateway.Drivers.Node;

/// <summary>From the gateway's words to the protocol's.</summary>
internal static class NodeCommands
{
    /// <summary>Defence in depth on a broker of MQTT 5: what waited longer than this on the way is not delivered. The message itself says how long it is good for.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(10);

    private const int SilenceSeconds = 60;
    private const int HeartbeatSeconds = 30;
    private const int UseSeconds = 300;
    private const int MeterSeconds = 5;

    public static Show Show(DisplayMessage message) => new(
        message.Reader,
        message.Tone switch
        {
            DisplayTone.Accepted => ShowKind.Yes,
            DisplayTone.Refused => ShowKind.No,
            DisplayTone.Attention => ShowKind.Warn,
            _ => ShowKind.Info,
        },
        Sentence(message.Next is { Length: > 0 } next ? message.Text + " " + next : message.Text),
        (int)Math.Clamp(Math.Ceiling(message.For.TotalSeconds), 0, 600))
    {
        Code = IsReason(message.Code) ? message.Code : null,
        For = message.Answers is { Sequence: > 0 } record ? record.Sequence : null,
    };

    public static Config Config(DevicePolicy policy) => new(
        policy.Version,
        SilenceSeconds,
        HeartbeatSeconds,
        UseSeconds,
        MeterSeconds,
        policy.Language == "en" ? "en" : "fr",
        [.. policy.Channels.Take(Limits.Relays).Select(Channel)],
        [.. policy.ReaderChannels.Take(Limits.Readers)]);

    public static IReadOnlyList<ListEntry> Entries(OfflineList list) =>
    [
        .. list.Entries
            .Where(e => e.BadgeHash.Length == TagKey.HashLength && (e.Channels & 0xF) != 0)
            .Select(e => new ListEntry(Convert.ToHexStringLower(e.BadgeHash.Span), e.Until is { } until ? Math.Max(1, Seconds(until)) : 0, (byte)(e.Channels & 0xF)))
            .DistinctBy(e => e.Hash),
    ];

    public static uint Seconds(Instant instant) => (uint)Math.Clamp(instant.ToUnixTimeSeconds(), 0, uint.MaxValue);

    private static ChannelConfig Channel(ChannelPolicy policy)
    {
        var finish = policy.FinishWhenLost && policy.FinishCap > Duration.Zero;
        return new ChannelConfig(
            finish ? LostLink.Finish : LostLink.Open,
            finish ? Whole(policy.FinishCap, 1, Limits.FinishCapSeconds) : 0,
            (long)Math.Clamp(policy.IdleWatts * 1000, 0, uint.MaxValue),
            Whole(policy.IdleFor, 0, 3600),
            policy.DecideOffline ? OfflineUse.List : OfflineUse.Deny,
            Whole(policy.OfflineListAge, 0, 2_592_000),
            Whole(policy.OfflineUse, 0, 43_200));
    }

    private static int Whole(Duration duration, int least, int most) => (int)Math.Clamp(duration.TotalSeconds, least, most);

    private static bool IsReason(string? code) =>
        code is { Length: >= 1 and <= 32 } && code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '_');

    /// <summary>No control characters, and cut to what a message holds, between characters.</summary>
    private static string Sentence(string text)
    {
        var clean = new StringBuilder(text.Length);
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var shown = Rune.IsControl(rune) ? new Rune(' ') : rune;
            bytes += shown.Utf8SequenceLength;
            if (bytes > Limits.ShowBytes)
                break;
            clean.Append(shown.ToString());
        }
        return clean.ToString();
    }
}
