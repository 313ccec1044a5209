namespace FabLab.Gateway.Links;

/// <summary>
/// One serial port: bytes in, bytes out. It opens the port by itself, notices when it is unplugged, and opens it again.
/// Thread-safe.
/// </summary>
public interface ISerialLink : IAsyncDisposable
{
    LinkStatus Status { get; }

    /// <summary>Starts to open the port and to deliver. Once.</summary>
    void Start(ISerialSink sink);

    /// <summary>Writes all of it or says that it could not. Waits at most 200 ms for a device that does not take its bytes.</summary>
    LinkSend Write(ReadOnlySpan<byte> bytes);
}

/// <summary>
/// Where a serial link delivers, on the link's own thread, one call at a time. The bytes are only valid during the call and
/// cut anywhere: a frame may come in pieces, or several at once. Return quickly; exceptions are caught, counted and logged.
/// </summary>
public interface ISerialSink
{
    /// <param name="bytes">What was read, at least one byte.</param>
    /// <param name="receivedTimestamp"><see cref="TimeProvider.GetTimestamp"/> when it was read.</param>
    void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp);

    /// <summary>The port was opened (nothing is known of what was on the line before), or it is gone.</summary>
    void OnLinkChanged(bool up);
}
