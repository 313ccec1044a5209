using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Osdp;

namespace FabLab.Gateway.Tests.Drivers.Osdp;

/// <summary>Frames, seals and cards of OSDP: bytes from annex E of its specification and from libosdp's own tests (V8 to V11 of the field).</summary>
public sealed class OsdpFrameTests
{
    private static readonly byte[] V8 = Convert.FromHexString("FF53650800046060" + "90");
    private static readonly byte[] V9 = Convert.FromHexString("FF536509000461" + "00D97A");
    private static readonly byte[] V10 = Convert.FromHexString("FF53E50700014080");
    private static readonly byte[] V11 = Convert.FromHexString("53E509000541010E8F");

    public static TheoryData<byte[], string[]> Vectors => new()
    {
        { V8, ["> 101 #0 60"] },
        { V9, ["> 101 #0 6100"] },
        { V10, ["< 101 #1 40"] },
        { V11, ["< 101 #1 4101"] },
        // Annex E, the two of the CRC and the two of the check sum.
        { Convert.FromHexString("537F0D00046E00802500006E38"), ["> 127 #0 6E0080250000"] },
        { Convert.FromHexString("53000900046100C066"), ["> 0 #0 6100"] },
        { Convert.FromHexString("537F0C00006E00802500000F"), ["> 127 #0 6E0080250000"] },
        { Convert.FromHexString("5300080000610044"), ["> 0 #0 6100"] },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Frames_are_read_however_they_are_cut(byte[] bytes, string[] frames)
    {
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(frames, Parse(bytes[..cut], bytes[cut..]));
        Assert.Equal(frames, Parse([.. bytes.Select(b => new[] { b })]));
        Assert.Equal([.. frames, .. frames], Parse([.. bytes, .. bytes]));
        // Garbage before, and what looks like the beginning of one: the good one after it is read.
        Assert.Equal(frames, Parse([0xFF, 0x00, 0x12, 0xFF, .. bytes]));
        Assert.Equal(frames, Parse([0x53, 0x53, 0xFF, 0xFF, 0xFF, .. bytes]));
    }

    [Fact]
    public void A_frame_that_was_cut_off_takes_no_other_with_it()
    {
        for (var cut = 1; cut < V11.Length; cut++)
        {
            var read = Parse([.. V11[..cut], .. V11, .. V11]);
            Assert.Equal("< 101 #1 4101", read[^1]);
            Assert.All(read, frame => Assert.Equal("< 101 #1 4101", frame));
        }
    }

    [Fact]
    public void A_flipped_bit_makes_no_other_frame()
    {
        for (var bit = 0; bit < V11.Length * 8; bit++)
        {
            var flipped = V11.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.DoesNotContain(Parse(flipped), frame => frame.StartsWith('<'));
        }
    }

    [Fact]
    public void A_megabyte_of_anything_throws_nothing_and_the_next_frame_is_read()
    {
        var noise = new byte[1_048_576];
        new Random(53).NextBytes(noise);
        var parser = new OsdpFrameParser();
        parser.Take(noise, _ => { });
        var read = new List<OsdpFrame>();
        // At most one frame is gathered: after its length all is as before.
        parser.Take(new byte[600], read.Add);
        parser.Take(V11, read.Add);

        Assert.Equal(0x41, read[^1].Code);
    }

    [Fact]
    public void Commands_are_what_the_specification_sends()
    {
        Assert.Equal(Convert.ToHexString(V8), Convert.ToHexString(OsdpFrameParser.Command(101, 0, [], [0x60])));
        Assert.Equal(Convert.ToHexString(V9), Convert.ToHexString(OsdpFrameParser.Command(101, 0, [], [0x61, 0x00])));
        Assert.Equal("FF53000900046100C066", Convert.ToHexString(OsdpFrameParser.Command(0, 0, [], [0x61, 0x00])));
    }

    /// <summary>Annex E: the key of the factory, the random numbers B0.. and A0.., and what each side proves with.</summary>
    [Fact]
    public void The_proofs_and_the_first_seal_are_those_of_the_specification()
    {
        using var channel = AnnexE();

        Assert.Equal("FF53001300" + "0C" + "031100" + "76B0B1B2B3B4B5B6B7", Convert.ToHexString(channel.ChallengeFrame(0, 0))[..^4]);
        Assert.True(channel.TakeProof(Reply(0, "1200", "76" + "0102030405060708" + "A0A1A2A3A4A5A6A7" + "FDE5D2F428EC16312471EA3C02BD7796")));
        Assert.Contains("7726D3356E07762D262801FC8E6665A891", Convert.ToHexString(channel.ProofFrame(0, 1)), StringComparison.Ordinal);
        Assert.False(channel.IsOpen);
        Assert.True(channel.TakeFirstSeal(Reply(1, "1401", "78" + "B2A30057EB98BA2229EC1F875662B524")));
        Assert.True(channel.IsOpen);
    }

    [Theory]
    [InlineData("1200", "FDE5D2F428EC16312471EA3C02BD7797")]
    [InlineData("1200", "26D3356E07762D262801FC8E6665A891")]
    [InlineData("1400", "FDE5D2F428EC16312471EA3C02BD7796")]
    [InlineData("", "FDE5D2F428EC16312471EA3C02BD7796")]
    public void Who_does_not_prove_the_key_is_not_believed(string security, string proof)
    {
        using var channel = AnnexE();

        Assert.False(channel.TakeProof(Reply(0, security, "76" + "0102030405060708" + "A0A1A2A3A4A5A6A7" + proof)));
        Assert.False(channel.TakeFirstSeal(Reply(1, "1401", "78" + "B2A30057EB98BA2229EC1F875662B524")));
        Assert.False(channel.IsOpen);
    }

    [Theory]
    // 26 bits: facility 8, card 27885; 34 bits of the same tag; whole bytes.
    [InlineData("00001A00843676C0", "w:086CED", "w26-hex")]
    [InlineData("0000220071843676C0", "w:E3086CED", "w34-hex")]
    [InlineData("000020000BB5C0E1", "iso:0BB5C0E1", "iso-hex")]
    [InlineData("0001380004A1B2C3D4E580", "iso:04A1B2C3D4E580", "iso-hex")]
    [InlineData("000025000102030405", null, "iso-hex")]
    [InlineData("00001A00843676", null, null)]
    [InlineData("00001A0084367640", null, "w26-hex")]
    [InlineData("0000", null, null)]
    [InlineData("", null, null)]
    public void Cards_are_read_by_how_many_bits_they_give(string data, string? number, string? profile)
    {
        var card = OsdpCard.Read(Convert.FromHexString(data), ReaderProfile.IsoHex);

        Assert.Equal((number, profile), (card?.Number?.Canonical, card?.Profile.Code));
    }

    private static OsdpSecureChannel AnnexE() => new(OsdpSecureChannel.DefaultKey, Convert.FromHexString("B0B1B2B3B4B5B6B7"));

    private static OsdpFrame Reply(int sequence, string security, string body) =>
        new(0, true, sequence, Convert.FromHexString(security), Convert.FromHexString(body), []);

    private static List<string> Parse(params byte[][] portions)
    {
        var parser = new OsdpFrameParser();
        var found = new List<string>();
        foreach (var portion in portions)
            parser.Take(portion, frame => found.Add($"{(frame.IsReply ? '<' : '>')} {frame.Address} #{frame.Sequence} {Convert.ToHexString(frame.Body)}"));
        return found;
    }
}
