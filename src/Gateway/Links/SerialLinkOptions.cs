namespace FabLab.Gateway.Links;

/// <summary>Which port and how. Always 8 data bits, no parity, one stop bit, no flow control.</summary>
public sealed record SerialLinkOptions
{
    /// <summary>The rates every adapter of the interface can do.</summary>
    public static readonly IReadOnlyList<int> BaudRates = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];

    /// <summary>Best by <c>/dev/serial/by-id/</c>: the name stays when the device is plugged in elsewhere.</summary>
    public required string Path { get; init; }

    public int Baud { get; init; } = 9600;

    /// <summary>Where the lock files are; a port that another process has locked there is left alone.</summary>
    public string LockFolder { get; init; } = "/run/lock";

    public BackoffOptions Backoff { get; init; } = new();

    public override string ToString() => $"{Path} at {Baud}";
}
