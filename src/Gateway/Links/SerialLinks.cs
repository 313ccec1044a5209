using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links;

/// <summary>Makes the serial link this build was compiled with.</summary>
public static class SerialLinks
{
#if USE_SYSTEM_IO_PORTS
    public const string Implementation = "System.IO.Ports";

    public static ISerialLink Create(SerialLinkOptions options, TimeProvider time, ILogger logger) => new SystemIoPorts.SystemIoPortsLink(options, time, logger);
#else
    public const string Implementation = "termios";

    public static ISerialLink Create(SerialLinkOptions options, TimeProvider time, ILogger logger) => new Termios.TermiosSerialLink(options, time, logger);
#endif
}
