using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FabLab.Core.Sessions;

/// <summary>Ids made from what they name, so that the same thing told twice has the same id. Version 8 of RFC 9562: bits of our own making.</summary>
public static class DerivedIds
{
    /// <summary>The session of a use that a device granted by itself, from the journal record that began it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="boot">The start of the device in which the record was written.</param>
    /// <param name="seq">The sequence number of the record.</param>
    public static SessionId Session(DeviceId device, uint boot, uint seq) =>
        new(Make("session", Encoding.UTF8.GetBytes(device.ToString()), ((long)boot << 32) | seq));

    /// <summary>The lock-out that a machine sets on itself.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="seq">The sequence number of the event that brings it.</param>
    internal static LockOutId LockOut(MachineId machine, long seq) => new(Make("lockout", machine.Value.ToByteArray(), seq));

    private static Guid Make(string what, ReadOnlySpan<byte> who, long which)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, which);
        hash.AppendData(Encoding.ASCII.GetBytes(what));
        hash.AppendData(number);
        hash.AppendData(who);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }
}
