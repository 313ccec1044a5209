using FabLab.Core.Badges;

namespace FabLab.Core.Tests.Badges;

public sealed class BadgeKeyRingTests
{
    private const string Old = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string New = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private static readonly BadgeNumber Number = BadgeNumber.Parse("em:62E3086CED")!;

    [Fact]
    public void A_file_of_before_is_key_one_and_a_badge_known_under_it_is_found_and_told_to_be_outdated()
    {
        var before = BadgeKeyRing.Read(Old + "\n");
        var badge = new BadgeId(Guid.NewGuid());
        var index = BadgeIndex.Of([(badge, before.Current.Print(Number))]);
        var after = BadgeKeyRing.Read($"2 {New}\n1 {Old}\n");

        Assert.Equal(1, before.Current.KeyId);
        Assert.False(before.Find(index, Number, false).Outdated);
        var (match, print, outdated) = after.Find(index, Number, false);
        Assert.Equal((badge, true, (ushort)2), (Assert.IsType<BadgeMatch.Known>(match).Badge, outdated, print.Full.KeyId));
        // Stored anew it is found under the key in use, and the old key is no longer asked.
        var renewed = BadgeIndex.Of([(badge, print)]);
        Assert.False(after.Find(renewed, Number, false).Outdated);
        Assert.IsType<BadgeMatch.Unknown>(before.Find(renewed, Number, false).Match);
    }

    [Fact]
    public void A_number_cut_short_by_its_reader_finds_the_badge_and_does_not_replace_its_hashes()
    {
        var badge = new BadgeId(Guid.NewGuid());
        var index = BadgeIndex.Of([(badge, BadgeKeyRing.Read(Old).Current.Print(Number))]);

        var (match, _, outdated) = BadgeKeyRing.Read($"2 {New}\n1 {Old}").Find(index, BadgeNumber.Parse("em:E3086CED")!, truncates: true);

        Assert.Equal(badge, Assert.IsType<BadgeMatch.Known>(match).Badge);
        Assert.False(outdated);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2 zz")]
    [InlineData("2 0011")]
    [InlineData("x " + Old)]
    [InlineData("1 " + Old + "\n" + New)]
    public void What_is_no_ring_of_keys_is_refused(string text) => Assert.ThrowsAny<FormatException>(() => BadgeKeyRing.Read(text));
}
