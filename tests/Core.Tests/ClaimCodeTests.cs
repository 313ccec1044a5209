namespace FabLab.Core.Tests;

public sealed class ClaimCodeTests
{
    private static readonly DeviceId Laser = new("las-1");
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];

    [Fact]
    public void A_code_is_read_in_any_spelling()
    {
        var code = ClaimCode.Write(Laser, 200, Key);

        Assert.Equal(14, code.Split('-').Length);
        foreach (var spelled in new[] { code, code.ToLowerInvariant(), code.Replace("-", "", StringComparison.Ordinal), $"  {code.Replace('-', '\n')} ", code.Replace('0', 'o').Replace('1', 'l') })
        {
            var read = ClaimCode.Read(spelled, Laser, out var fault);
            Assert.Equal(ClaimCodeFault.None, fault);
            Assert.Equal(200, read!.KeyId);
            Assert.Equal(Key, read.Key.ToArray());
            Assert.DoesNotContain(code, read.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_wrong_character_or_another_name_is_noticed()
    {
        var code = ClaimCode.Write(Laser, 1, Key).Replace("-", "", StringComparison.Ordinal);

        Assert.Null(ClaimCode.Read(code, new DeviceId("las-2"), out var other));
        Assert.Equal(ClaimCodeFault.OtherDevice, other);
        // Two bytes tell one wrong code in 65,536 from a right one; these are not that one.
        for (var at = 2; at < code.Length; at++)
        {
            var wrong = code[..at] + (code[at] == 'Z' ? 'Y' : 'Z') + code[(at + 1)..];
            Assert.Null(ClaimCode.Read(wrong, Laser, out var fault));
            Assert.Equal(ClaimCodeFault.OtherDevice, fault);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU")]
    [InlineData("0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000")]
    [InlineData("0100-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0")]
    public void What_is_no_code_is_said_to_be_none(string? typed)
    {
        Assert.Null(ClaimCode.Read(typed, Laser, out var fault));
        Assert.Equal(ClaimCodeFault.Unreadable, fault);
    }

    [Theory]
    [InlineData("las-1", true)]
    [InlineData("a1", false)]
    [InlineData("-as", false)]
    [InlineData("las_1", false)]
    [InlineData("LAS-1", false)]
    [InlineData("abcdefghijklmnopqrstuvwxy", false)]
    public void Names_are_those_of_the_device_contract(string name, bool possible) => Assert.Equal(possible, ClaimCode.IsName(name));
}
