using FabLab.Core.Badges;

namespace FabLab.Core.Tests.Badges;

public sealed class KeyboardWedgeTests
{
    [Theory]
    [InlineData("ààà&(éç_\"è", "0001529837")]
    [InlineData("àà_;éè__(", "008,27885")]
    [InlineData("-éE\"à_-CED", "62E3086CED")]
    [InlineData("-éq\"à_-bcd", "62a3086bcd")]
    [InlineData("§éE\"à!§CED", "62E3086CED")]
    [InlineData("ÉÈÇÀ", "2790")]
    [InlineData("------", "666666")]
    [InlineData("''''''''''", "4444444444")]
    public void What_an_AZERTY_keyboard_makes_of_a_reader_is_read_back(string typed, string meant) =>
        Assert.Equal(meant, KeyboardWedge.Straighten(typed));

    [Theory]
    [InlineData("62E3086CED")]
    [InlineData("94-D8-FC-5F")]
    [InlineData("116-16-55-148")]
    [InlineData("008,27885")]
    [InlineData("em:62E3086CED")]
    [InlineData("3808980205")]
    [InlineData("")]
    [InlineData("-")]
    public void What_was_typed_right_is_left_alone(string typed) => Assert.Equal(typed, KeyboardWedge.Straighten(typed));

    [Fact]
    public void Every_digit_of_every_reader_survives_the_wrong_keyboard()
    {
        const string Keys = "à&é\"'(-è_ç";
        for (ulong number = 1; number < 4_000_000_000; number += 123_456_789)
        {
            string meant = number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(meant, KeyboardWedge.Straighten(string.Concat(meant.Select(digit => Keys[digit - '0']))));
        }
    }
}
