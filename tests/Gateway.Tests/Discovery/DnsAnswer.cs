using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FabLab.Gateway.Tests.Discovery;

/// <summary>An answer as a responder writes it (RFC 1035, section 4.1): names that came before are pointed to.</summary>
internal sealed class DnsAnswer
{
    private readonly List<byte> _bytes = [0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private readonly Dictionary<string, int> _at = new(StringComparer.Ordinal);
    private int _records;

    /// <summary>One instance of a service with all that goes with it, as ESP-IDF, Avahi and Mongoose answer: PTR, and SRV, TXT, A beside it.</summary>
    public static byte[] Of(string service, string instance, int port, string address, params string[] says) =>
        new DnsAnswer().Pointer(service, instance).Service(service, instance, port).Text(service, instance, says).Host("host.local", address).ToArray();

    public DnsAnswer Pointer(string service, string instance, uint ttl = 4500) => Record([service], 12, ttl, () => Name([instance, service]));

    public DnsAnswer Service(string service, string instance, int port) => Record([instance, service], 33, 120, () =>
    {
        _bytes.AddRange([0, 0, 0, 0, (byte)(port >> 8), (byte)port]);
        Name(["host.local"]);
    });

    public DnsAnswer Text(string service, string instance, params string[] says) => Record([instance, service], 16, 4500, () =>
    {
        foreach (var text in says)
        {
            _bytes.Add((byte)Encoding.UTF8.GetByteCount(text));
            _bytes.AddRange(Encoding.UTF8.GetBytes(text));
        }
    });

    public DnsAnswer Host(string host, string address) => Record([host], 1, 120, () => _bytes.AddRange(IPAddress.Parse(address).GetAddressBytes()));

    public byte[] ToArray()
    {
        byte[] message = [.. _bytes];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), 1);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)(_records - 1));
        return message;
    }

    private DnsAnswer Record(string[] name, int type, uint ttl, Action body)
    {
        Name(name);
        var head = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        // The bit that says that older records are to be forgotten.
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), 0x8001);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), ttl);
        _bytes.AddRange(head);
        var from = _bytes.Count;
        body();
        (_bytes[from - 2], _bytes[from - 1]) = ((byte)((_bytes.Count - from) >> 8), (byte)(_bytes.Count - from));
        _records++;
        return this;
    }

    /// <summary>An instance is one label, whatever stands in it; a service is several.</summary>
    private void Name(string[] parts)
    {
        List<string> labels = parts.Length == 2 ? [parts[0], .. parts[1].Split('.')] : [.. parts[0].Split('.')];
        for (var i = 0; i < labels.Count; i++)
        {
            var rest = string.Join('\0', labels.Skip(i));
            if (_at.TryGetValue(rest, out var at))
            {
                _bytes.AddRange([(byte)(0xC0 | (at >> 8)), (byte)at]);
                return;
            }
            _at[rest] = _bytes.Count;
            _bytes.Add((byte)Encoding.UTF8.GetByteCount(labels[i]));
            _bytes.AddRange(Encoding.UTF8.GetBytes(labels[i]));
        }
        _bytes.Add(0);
    }
}
