using FabLab.Protocol;

namespace FabLab.Host.Conformance;

/// <summary>What came from a device, or of its connection.</summary>
/// <param name="At">When, on the workbench's clock, ms.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Topic">The topic of a message.</param>
/// <param name="Payload">Its bytes; of a frame the whole payload, of a hello the name.</param>
/// <param name="Retained">The broker delivered it from its memory.</param>
internal sealed record Heard(long At, HeardKind Kind, TopicKind Topic, byte[] Payload, bool Retained = false)
{
    /// <summary>Frames only: type on the line and number.</summary>
    public (byte Type, ushort Seq) Frame { get; init; }
}

internal enum HeardKind
{
    Message,

    /// <summary>A serial device said who it is.</summary>
    Hello,

    /// <summary>A serial device answered a claim.</summary>
    Claimed,

    /// <summary>A bare frame, while the workbench reads the line without acknowledging: <see cref="IWorkbench.Bare"/>.</summary>
    Frame,
}

/// <summary>
/// A device and the wire to it, as the checks see them: a broker, a serial line, or a device in this process whose time passes as
/// fast as the computer can. One caller at a time.
/// </summary>
internal interface IWorkbench : IAsyncDisposable
{
    /// <summary>What the device hangs on, for the report.</summary>
    string Wire { get; }

    bool IsSerial { get; }

    /// <summary>Monotonic, ms.</summary>
    long Now { get; }

    /// <summary>Wall clock, ms since 1970.</summary>
    long Utc { get; }

    /// <summary>Whoever holds badges to the reader and pulls the plug.</summary>
    IHands Hands { get; }

    /// <summary>Serial: nothing is acknowledged or repeated for us; every good frame is handed over as it came.</summary>
    bool Bare { get; set; }

    /// <summary>Serial: nothing is heard, nothing is acknowledged; a cable that was pulled.</summary>
    bool Deaf { get; set; }

    /// <summary>Sends a message on its topic, or in its frame.</summary>
    void Send(TopicKind topic, byte[] payload);

    /// <summary>Serial: bytes as they are.</summary>
    void Raw(byte[] bytes);

    /// <summary>Serial: a frame of enrolment.</summary>
    void Claim(byte[] json);

    /// <summary>MQTT: puts a message into the broker's memory; empty takes it out.</summary>
    void Retain(TopicKind topic, byte[] payload);

    /// <summary>Ends the device's connection; it is to come back by itself.</summary>
    Task DropAsync(CancellationToken cancellationToken);

    /// <summary>The next thing heard; null when it is <paramref name="until"/> and nothing came.</summary>
    Task<Heard?> NextAsync(long until, CancellationToken cancellationToken);
}

/// <summary>Hands and eyes at the device: what no message can do.</summary>
internal interface IHands
{
    bool CanTap { get; }

    bool CanMeasure { get; }

    bool CanCutPower { get; }

    /// <summary>Whether relay 0 is closed, seen from outside; null when nobody sees it.</summary>
    bool? IsClosed { get; }

    /// <summary>The canonical tag of badge 0 or badge 1; null when it is learned from the first tap.</summary>
    string? Tag(int badge) => null;

    /// <summary>Holds badge 0 or badge 1 to reader 0.</summary>
    Task TapAsync(int badge, CancellationToken cancellationToken);

    /// <summary>Lets meter 0 read this power from now on, mW.</summary>
    Task MeasureAsync(long milliWatts, CancellationToken cancellationToken);

    /// <summary>Takes the power away and gives it back at once.</summary>
    Task CutPowerAsync(CancellationToken cancellationToken);
}

/// <summary>Nobody is there.</summary>
internal sealed class NoHands : IHands
{
    public bool CanTap => false;

    public bool CanMeasure => false;

    public bool CanCutPower => false;

    public bool? IsClosed => null;

    public Task TapAsync(int badge, CancellationToken cancellationToken) => throw new InvalidOperationException("Nobody is there to hold a badge.");

    public Task MeasureAsync(long milliWatts, CancellationToken cancellationToken) => throw new InvalidOperationException("Nobody is there to load the meter.");

    public Task CutPowerAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Nobody is there to cut the power.");
}
