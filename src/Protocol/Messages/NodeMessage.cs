using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>A message of the protocol, either way. Every field, its unit and its limits are in firmware-protocol.md, section 5.</summary>
public abstract record NodeMessage
{
    private protected NodeMessage()
    {
    }

    /// <summary>The topic it belongs on.</summary>
    public abstract TopicKind Topic { get; }

    /// <summary>Writes the JSON text, fields in the order of the document.</summary>
    /// <returns>UTF-8 bytes, not sealed.</returns>
    public byte[] ToJson() => JsonText.Write(WriteTo);

    internal abstract void WriteTo(Utf8JsonWriter json);
}

/// <summary>A message from the device.</summary>
public abstract record UpMessage : NodeMessage
{
    private protected UpMessage()
    {
    }
}

/// <summary>A message from the gateway.</summary>
public abstract record DownMessage : NodeMessage
{
    private protected DownMessage()
    {
    }
}
