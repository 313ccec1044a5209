namespace FabLab.VirtualLab.Devices;

/// <summary>What a maker sees at a reader.</summary>
/// <param name="Device">Which device.</param>
/// <param name="Reader">Which of its readers.</param>
/// <param name="Kind">yes, no, wait, warn or info.</param>
/// <param name="Code">The reason code, when there is one.</param>
/// <param name="Text">The sentence.</param>
public sealed record Shown(string Device, int Reader, string Kind, string? Code, string Text);

/// <summary>One box of the virtual lab. Thread-safe.</summary>
public interface IVirtualDevice : IAsyncDisposable
{
    string Id { get; }

    /// <summary>Whether it has its connection: broker or serial line.</summary>
    bool IsConnected { get; }

    /// <summary>Raised when it shows something; on any thread, so the handler must be short.</summary>
    event Action<Shown>? Displayed;

    /// <summary>Gives it power and its cable.</summary>
    void Start();

    /// <summary>The passing of time; called every 50 ms.</summary>
    void Tick();

    /// <summary>Somebody holds a badge before a reader.</summary>
    /// <param name="reader">Which reader.</param>
    /// <param name="number">The ten hex digits of the tag.</param>
    void Tap(int reader, string number);

    /// <summary>Pulls its cable, or plugs it in again. Its own life goes on.</summary>
    /// <param name="plugged">Whether the cable is in.</param>
    /// <param name="silent">Pulled so that nobody notices at once: packets go nowhere instead of the connection breaking.</param>
    void Cable(bool plugged, bool silent);

    /// <summary>Cuts its power, or gives it back: every relay falls open, memory stays.</summary>
    void Power(bool on);

    /// <summary>Makes it misbehave. False when it cannot do that.</summary>
    bool Misbehave(string how);
}
