using System.Text;
using FabLab.Booking.Features.SignIn;
using NodaTime;

namespace FabLab.Booking.Tests.SignIn;

public sealed class TotpTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>The table of RFC 6238 for SHA-1, its last six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) => Assert.Equal(code, Totp.Code(Key, seconds / 30));

    [Fact]
    public void A_code_counts_once_and_one_half_minute_early_or_late()
    {
        var now = Instant.FromUnixTimeSeconds(1_700_000_015);
        var step = now.ToUnixTimeSeconds() / 30;

        Assert.Equal(step, Totp.Match(Key, Totp.Code(Key, step), now, 0));
        Assert.Equal(step - 1, Totp.Match(Key, Totp.Code(Key, step - 1), now, 0));
        Assert.Equal(step + 1, Totp.Match(Key, Totp.Code(Key, step + 1), now, 0));
        Assert.Null(Totp.Match(Key, Totp.Code(Key, step - 2), now, 0));
        Assert.Null(Totp.Match(Key, Totp.Code(Key, step + 2), now, 0));
        Assert.Null(Totp.Match(Key, Totp.Code(Key, step), now, step));
        Assert.Null(Totp.Match(Key, Totp.Code(Key, step - 1), now, step));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("abcdef")]
    [InlineData("٠١٢٣٤٥")]
    public void What_is_no_code_matches_nothing(string? typed) => Assert.Null(Totp.Match(Key, typed, Instant.FromUnixTimeSeconds(59), 0));

    [Fact]
    public void Blanks_in_a_code_are_forgiven_and_the_key_is_spelled_for_an_app()
    {
        Assert.Equal(1, Totp.Match(Key, "287 082", Instant.FromUnixTimeSeconds(59), 0));
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.Spell(Key));
        Assert.Equal("otpauth://totp/Fablab%20A:m01?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Fablab%20A", Totp.Address(Key, "Fablab A", "m01"));
    }
}
