using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FabLab.Protocol.Messages;

internal static class JsonText
{
    // Relaxed: French stays readable UTF-8 and short; nothing of this ever stands in a page unescaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
