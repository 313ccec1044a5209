namespace FabLab.Gateway.Links;

/// <summary>How to reach a broker.</summary>
public sealed record MqttLinkOptions
{
    public string Host { get; init; } = "127.0.0.1";

    public required int Port { get; init; }

    /// <summary>Unique on the broker.</summary>
    public required string ClientId { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Certificate authority file; when given, the connection is TLS.</summary>
    public string? CaFile { get; init; }

    /// <summary>Client certificate and key, PEM, when the broker wants them.</summary>
    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>5 to 3600 seconds, whole.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Larger payloads are dropped and counted before anybody sees them. On MQTT 5 the broker is told as well.</summary>
    public int MaxPayload { get; init; } = 64 * 1024;

    /// <summary>What the broker says for us when we vanish.</summary>
    public MqttWill? Will { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public BackoffOptions Backoff { get; init; } = new();

    public override string ToString() => $"{ClientId}@{Host}:{Port}";
}

public enum MqttVersion
{
    V311 = 4,
    V5 = 5,
}

/// <summary>A last will.</summary>
public sealed record MqttWill(string Topic, ReadOnlyMemory<byte> Payload, MqttQos Qos, bool Retain);
