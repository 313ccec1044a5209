using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Osdp;
using FabLab.Host.Cli;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Host.Tests.Cli;

public sealed class ReaderKeyVerbTests
{
    [Fact]
    public async Task A_reader_is_given_a_key_once_and_the_gateway_a_few_minutes_each_time()
    {
        using var folder = new TemporaryFolder();
        var registry = new DeviceRegistry(folder.Path, NullLogger<DeviceRegistry>.Instance);
        registry.Put(new DeviceSettings { Id = "reader-1", Driver = "osdp", Link = DeviceLinkKind.Serial, Path = "/dev/ttyUSB0", Channels = 0 });
        registry.Put(new DeviceSettings { Id = "reader-2", Driver = "rdm6300", Link = DeviceLinkKind.Serial, Path = "/dev/ttyUSB1", Channels = 0 });
        var before = TimeProvider.System.GetUtcNow();

        Assert.Equal(ExitCodes.Success, await RunAsync("reader-1"));
        var first = Read();
        Assert.Equal(ExitCodes.Success, await RunAsync("reader-1", "--minutes", "60"));
        var second = Read();

        Assert.True(OsdpDriver.IsKey(first.Key));
        Assert.Equal(first.Key, second.Key);
        Assert.InRange((first.InstallUntil!.Value - before).TotalMinutes, 10, 11);
        Assert.True(second.InstallUntil > first.InstallUntil);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File(DeviceRegistry.FileName)));
        Assert.Equal(ExitCodes.Failure, await RunAsync("reader-2"));
        Assert.Equal(ExitCodes.Failure, await RunAsync("reader-9"));
        Assert.Equal(ExitCodes.Usage, await RunAsync("reader-1", "--minutes", "61"));

        DeviceSettings Read()
        {
            registry.Refresh();
            return registry.Current.Single(device => device.Id == "reader-1");
        }

        async Task<int> RunAsync(params string[] more)
        {
            using var said = new StringWriter();
            var exit = await new CommandLine(Verbs.All, said, said).RunAsync(["device", "reader-key", .. more, "--data", folder.Path], TestContext.Current.CancellationToken);
            // The key is in the file, and nowhere else.
            Assert.DoesNotContain(registry.Current.Single(device => device.Id == "reader-1").Key ?? "no key", said.ToString(), StringComparison.OrdinalIgnoreCase);
            return exit;
        }
    }
}
