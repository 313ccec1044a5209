using FabLab.Core.Badges;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>A card as a reader gives it: bits, first one first.</summary>
/// <param name="Reader">Number of the reader behind this address, from 0.</param>
/// <param name="Bits">How many bits it gave.</param>
/// <param name="Number">The number; null when a parity is wrong, or nobody knows what so many bits mean.</param>
/// <param name="Profile">How the number is spelt.</param>
internal readonly record struct OsdpCard(int Reader, int Bits, BadgeNumber? Number, ReaderProfile Profile)
{
    /// <summary>Reads an answer with card data.</summary>
    /// <param name="data">What follows the code: reader, format, number of bits in two bytes, the bits, the last byte filled up.</param>
    /// <param name="whole">What a number of whole bytes is: a profile that writes hex.</param>
    /// <returns>Null when it is no such answer.</returns>
    public static OsdpCard? Read(ReadOnlySpan<byte> data, ReaderProfile whole)
    {
        if (data.Length < 5)
            return null;
        var bits = data[2] | (data[3] << 8);
        var bytes = data[4..];
        if ((bits + 7) / 8 != bytes.Length)
            return null;
        return bits switch
        {
            26 => new OsdpCard(data[0], bits, BadgeNumber.FromWiegand26(Value(bytes, bits)), ReaderProfile.Wiegand26Hex),
            34 => new OsdpCard(data[0], bits, BadgeNumber.FromWiegand34(Value(bytes, bits)), ReaderProfile.Wiegand34Hex),
            _ when bits % 8 == 0 => new OsdpCard(data[0], bits, whole.Parse(Convert.ToHexString(bytes)), whole),
            _ => new OsdpCard(data[0], bits, null, whole),
        };
    }

    private static ulong Value(ReadOnlySpan<byte> bytes, int bits)
    {
        ulong value = 0;
        foreach (var b in bytes)
            value = (value << 8) | b;
        return value >> ((8 * bytes.Length) - bits);
    }
}
