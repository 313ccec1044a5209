using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Core.Sessions;

/// <summary>Sessions that a device began by itself.</summary>
public static class OfflineSessions
{
    /// <summary>The id of a session from the journal record that began it: the same for every copy of the record, so that a replay counts nothing twice.</summary>
    /// <param name="device">The device.</param>
    /// <param name="boot">The start of the device in which the record was written.</param>
    /// <param name="seq">The sequence number of the record.</param>
    public static SessionId Id(DeviceId device, uint boot, uint seq)
    {
        byte[] name = Encoding.UTF8.GetBytes(device.ToString());
        byte[] text = new byte[name.Length + 8];
        name.CopyTo(text, 0);
        BinaryPrimitives.WriteUInt32BigEndian(text.AsSpan(name.Length), boot);
        BinaryPrimitives.WriteUInt32BigEndian(text.AsSpan(name.Length + 4), seq);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);

        // Version 8 of RFC 9562: bits of our own making.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new SessionId(new Guid(hash[..16], bigEndian: true));
    }
}
