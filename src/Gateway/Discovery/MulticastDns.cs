using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FabLab.Gateway.Discovery;

/// <summary>One record of an answer.</summary>
/// <param name="Name">Whose it is, labels joined by dots.</param>
/// <param name="Ttl">Seconds it holds; 0 says goodbye.</param>
internal abstract record DnsRecord(string Name, uint Ttl)
{
    /// <summary>A service of this kind has an instance of that name.</summary>
    public sealed record Pointer(string Name, uint Ttl, string Instance) : DnsRecord(Name, Ttl);

    /// <summary>Where an instance answers.</summary>
    public sealed record Service(string Name, uint Ttl, int Port) : DnsRecord(Name, Ttl);

    /// <summary>What an instance says of itself.</summary>
    public sealed record Text(string Name, uint Ttl, IReadOnlyDictionary<string, string> Pairs) : DnsRecord(Name, Ttl);

    /// <summary>The IPv4 address of a host.</summary>
    public sealed record Host(string Name, uint Ttl, IPAddress Address) : DnsRecord(Name, Ttl);
}

/// <summary>
/// The part of multicast DNS that finds services (RFC 1035 section 4, RFC 6762, RFC 6763): the question, and the records of an answer.
/// Whoever is on the network writes what is read here.
/// </summary>
internal static class MulticastDns
{
    /// <summary>Where it is spoken.</summary>
    public const int Port = 5353;

    /// <summary>The longest message, RFC 6762 section 17.</summary>
    public const int MostBytes = 9000;

    private const int HeaderBytes = 12;
    private const int MostRecords = 128;
    private const int MostName = 255;
    private const int TypeA = 1;
    private const int TypePtr = 12;
    private const int TypeTxt = 16;
    private const int TypeSrv = 33;

    /// <summary>The group it is spoken in.</summary>
    public static readonly IPAddress Group = new([224, 0, 0, 251]);

    /// <summary>A question for the instances of services.</summary>
    /// <param name="services">Such as <c>_http._tcp.local</c>.</param>
    public static byte[] Ask(IReadOnlyList<string> services)
    {
        var message = new List<byte>(256) { 0, 0, 0, 0, 0, (byte)services.Count, 0, 0, 0, 0, 0, 0 };
        foreach (var service in services)
        {
            foreach (var label in service.Split('.'))
            {
                message.Add((byte)label.Length);
                message.AddRange(Encoding.ASCII.GetBytes(label));
            }
            message.AddRange([0, 0, TypePtr, 0, 1]);
        }
        return [.. message];
    }

    /// <summary>The records of an answer that say something here; null when it is no answer, or not whole.</summary>
    public static IReadOnlyList<DnsRecord>? Read(ReadOnlySpan<byte> message)
    {
        // An answer without an error; what else there is is asked by others.
        if (message.Length is < HeaderBytes or > MostBytes || (message[2] & 0xF8) != 0x80 || (message[3] & 0x0F) != 0)
            return null;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..]) + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        if (questions > MostRecords || count > MostRecords)
            return null;
        var at = HeaderBytes;
        for (var i = 0; i < questions; i++)
        {
            if (!TryName(message, ref at, out _) || message.Length - at < 4)
                return null;
            at += 4;
        }
        var records = new List<DnsRecord>();
        for (var i = 0; i < count; i++)
        {
            if (!TryName(message, ref at, out var name) || message.Length - at < 10)
                return null;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (message.Length - at < length)
                return null;
            if (Body(message, at, length, type, name, ttl) is { } record)
                records.Add(record);
            at += length;
        }
        return records;
    }

    private static DnsRecord? Body(ReadOnlySpan<byte> message, int at, int length, int type, string name, uint ttl)
    {
        switch (type)
        {
            case TypePtr:
                return TryName(message[..(at + length)], ref at, out var instance) ? new DnsRecord.Pointer(name, ttl, instance) : null;
            case TypeSrv when length >= 7:
                return new DnsRecord.Service(name, ttl, BinaryPrimitives.ReadUInt16BigEndian(message[(at + 4)..]));
            case TypeTxt:
                return new DnsRecord.Text(name, ttl, Pairs(message.Slice(at, length)));
            case TypeA when length == 4:
                return new DnsRecord.Host(name, ttl, new IPAddress(message.Slice(at, 4)));
            default:
                return null;
        }
    }

    /// <summary>Strings with their length before them, each a name and a value; the first of a name counts (RFC 6763 section 6.4).</summary>
    private static Dictionary<string, string> Pairs(ReadOnlySpan<byte> strings)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (strings.Length > 0 && strings[0] < strings.Length)
        {
            var text = Encoding.UTF8.GetString(strings.Slice(1, strings[0]));
            strings = strings[(1 + strings[0])..];
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                pairs.TryAdd(text[..equals], text[(equals + 1)..]);
        }
        return pairs;
    }

    /// <summary>A name: labels, the last one empty, or a pointer to where the rest stands. A pointer leads to before what was read since the last one, so none goes round.</summary>
    private static bool TryName(ReadOnlySpan<byte> message, ref int at, out string name)
    {
        var text = new StringBuilder();
        var (from, run, end) = (at, at, -1);
        name = "";
        while (from < message.Length)
        {
            int length = message[from];
            if (length == 0)
            {
                at = end < 0 ? from + 1 : end;
                name = text.ToString();
                return true;
            }
            if (length >= 0xC0)
            {
                if (from + 1 >= message.Length || (((length & 0x3F) << 8) | message[from + 1]) is var to && to >= run)
                    return false;
                if (end < 0)
                    end = from + 2;
                from = run = to;
                continue;
            }
            if (length > 63 || from + 1 + length > message.Length)
                return false;
            if (text.Length > 0)
                text.Append('.');
            text.Append(Encoding.UTF8.GetString(message.Slice(from + 1, length)));
            if (text.Length > MostName)
                return false;
            from += 1 + length;
        }
        return false;
    }
}
