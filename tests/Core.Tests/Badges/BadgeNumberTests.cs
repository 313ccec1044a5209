using FabLab.Core.Badges;

namespace FabLab.Core.Tests.Badges;

public sealed class BadgeNumberTests
{
    [Theory]
    // One tag by every path of the reader table.
    [InlineData("em-hex10", "62E3086CED", "em:62E3086CED")]
    [InlineData("em-hex10", "62e3086ced", "em:62E3086CED")]
    [InlineData("em-hex8", "E3086CED", "em:E3086CED")]
    [InlineData("em-dec10", "3808980205", "em:E3086CED")]
    [InlineData("em-fc", "008,27885", "em:086CED")]
    [InlineData("w26-hex", "086CED", "w:086CED")]
    [InlineData("w26-dec", "552173", "w:086CED")]
    [InlineData("w26-fc", "8,27885", "w:086CED")]
    [InlineData("w34-hex", "E3086CED", "w:E3086CED")]
    [InlineData("w34-dec", "3808980205\r\n", "w:E3086CED")]
    // Other vectors: Tasmota, ID-LA data sheet, PN532, PC/SC.
    [InlineData("em-hex10", "14008EC793", "em:14008EC793")]
    [InlineData("em-hex8", "008EC793", "em:008EC793")]
    [InlineData("em-dec10", "0009357203", "em:008EC793")]
    [InlineData("em-hex10", "0C000621A5", "em:0C000621A5")]
    [InlineData("iso-hex", "94D8FC5F", "iso:94D8FC5F")]
    [InlineData("iso-hex", "94-D8-FC-5F", "iso:94D8FC5F")]
    [InlineData("iso-hex", " 94:d8:fc:5f ", "iso:94D8FC5F")]
    [InlineData("iso-hex", "53BB1F05110001", "iso:53BB1F05110001")]
    [InlineData("iso-hex", "D671C5F0", "iso:D671C5F0")]
    [InlineData("iso-hex", "0102030405060708090A", "iso:0102030405060708090A")]
    [InlineData("iso-hex-rev", "5FFCD894", "iso:94D8FC5F")]
    [InlineData("iso-dec-bytes", "116-16-55-148", "iso:74103794")]
    [InlineData("iso-dec10", "2497248351", "iso:94D8FC5F")]
    public void Every_spelling_of_a_tag_is_read(string reader, string text, string canonical)
    {
        BadgeNumber? number = ReaderProfile.Find(reader)!.Parse(text);

        Assert.Equal(canonical, number?.Canonical);
        Assert.Equal(number, BadgeNumber.Parse(canonical));
    }

    [Theory]
    [InlineData("em-hex10", null)]
    [InlineData("em-hex10", "")]
    [InlineData("em-hex10", "62E3086CE")]
    [InlineData("em-hex10", "62E3086CED0")]
    [InlineData("em-hex10", "62E3086CEG")]
    [InlineData("em-hex10", "0000000000")]
    [InlineData("em-hex10", "FFFFFFFFFF")]
    [InlineData("em-hex10", "6-2E3086CED")]
    [InlineData("em-hex10", "-62E3086CED")]
    [InlineData("em-hex8", "62E3086CED")]
    [InlineData("em-dec10", "4294967296")]
    [InlineData("em-dec10", "-3808980205")]
    [InlineData("em-dec10", "3808980205.0")]
    [InlineData("em-dec10", "3 808 980 205")]
    [InlineData("em-dec10", "99999999999999999999999")]
    [InlineData("em-fc", "256,27885")]
    [InlineData("em-fc", "8,65536")]
    [InlineData("em-fc", "8")]
    [InlineData("em-fc", "8,1,2")]
    [InlineData("w26-dec", "16777216")]
    [InlineData("iso-hex", "94D8FC")]
    [InlineData("iso-hex", "94D8FC5F00")]
    [InlineData("iso-hex", "0102030405060708090A0B")]
    [InlineData("iso-dec-bytes", "116-16-55-256")]
    [InlineData("iso-dec-bytes", "116-16-55")]
    [InlineData("iso-dec-bytes", "1-2-3-4-5-6-7-8-9-10-11")]
    [InlineData("iso-dec-bytes", "116--16-55")]
    [InlineData("iso-hex", "94D8FC5F94D8FC5F94D8FC5F94D8FC5F94D8FC5F94D8FC5F94D8FC5F94D8FC5F94")]
    public void What_a_reader_would_not_write_is_no_number(string reader, string? text) =>
        Assert.Null(ReaderProfile.Find(reader)!.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("62E3086CED")]
    [InlineData("xx:62E3086CED")]
    [InlineData("em:62E3086CE")]
    [InlineData("em:62E3086CEG")]
    [InlineData("em:62E3086CED01")]
    [InlineData("iso:0102")]
    [InlineData("iso:0102030405060708090A0B0C0D")]
    public void What_is_not_canonical_is_no_number(string? text) => Assert.Null(BadgeNumber.Parse(text));

    [Fact]
    public void A_wiegand_26_frame_gives_its_number_and_any_flipped_bit_is_refused()
    {
        const ulong Frame = 0x210D9DB;

        Assert.Equal("w:086CED", BadgeNumber.FromWiegand26(Frame)?.Canonical);
        for (int bit = 0; bit < 27; bit++)
        {
            Assert.Null(BadgeNumber.FromWiegand26(Frame ^ (1UL << bit)));
        }
    }

    [Fact]
    public void A_wiegand_34_frame_gives_its_number_and_any_flipped_bit_is_refused()
    {
        const ulong Frame = 0x1C610D9DB;

        Assert.Equal("w:E3086CED", BadgeNumber.FromWiegand34(Frame)?.Canonical);
        for (int bit = 0; bit < 35; bit++)
        {
            Assert.Null(BadgeNumber.FromWiegand34(Frame ^ (1UL << bit)));
        }
    }

    [Fact]
    public void A_number_does_not_write_itself_into_a_log()
    {
        BadgeNumber number = BadgeNumber.Parse("em:62E3086CED")!;

        Assert.Equal("em:(5 bytes)", number.ToString());
    }

    [Fact]
    public void Profiles_are_found_by_their_code_and_no_code_is_used_twice()
    {
        Assert.All(ReaderProfile.All, profile => Assert.Same(profile, ReaderProfile.Find(profile.Code)));
        Assert.Null(ReaderProfile.Find("EM-HEX10"));
        Assert.Null(ReaderProfile.Find(null));
    }
}
