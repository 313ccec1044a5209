using System.Text;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Testing;

namespace FabLab.Gateway.Tests.Drivers.Rdm6300;

public sealed class TagFrameTests
{
    private static readonly byte[] V1 = Convert.FromHexString("0236324533303836434544303803");
    private static readonly byte[] V2 = Convert.FromHexString("0231343030384543373933434503");
    private static readonly byte[] V3 = [0x02, .. Encoding.ASCII.GetBytes("0C000621A58E"), 0x0D, 0x0A, 0x03];
    private static readonly byte[] V4 = Convert.FromHexString("0236324533303836434543303803");

    public static TheoryData<byte[], string, bool> Vectors => new() { { V1, "62E3086CED", false }, { V2, "14008EC793", false }, { V3, "0C000621A5", true } };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_frame_gives_its_number_however_it_is_cut(byte[] frame, string hex, bool once)
    {
        for (var cut = 0; cut <= frame.Length; cut++)
            Assert.Equal([new TagFrame(hex, once)], Parse(frame[..cut], frame[cut..]));
        Assert.Equal([new TagFrame(hex, once)], Parse([.. frame.Select(b => new[] { b })]));
        Assert.Equal("em:" + hex, ReaderProfile.EmHex.Parse(hex)!.Canonical);
    }

    [Fact]
    public void A_wrong_check_sum_is_no_event() => Assert.Empty(Parse(V4));

    [Fact]
    public void Every_bit_flipped_anywhere_gives_nothing_or_the_same_number()
    {
        for (var bit = 0; bit < V1.Length * 8; bit++)
        {
            var flipped = V1.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            // Bit 5 of a letter is its case, which is not part of the number.
            Assert.All(Parse(flipped), frame => Assert.Equal("62E3086CED", frame.Hex));
        }
    }

    [Fact]
    public void Garbage_before_two_frames_glued_and_a_tail_that_was_cut_off_lose_no_good_frame()
    {
        byte[] garbage = [0xFF, 0x00, 0x03, (byte)'6', 0x0D];
        var expected = new[] { new TagFrame("62E3086CED", false), new TagFrame("14008EC793", false) };

        Assert.Equal(expected, Parse([.. garbage, .. V1, .. V2]));
        Assert.Equal(expected, Parse([.. V1[..7], .. V1, .. garbage, .. V2]));
        Assert.Equal(expected, Parse([.. V1, .. V2[..^1], .. V2]));
        for (var cut = 1; cut < V1.Length; cut++)
            Assert.Equal([new TagFrame("62E3086CED", false)], Parse([.. V1[..cut], .. V1]));
    }

    [Fact]
    public void Lower_case_is_accepted_and_what_is_too_long_or_too_short_is_not()
    {
        Assert.Equal([new TagFrame("62E3086CED", false)], Parse([0x02, .. "62e3086ced08"u8, 0x03]));
        Assert.Empty(Parse([0x02, .. "62E3086CED0800"u8, 0x03]));
        Assert.Empty(Parse([0x02, .. "62E3086CED"u8, 0x03]));
        Assert.Empty(Parse([0x02, .. "62E308\r\n6CED08"u8, 0x03]));
        Assert.Empty(Parse(new byte[1_000_000]));
    }

    [Fact]
    public void A_tag_counts_when_it_came_twice_within_300_ms_and_once_for_as_long_as_it_stays()
    {
        var time = new ManualTime();
        var presence = new TagPresence(time);
        var frame = new TagFrame("62E3086CED", false);
        bool Seen(int afterMs)
        {
            time.Advance(TimeSpan.FromMilliseconds(afterMs));
            return presence.Take(frame, time.GetTimestamp());
        }

        Assert.False(Seen(0));
        Assert.True(Seen(65));
        for (var i = 0; i < 100; i++)
            Assert.False(Seen(65));
        Assert.False(Seen(499));
        Assert.False(Seen(501));
        Assert.True(Seen(65));
    }

    [Fact]
    public void A_frame_that_comes_alone_is_a_ghost()
    {
        var time = new ManualTime();
        var presence = new TagPresence(time);
        bool Seen(string hex, int afterMs)
        {
            time.Advance(TimeSpan.FromMilliseconds(afterMs));
            return presence.Take(new TagFrame(hex, false), time.GetTimestamp());
        }

        Assert.False(Seen("62E3086CED", 0));
        Assert.False(Seen("62E3086CED", 301));
        Assert.False(Seen("14008EC793", 10));
        Assert.False(Seen("62E3086CED", 10));
        Assert.True(Seen("62E3086CED", 10));
        Assert.Equal(3, presence.Ghosts);
    }

    [Fact]
    public void A_reader_that_sends_one_frame_a_presentation_is_believed_at_once()
    {
        var time = new ManualTime();
        var presence = new TagPresence(time);

        Assert.True(presence.Take(new TagFrame("0C000621A5", true), time.GetTimestamp()));
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(presence.Take(new TagFrame("0C000621A5", true), time.GetTimestamp()));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(presence.Take(new TagFrame("0C000621A5", true), time.GetTimestamp()));
    }

    [Fact]
    public void Two_tags_in_turn_are_two_presentations()
    {
        var time = new ManualTime();
        var presence = new TagPresence(time);
        var seen = new List<string>();
        foreach (var hex in new[] { "62E3086CED", "62E3086CED", "14008EC793", "14008EC793", "62E3086CED", "62E3086CED" })
        {
            time.Advance(TimeSpan.FromMilliseconds(65));
            if (presence.Take(new TagFrame(hex, false), time.GetTimestamp()))
                seen.Add(hex);
        }

        Assert.Equal(["62E3086CED", "14008EC793", "62E3086CED"], seen);
    }

    private static List<TagFrame> Parse(params byte[][] portions)
    {
        var parser = new TagFrameParser();
        var found = new List<TagFrame>();
        foreach (var portion in portions)
            parser.Take(portion, found.Add);
        return found;
    }
}
