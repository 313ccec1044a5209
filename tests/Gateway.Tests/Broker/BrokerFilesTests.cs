using FabLab.Gateway.Broker;

namespace FabLab.Gateway.Tests.Broker;

public sealed class BrokerFilesTests
{
    private const string Good = "user gw\ntopic readwrite #\nuser saw-1\ntopic read fl/1/gw/state\npattern write fl/1/%u/up/#\n";

    [Fact]
    public void Rights_as_they_are_built_pass_the_check() => BrokerFiles.CheckRights(Good);

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("user gw\ntopic readwrite #\n")]
    [InlineData("user gw\ntopic readwrite #\npattern write fl/1/%u/up/#")]
    [InlineData("user gw\r\ntopic readwrite #\r\npattern write fl/1/%u/up/#\r\n")]
    [InlineData(Good + "garbage\n")]
    [InlineData(Good + "user saw-1\ntopic readwrite #\n")]
    [InlineData(Good + "user saw-1\ntopic read #\n")]
    [InlineData(Good + "user saw-1\ntopic read +/+/up\n")]
    [InlineData(Good + "user SAW\n")]
    [InlineData(Good + "pattern readwrite #\n")]
    [InlineData(Good + "pattern write fl/1/#\n")]
    [InlineData(Good + "topic deny x\n")]
    [InlineData("topic read a\n" + Good)]
    [InlineData("user gw\ntopic readwrite #\npattern write fl/1/%u/up/#\npatt")]
    public void Rights_that_are_empty_cut_off_too_wide_or_not_understood_do_not(string text) =>
        Assert.Throws<InvalidDataException>(() => BrokerFiles.CheckRights(text));

    [Fact]
    public void Passwords_as_they_are_built_pass_the_check() =>
        BrokerFiles.CheckPasswords("gw:" + BrokerPassword.Hash("a") + "\nsaw-1:" + BrokerPassword.Hash("b") + "\n");

    [Theory]
    [InlineData("")]
    [InlineData("gw:\n")]
    [InlineData("gw:plain\n")]
    [InlineData("gw:$7$101$short$AAAA\n")]
    [InlineData("gw:$6$AAAA$BBBB\n")]
    public void Passwords_that_the_broker_would_not_read_do_not(string text) =>
        Assert.Throws<InvalidDataException>(() => BrokerFiles.CheckPasswords(text));

    [Fact]
    public void A_name_with_two_passwords_does_not_pass()
    {
        var line = "gw:" + BrokerPassword.Hash("a") + "\n";
        Assert.Throws<InvalidDataException>(() => BrokerFiles.CheckPasswords(line + line));
    }

    [Fact]
    public void Options_say_all_their_faults_at_once_each_with_its_key()
    {
        var faults = new BrokerOptions { Port = 0, LanAddress = "everywhere", CertificateFile = "/not/there" }.Validate();

        Assert.Equal(["Broker:Port", "Broker:LanAddress", "Broker:KeyFile", "Broker:CertificateFile"], faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.Empty(new BrokerOptions { LanAddress = "0.0.0.0" }.Validate());
    }
}
