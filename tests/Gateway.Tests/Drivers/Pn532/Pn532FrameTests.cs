using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Pn532;

namespace FabLab.Gateway.Tests.Drivers.Pn532;

/// <summary>Frames of the PN532: bytes of its users' sketches and notes, each with its source in the design of the devices (V5 to V7).</summary>
public sealed class Pn532FrameTests
{
    private static readonly byte[] V5 = Convert.FromHexString("0000FF06FAD50332010607E800");
    private static readonly byte[] V6 = Convert.FromHexString("0000FF00FF000000FF02FED5151600");
    private static readonly byte[] V7 = Convert.FromHexString("0000FF0CF4D54B010100040804FB0EE20BD800");

    public static TheoryData<byte[], string[]> Vectors => new()
    {
        { V5, ["Answer 0332010607"] },
        { V6, ["Ack ", "Answer 15"] },
        { V7, ["Answer 4B010100040804FB0EE20B"] },
        { Convert.FromHexString("0000FFFF0000"), ["Nack "] },
        { Convert.FromHexString("0000FF01FF7F8100"), ["Error "] },
        // The extended form of V5.
        { Convert.FromHexString("0000FFFFFF0006FAD50332010607E800"), ["Answer 0332010607"] },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Frames_are_read_however_they_are_cut(byte[] bytes, string[] frames)
    {
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(frames, Parse(bytes[..cut], bytes[cut..]));
        Assert.Equal(frames, Parse([.. bytes.Select(b => new[] { b })]));
        Assert.Equal([.. frames, .. frames], Parse([.. bytes, .. bytes]));
        // Garbage before, and one that was cut off: the good one after it is read.
        Assert.Equal(frames, Parse([0xFF, 0x00, 0x12, 0x00, 0x00, .. bytes]));
        Assert.Equal(frames, Parse([0x55, 0x00, 0xFF, 0x01, 0x02, .. bytes]));
    }

    [Fact]
    public void A_frame_that_was_cut_off_takes_no_other_with_it()
    {
        for (var cut = 1; cut < V7.Length; cut++)
        {
            // Its length promised more: what is missing is taken from what follows, found wrong, and looked at again.
            var read = Parse([.. V7[..cut], .. V7, .. V7]);
            Assert.Equal("Answer 4B010100040804FB0EE20B", read[^1]);
            Assert.All(read, frame => Assert.Contains(frame, (string[])["Answer 4B010100040804FB0EE20B", "Ack ", "Nack "]));
        }
    }

    [Fact]
    public void A_flipped_bit_makes_no_other_number()
    {
        for (var bit = 0; bit < V7.Length * 8; bit++)
        {
            var flipped = V7.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.DoesNotContain(Parse(flipped), frame => frame.StartsWith("Answer", StringComparison.Ordinal) && frame != "Answer 4B010100040804FB0EE20B");
        }
    }

    [Fact]
    public void A_megabyte_of_anything_is_no_frame_that_was_not_there_and_the_next_one_is_read()
    {
        var noise = new byte[1_048_576];
        new Random(532).NextBytes(noise);
        var parser = new Pn532FrameParser();
        parser.Take(noise, _ => { });
        var read = new List<Pn532Frame>();
        // At most one frame is gathered: after its length all is as before.
        parser.Take(new byte[300], read.Add);
        parser.Take(V7, read.Add);

        Assert.Equal("FB0EE20B", Pn532Device.Uid(read[^1].Data));
    }

    [Theory]
    [InlineData("4B010100040804FB0EE20B", "FB0EE20B")]
    [InlineData("4B0101004400070411223344556677", "04112233445566")]
    [InlineData("4B00", null)]
    [InlineData("4B020100040804FB0EE20B0200040804FB0EE20C", null)]
    [InlineData("4B010100040805FB0EE20B01", null)]
    [InlineData("4B0101000408040011", null)]
    [InlineData("15", null)]
    [InlineData("", null)]
    public void One_tag_is_a_number_and_none_two_or_a_broken_one_is_none(string answer, string? uid)
    {
        var read = Pn532Device.Uid(Convert.FromHexString(answer));

        Assert.Equal(uid, read);
        if (read is not null)
            Assert.Equal("iso:" + read, ReaderProfile.IsoHex.Parse(read)!.Canonical);
    }

    [Fact]
    public void Commands_are_what_the_sketches_send()
    {
        Assert.Equal("0000FF03FDD414011700", Convert.ToHexString(Pn532FrameParser.Command(0x14, 0x01)));
        Assert.Equal("0000FF04FCD44A0100E100", Convert.ToHexString(Pn532FrameParser.Command(0x4A, 0x01, 0x00)));
    }

    private static List<string> Parse(params byte[][] portions)
    {
        var parser = new Pn532FrameParser();
        var found = new List<string>();
        foreach (var portion in portions)
            parser.Take(portion, frame => found.Add($"{frame.Kind} {Convert.ToHexString(frame.Data)}"));
        return found;
    }
}
