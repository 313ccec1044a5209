using System.Net;
using System.Net.Sockets;

namespace FabLab.Gateway.Broker;

/// <summary>Which broker the gateway uses. With <see cref="ExternalHost"/> it is somebody else's, else the gateway runs its own.</summary>
public sealed record BrokerOptions
{
    /// <summary>Port of the managed broker on every plain listener, or of the external one.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Address the managed broker also listens on, for devices in the house: <c>0.0.0.0</c> for all, or one address. Null: this machine only.</summary>
    public string? LanAddress { get; init; }

    /// <summary>Certificate and key (PEM) of the managed broker; when given it also listens with TLS.</summary>
    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public int TlsPort { get; init; } = 8883;

    /// <summary>Name or address of a broker that is run by somebody else.</summary>
    public string? ExternalHost { get; init; }

    public string? ExternalUser { get; init; }

    public string? ExternalPassword { get; init; }

    /// <summary>Certificate authority of the external broker; when given, the connection is TLS.</summary>
    public string? ExternalCaFile { get; init; }

    /// <summary>The largest message, 16 KB to 1 MB. Our own devices need 2 KB; the list that Zigbee2MQTT leaves of its network takes some 10 KB a device, and the broker throws out who sends more than this.</summary>
    public int MaxMessageBytes { get; init; } = BrokerFiles.MaxPacketBytes;

    /// <summary>Where Mosquitto is; found by itself when null.</summary>
    public string? Program { get; init; }

    /// <summary>Where a device in the house finds this broker; null when it listens on this computer alone.</summary>
    /// <param name="device">The device's address.</param>
    public (string Host, int Port)? ReachedFrom(IPAddress device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (IsExternal)
            return (ExternalHost!, Port);
        if (LanAddress is null || IPAddress.IsLoopback(IPAddress.Parse(LanAddress)))
            return null;
        if (LanAddress is not ("0.0.0.0" or "::"))
            return (LanAddress, Port);
        try
        {
            // Nothing is sent: the system says from which of its addresses it would speak to that device.
            using var way = new Socket(device.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            way.Connect(device, Port);
            return (((IPEndPoint)way.LocalEndPoint!).Address.ToString(), Port);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public bool IsExternal => !string.IsNullOrEmpty(ExternalHost);

    /// <summary>Every fault of the settings, each naming its key; empty when they can work.</summary>
    public IReadOnlyList<string> Validate(string section = "Broker")
    {
        var faults = new List<string>();
        void Check(bool good, string key, string text)
        {
            if (!good)
                faults.Add($"{section}:{key}: {text}");
        }
        Check(Port is > 0 and < 65536, nameof(Port), "a port is 1 to 65535.");
        Check(TlsPort is > 0 and < 65536, nameof(TlsPort), "a port is 1 to 65535.");
        Check(MaxMessageBytes is >= BrokerFiles.MaxPacketBytes and <= 1024 * 1024, nameof(MaxMessageBytes), "16384 to 1048576.");
        Check(LanAddress is null || IPAddress.TryParse(LanAddress, out _), nameof(LanAddress), "an address such as 192.168.1.10, or 0.0.0.0 for all.");
        Check(CertificateFile is null == KeyFile is null, nameof(KeyFile), "certificate and key are given together or not at all.");
        Check(CertificateFile is null || TlsPort != Port, nameof(TlsPort), "not the same as Port.");
        foreach (var (key, file) in new[] { (nameof(CertificateFile), CertificateFile), (nameof(KeyFile), KeyFile), (nameof(ExternalCaFile), ExternalCaFile), (nameof(Program), Program) })
        {
            if (file is null)
                continue;
            Check(file.AsSpan().IndexOfAny('\n', '\r') < 0 && File.Exists(file), key, "no such file.");
        }
        return faults;
    }
}
