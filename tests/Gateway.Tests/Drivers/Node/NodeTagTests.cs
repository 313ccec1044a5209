using FabLab.Core.Badges;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Node;
using FabLab.Gateway.Supervision;
using FabLab.Gateway.Tests.Flow;

namespace FabLab.Gateway.Tests.Drivers.Node;

/// <summary>Every tag that the contract of our own nodes knows (firmware-protocol.md, section 8), numbers from Wiegand wires among them.</summary>
public sealed class NodeTagTests
{
    private const ulong Frame26 = 0x210D9DB;
    private const ulong Frame34 = 0x1C610D9DB;

    [Theory]
    [InlineData("em:62E3086CED", "em-hex10", false)]
    [InlineData("em:E3086CED", "em-hex8", true)]
    [InlineData("em:086CED", "em-fc", true)]
    [InlineData("w:E3086CED", "w34-hex", true)]
    [InlineData("w:086CED", "w26-hex", true)]
    [InlineData("iso:94D8FC5F", "iso-hex", false)]
    [InlineData("iso:04A1B2C3D4E580", "iso-hex", false)]
    [InlineData("iso:04A1B2C3D4E58001020A", "iso-hex", false)]
    public void A_tag_is_a_number_and_its_length_says_what_the_reader_left_of_it(string tag, string profile, bool truncates)
    {
        Assert.True(FabLab.Protocol.Tag.IsCanonical(tag));
        var (number, how) = NodeReports.Badge(tag)!.Value;
        Assert.Equal((tag, profile, truncates), (number.Canonical, how.Code, how.Truncates));
    }

    [Theory]
    [InlineData("w:62E3086CED")]
    [InlineData("w:000000")]
    [InlineData("iso:94D8FC")]
    [InlineData("em:62E3086CED01")]
    [InlineData("w26:086CED")]
    [InlineData("086CED")]
    [InlineData("")]
    public void What_the_contract_does_not_know_is_none(string tag) => Assert.Null(NodeReports.Badge(tag));

    /// <summary>V14: the tag a node makes of the bits is that of the whole number's end, and no bit may be another.</summary>
    [Fact]
    public void The_bits_of_one_tag_over_26_and_34_wires_are_ends_of_its_number_and_any_flipped_bit_is_none()
    {
        var whole = BadgeNumber.Parse("em:62E3086CED")!;
        foreach (var (frame, bits, read) in ((ulong, int, Func<ulong, BadgeNumber?>)[])[(Frame26, 26, BadgeNumber.FromWiegand26), (Frame34, 34, BadgeNumber.FromWiegand34)])
        {
            var (number, profile) = NodeReports.Badge(read(frame)!.Canonical)!.Value;
            Assert.EndsWith(number.Hex, whole.Hex, StringComparison.Ordinal);
            Assert.True(profile.Truncates);
            for (var bit = 0; bit < bits; bit++)
                Assert.Null(read(frame ^ (1UL << bit)));
        }
    }

    [Fact]
    public async Task A_reader_of_26_bits_starts_a_machine_when_one_badge_alone_fits_and_is_pointed_out_to_staff()
    {
        await using var gateway = await GatewayUnderTest.StartedAsync();
        var (number, profile) = NodeReports.Badge("w:086CED")!.Value;

        gateway.Printer.Send(new DeviceReport.BadgeRead(gateway.Printer.Id, gateway.Time.Now, gateway.Time.GetTimestamp(), 0, number, profile, Live: true));
        await gateway.Printer.WaitForAsync(box => box.Closed(), GatewayUnderTest.Cancelled);

        Assert.True(gateway.Alarms.IsOn(AlarmCodes.DeviceFault, $"{gateway.Printer.Id}:{DeviceFaults.ShortNumbers}"));
        // A whole number is no reason for a word.
        gateway.Laser.Tap(SampleLab.M01.Badge);
        await gateway.SettleAsync();
        Assert.False(gateway.Alarms.IsOn(AlarmCodes.DeviceFault, $"{gateway.Laser.Id}:{DeviceFaults.ShortNumbers}"));
    }
}
