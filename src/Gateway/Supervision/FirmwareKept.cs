using System.Text.Json;
using FabLab.Core.Json;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>What is kept of an update under way beside its firmware. The file has three parts: a line of this, a line with the author's offer, the firmware.</summary>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="From">What the device ran then; null when it had not said.</param>
internal sealed record FirmwareKept(Instant AskedAt, string? From)
{
    public static byte[] Write(FirmwareKept kept, FirmwareFile file) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(kept, CoreJson.Options), (byte)'\n', .. file.Offer.ToJson(), (byte)'\n', .. file.Bytes.Span];

    /// <summary>Reads such a file.</summary>
    /// <exception cref="InvalidDataException">It is none, or not whole.</exception>
    public static (FirmwareKept Kept, FirmwareFile File) Read(byte[] bytes)
    {
        var first = Array.IndexOf(bytes, (byte)'\n');
        var second = first < 0 ? -1 : Array.IndexOf(bytes, (byte)'\n', first + 1);
        if (second < 0)
            throw new InvalidDataException("it is cut off");
        try
        {
            var kept = JsonSerializer.Deserialize<FirmwareKept>(bytes.AsSpan(0, first), CoreJson.Options) ?? throw new InvalidDataException("its first line is empty");
            return MessageReader.Read(TopicKind.Command, bytes.AsMemory(first + 1, second - first - 1)).TryGet(out var message, out _) && message is FirmwareOffer offer
                ? (kept, new FirmwareFile(offer, bytes.AsMemory(second + 1)))
                : throw new InvalidDataException("its offer cannot be read");
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }
}
