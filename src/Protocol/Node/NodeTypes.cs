using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>What a device is made of.</summary>
/// <param name="Firmware">Firmware version, at most 12 printable characters.</param>
/// <param name="Hardware">Serial number of the chip, at most 17 printable characters.</param>
/// <param name="Relays">Role of each relay channel, up to 4; channel 0 is <c>main</c>. None for a reader alone.</param>
/// <param name="Readers">Tag form each reader gives, up to 4.</param>
/// <param name="Meters">Relay channel each meter measures, up to 4.</param>
/// <param name="ReaderProfile">Name of the readers' profile.</param>
/// <param name="DisplayChars">Characters the display holds; 0 for none.</param>
public sealed record NodeProfile(
    string Firmware,
    string Hardware,
    IReadOnlyList<string> Relays,
    IReadOnlyList<string> Readers,
    IReadOnlyList<int> Meters,
    string ReaderProfile = "generic",
    int DisplayChars = 0)
{
    /// <summary>The board, as a firmware names it: 1 to 16 of a–z, 0–9 and hyphen.</summary>
    public string Model { get; init; } = "generic";

    /// <summary>Bytes of the second slot for the firmware.</summary>
    public int SlotBytes { get; init; }

    /// <summary>Whether the signature of an offer is the author's (Ed25519 over <see cref="FirmwareOffer.BytesToSign"/>). Null for a device that takes no updates.</summary>
    public Func<FirmwareOffer, bool>? IsSigned { get; init; }
}

/// <summary>What is done with the second slot for the firmware.</summary>
public enum SlotOrder
{
    /// <summary>Write bytes into it; at offset 0 what stood there is gone.</summary>
    Write,

    /// <summary>Restart into it, on trial: any restart but one after <see cref="Keep"/> goes back to the slot that runs now.</summary>
    Try,

    /// <summary>The firmware that runs on trial is kept, durable.</summary>
    Keep,

    /// <summary>Restart into the firmware before.</summary>
    Back,
}

/// <summary>What a <see cref="NodeCore"/> wants done. Carry them out in order: a record is saved before a relay closes.</summary>
public abstract record NodeOutput
{
    private NodeOutput()
    {
    }

    /// <summary>Send a sealed message.</summary>
    /// <param name="Kind">Its topic; retain and QoS follow from it (<see cref="Topics.RetainOf"/>, <see cref="Topics.QosOf"/>).</param>
    /// <param name="Payload">The bytes.</param>
    public sealed record Send(TopicKind Kind, byte[] Payload) : NodeOutput;

    /// <summary>Make the memory durable now. If that fails, carry out none of the outputs behind it except those that open a relay, and report the fault <c>flash</c>.</summary>
    public sealed record Save : NodeOutput;

    /// <summary>Close or open a relay.</summary>
    /// <param name="Channel">Channel.</param>
    /// <param name="Closed">True to close.</param>
    public sealed record Relay(int Channel, bool Closed) : NodeOutput;

    /// <summary>Show a sentence at a reader.</summary>
    /// <param name="Reader">Reader.</param>
    /// <param name="Kind">What it is: lamp and tone follow from it.</param>
    /// <param name="Text">The sentence; may be empty.</param>
    /// <param name="Seconds">How long; 0 until the next one.</param>
    /// <param name="Code">Reason code, when there is one.</param>
    public sealed record Display(int Reader, ShowKind Kind, string Text, int Seconds, string? Code) : NodeOutput;

    /// <summary>Do something with the second slot for the firmware. Only where the profile has <see cref="NodeProfile.IsSigned"/>.</summary>
    /// <param name="Order">What.</param>
    /// <param name="Offset">Where to write.</param>
    /// <param name="Bytes">What to write.</param>
    public sealed record Slot(SlotOrder Order, int Offset, ReadOnlyMemory<byte> Bytes) : NodeOutput;

    /// <summary>Write these bytes to the serial line. Only from <see cref="SerialNode"/>, in the place of <see cref="Send"/>.</summary>
    /// <param name="Bytes">The bytes.</param>
    public sealed record Write(byte[] Bytes) : NodeOutput;

    /// <summary>The device was enrolled: make this memory durable before the next output. Only from <see cref="SerialNode"/>.</summary>
    /// <param name="Memory">The new memory.</param>
    public sealed record Enrolled(NodeMemory Memory) : NodeOutput;

    /// <summary>A message was refused. Count it.</summary>
    /// <param name="Fault">Why.</param>
    public sealed record Refused(Fault Fault) : NodeOutput;
}
