using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Core.Tests.Badges;

public sealed class BadgeIndexTests
{
    private static readonly BadgeHasher Hasher = new(1, "0123456789abcdef"u8);
    private static readonly BadgeId Mine = BadgeId.From(new Guid("0195a5c0-0000-7000-8000-000000000001"));
    private static readonly BadgeId Other = BadgeId.From(new Guid("0195a5c0-0000-7000-8000-000000000002"));

    [Theory]
    [InlineData("em-hex10", "62E3086CED", false)]
    [InlineData("em-hex8", "E3086CED", true)]
    [InlineData("em-dec10", "3808980205", true)]
    [InlineData("em-fc", "008,27885", true)]
    [InlineData("w26-dec", "552173", true)]
    [InlineData("w34-hex", "E3086CED", true)]
    public void A_badge_enrolled_in_full_is_known_by_every_spelling(string reader, string text, bool bySuffix) =>
        Assert.Equal(new BadgeMatch.Known(Mine, bySuffix), Find(Index((Mine, "em:62E3086CED")), reader, text));

    [Theory]
    [InlineData("em:E3086CED", "em-hex10", "62E3086CED", true)]
    [InlineData("em:086CED", "em-hex10", "62E3086CED", true)]
    [InlineData("w:086CED", "em-hex10", "62E3086CED", true)]
    [InlineData("w:E3086CED", "em-hex10", "62E3086CED", true)]
    [InlineData("w:086CED", "em-hex8", "E3086CED", true)]
    [InlineData("em:E3086CED", "em-hex8", "E3086CED", false)]
    [InlineData("w:94D8FC5F", "iso-hex", "94D8FC5F", true)]
    [InlineData("em:E3086CED", "w34-hex", "E3086CED", true)]
    public void A_badge_enrolled_at_a_reader_that_drops_bytes_is_known_at_a_better_one(string enrolled, string reader, string text, bool bySuffix) =>
        Assert.Equal(new BadgeMatch.Known(Mine, bySuffix), Find(Index((Mine, enrolled)), reader, text));

    [Theory]
    // Another tag that ends alike, read whole by a reader that drops nothing.
    [InlineData("em:62E3086CED", "em-hex10", "99E3086CED")]
    // A whole ISO number is not the end of a longer one.
    [InlineData("iso:94D8FC5F", "iso-hex", "01020394D8FC5F")]
    [InlineData("iso:01020394D8FC5F", "iso-hex", "94D8FC5F")]
    // An EM reader cannot have read an ISO badge.
    [InlineData("iso:01E3086CED0000", "em-hex8", "E3086CED")]
    [InlineData("iso:E3086CED", "em-hex8", "E3086CED")]
    public void What_only_looks_alike_is_unknown(string enrolled, string reader, string text) =>
        Assert.Equal(new BadgeMatch.Unknown(), Find(Index((Mine, enrolled)), reader, text));

    [Fact]
    public void Two_badges_with_one_end_are_ambiguous_where_bytes_are_dropped_and_told_apart_elsewhere()
    {
        BadgeIndex index = Index((Mine, "em:62E3086CED"), (Other, "em:99E3086CED"));

        Assert.Equal(new BadgeMatch.Ambiguous(), Find(index, "em-hex8", "E3086CED"));
        Assert.Equal(new BadgeMatch.Ambiguous(), Find(index, "w26-dec", "552173"));
        Assert.Equal(new BadgeMatch.Known(Mine), Find(index, "em-hex10", "62E3086CED"));
        Assert.Equal(new BadgeMatch.Known(Other), Find(index, "em-hex10", "99E3086CED"));
    }

    [Fact]
    public void Four_bytes_tell_apart_what_three_do_not()
    {
        BadgeIndex index = Index((Mine, "em:62E3086CED"), (Other, "em:62AA086CED"));

        Assert.Equal(new BadgeMatch.Known(Mine, BySuffix: true), Find(index, "em-hex8", "E3086CED"));
        Assert.Equal(new BadgeMatch.Ambiguous(), Find(index, "w26-dec", "552173"));
    }

    [Fact]
    public void The_exact_number_wins_over_an_end()
    {
        BadgeIndex index = Index((Mine, "em:E3086CED"), (Other, "em:62E3086CED"));

        Assert.Equal(new BadgeMatch.Known(Mine), Find(index, "em-hex8", "E3086CED"));
        Assert.Equal(new BadgeMatch.Known(Other), Find(index, "em-hex10", "62E3086CED"));
    }

    [Fact]
    public void The_same_number_enrolled_twice_is_ambiguous()
    {
        BadgeIndex index = Index((Mine, "iso:94D8FC5F"), (Other, "iso:94D8FC5F"));

        Assert.Equal(new BadgeMatch.Ambiguous(), Find(index, "iso-hex", "94D8FC5F"));
    }

    [Fact]
    public void A_removed_badge_is_unknown_and_the_other_of_its_end_is_known_again()
    {
        BadgeIndex index = Index((Mine, "em:62E3086CED"), (Other, "em:99E3086CED"));

        index = index.Remove(Mine, Print("em:62E3086CED"));

        Assert.Equal(new BadgeMatch.Unknown(), Find(index, "em-hex10", "62E3086CED"));
        Assert.Equal(new BadgeMatch.Known(Other, BySuffix: true), Find(index, "em-hex8", "E3086CED"));
        Assert.Equal(new BadgeMatch.Unknown(), Find(index.Remove(Other, Print("em:99E3086CED")), "em-hex8", "E3086CED"));
        Assert.Equal(new BadgeMatch.Unknown(), Find(index.Remove(Mine, Print("em:62E3086CED")), "em-hex10", "62E3086CED"));
    }

    [Fact]
    public void Hashes_under_another_key_or_key_id_match_nothing()
    {
        BadgeIndex index = Index((Mine, "em:62E3086CED"));
        BadgeNumber number = BadgeNumber.Parse("em:62E3086CED")!;

        Assert.Equal(new BadgeMatch.Unknown(), index.Find(new BadgeHasher(2, "0123456789abcdef"u8).Print(number), truncates: false));
        Assert.Equal(new BadgeMatch.Unknown(), index.Find(new BadgeHasher(1, "0123456789abcdeX"u8).Print(number), truncates: true));
    }

    [Fact]
    public void A_hash_is_the_first_half_of_the_hmac_of_the_canonical_form()
    {
        byte[] mac = System.Security.Cryptography.HMACSHA256.HashData("0123456789abcdef"u8, "em:62E3086CED"u8);

        BadgePrint print = Print("em:62E3086CED");

        Assert.Equal(mac[..16], print.Full.ToBytes());
        Assert.Equal(5, print.Bytes);
        Assert.True(BadgeHash.TryParse(print.Full.ToString(), out BadgeHash read));
        Assert.Equal(print.Full, read);
    }

    [Fact]
    public void A_short_key_is_refused() =>
        Assert.Throws<ArgumentException>(() => new BadgeHasher(1, "0123456789abcde"u8));

    [Fact]
    public void A_number_of_three_bytes_has_no_print_of_four() => Assert.Null(Print("w:086CED").Last4);

    [Fact]
    public void Ids_sort_by_the_time_they_were_made_and_carry_version_7()
    {
        Instant early = Instant.FromUtc(2026, 3, 10, 9, 0);
        BadgeId first = Ids.New<BadgeId>(early, new byte[10]);
        BadgeId second = Ids.New<BadgeId>(early + Duration.FromMilliseconds(1), new byte[10]);

        Assert.Equal(7, first.Value.Version);
        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
        Assert.Equal(first, Ids.New<BadgeId>(early, new byte[12]));
        Assert.StartsWith(BadgeId.New(early).ToString()[..13], first.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Ids.New<BadgeId>(early, new byte[9]));
        Assert.True(Ids.TryParse(first.ToString(), out BadgeId parsed));
        Assert.Equal(first, parsed);
        Assert.False(Ids.TryParse<BadgeId>(Guid.Empty.ToString(), out _));
        Assert.False(Ids.TryParse<BadgeId>("LAS-1", out _));
        Assert.False(Ids.TryParse<BadgeId>(null, out _));
    }

    private static BadgePrint Print(string canonical) => Hasher.Print(BadgeNumber.Parse(canonical)!);

    private static BadgeIndex Index(params (BadgeId Badge, string Number)[] badges) =>
        badges.Aggregate(BadgeIndex.Empty, (index, badge) => index.Add(badge.Badge, Print(badge.Number)));

    private static BadgeMatch Find(BadgeIndex index, string reader, string text)
    {
        ReaderProfile profile = ReaderProfile.Find(reader)!;
        return index.Find(Hasher.Print(profile.Parse(text)!), profile.Truncates);
    }
}
