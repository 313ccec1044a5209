using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>Enrolment at the device's end. Only ever fed from USB or a serial line.</summary>
public static class NodeEnrolment
{
    /// <summary>Takes a claim.</summary>
    /// <param name="profile">What the device is made of.</param>
    /// <param name="held">Its memory, or null while it belongs to nobody.</param>
    /// <param name="buttonPressed">Its button was held for 5 s within the last minute: it may change hands.</param>
    /// <param name="json">The claim's bytes.</param>
    /// <param name="memory">The new memory to make durable before the answer goes out; null when the claim was not taken. Journal and counters start anew.</param>
    /// <returns>The answer.</returns>
    public static Claimed Take(NodeProfile profile, NodeMemory? held, bool buttonPressed, ReadOnlyMemory<byte> json, out NodeMemory? memory)
    {
        ArgumentNullException.ThrowIfNull(profile);
        memory = null;
        if (!MessageReader.ReadClaim(json).TryGet(out var claim, out _))
            return Answer(profile, Claimed.Bad, null);
        if (held is not null && !buttonPressed)
            return Answer(profile, Claimed.Held, null);
        memory = new NodeMemory(claim);
        return Answer(profile, Claimed.Ok, Claimed.ProofOf(memory.Keys));
    }

    private static Claimed Answer(NodeProfile profile, string code, string? proof) =>
        new(code, profile.Firmware, profile.Hardware, profile.Relays, profile.Readers, proof);
}
