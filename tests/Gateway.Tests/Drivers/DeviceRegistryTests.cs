using FabLab.Gateway.Drivers;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers;

public sealed class DeviceRegistryTests : IDisposable
{
    private static readonly DeviceSettings Laser = new() { Id = "las-1", Driver = "node", Key = "secret-key", Channels = 2 };
    private static readonly DeviceSettings Reader = new() { Id = "rd-1", Driver = "rdm6300", Link = DeviceLinkKind.Serial, Path = "/dev/serial/by-id/x", Baud = 9600, Channels = 0 };

    private readonly TemporaryFolder _folder = new();
    private readonly DeviceRegistry _registry;

    public DeviceRegistryTests() => _registry = Another();

    private string File => _folder.File(DeviceRegistry.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_put_is_there_for_another_process_field_by_field()
    {
        _registry.Put(Laser);
        _registry.Put(Reader);
        _registry.Put(Laser with { Channels = 1 });

        var other = Another();
        Assert.True(other.Refresh());
        Assert.Equal([Laser with { Channels = 1 }, Reader], other.Current);
        Assert.False(other.Refresh());
        Assert.True(other.Remove("las-1"));
        Assert.False(other.Remove("las-1"));
        Assert.True(_registry.Refresh());
        Assert.Equal([Reader], _registry.Current);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"devices":null}""")]
    [InlineData("""{"devices":[null]}""")]
    [InlineData("""{"devices":[{"id":"las-1"}]}""")]
    [InlineData("""{"devices":[{"id":"../x","driver":"node"}]}""")]
    [InlineData("""{"devices":[{"id":"gw","driver":"node"}]}""")]
    [InlineData("""{"devices":[{"id":"las-1","driver":"node","link":7}]}""")]
    [InlineData("""{"devices":[{"id":"las-1","driver":"node","chanels":1}]}""")]
    [InlineData("""{"devices":[{"id":"las-1","driver":"node","channels":99}]}""")]
    [InlineData("""{"devices":[{"id":"las-1","driver":"node"},{"id":"las-1","driver":"tasmota"}]}""")]
    [InlineData("""{"devices":[{"id":"rd-1","driver":"rdm6300","link":"serial"}]}""")]
    public void A_broken_file_changes_nothing_and_is_not_overwritten(string text)
    {
        _registry.Put(Laser);
        System.IO.File.WriteAllText(File, text);

        Assert.False(_registry.Refresh());
        Assert.Equal([Laser], _registry.Current);
        Assert.NotNull(_registry.Fault);
        Assert.Throws<InvalidDataException>(() => _registry.Put(Reader));
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_file_that_is_gone_is_not_an_empty_one()
    {
        _registry.Put(Laser);
        System.IO.File.Delete(File);

        Assert.False(_registry.Refresh());
        Assert.Equal([Laser], _registry.Current);
        Assert.NotNull(_registry.Fault);
    }

    [Fact]
    public void A_file_that_is_good_again_is_in_force_again()
    {
        _registry.Put(Laser);
        var good = System.IO.File.ReadAllText(File);
        System.IO.File.WriteAllText(File, "{");
        _registry.Refresh();
        System.IO.File.WriteAllText(File, good.Replace("las-1", "las-2", StringComparison.Ordinal));

        Assert.True(_registry.Refresh());
        Assert.Null(_registry.Fault);
        Assert.Equal("las-2", Assert.Single(_registry.Current).Id);
    }

    [Fact]
    public void A_person_may_write_comments_and_a_comma_too_many()
    {
        System.IO.File.WriteAllText(File, """
            { // the laser room
              "devices": [ { "id": "las-1", "driver": "tasmota", "link": "mqtt", "channels": 1, }, ], }
            """);

        Assert.True(_registry.Refresh());
        Assert.Equal("tasmota", Assert.Single(_registry.Current).Driver);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void The_file_is_readable_by_its_owner_only_and_no_secret_is_in_a_text_for_logs()
    {
        _registry.Put(Laser);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.DoesNotContain("secret", Laser.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LAS-1")]
    [InlineData("las_1")]
    [InlineData("la")]
    [InlineData("las/1")]
    [InlineData("-las")]
    [InlineData("")]
    public void A_name_that_means_something_to_a_broker_or_a_disk_is_refused(string id) =>
        Assert.Throws<ArgumentException>(() => _registry.Put(Laser with { Id = id }));

    [Fact]
    public void Many_threads_may_change_it_and_none_of_the_changes_is_lost()
    {
        Parallel.For(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => _registry.Put(Laser with { Id = $"las-{i}" }));

        var other = Another();
        other.Refresh();
        Assert.Equal(20, other.Current.Count);
    }

    private DeviceRegistry Another() => new(_folder.Path, NullLogger<DeviceRegistry>.Instance);
}
