using FabLab.Core;
using FabLab.Gateway.Drivers.Node;
using FabLab.Protocol.Peer;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Gateway.Tests.Drivers.Node;

public sealed class SqliteNodeStoreTests : IDisposable
{
    private static readonly PeerMemory Memory = new()
    {
        LastBoot = uint.MaxValue,
        LastN = 7,
        Reserved = 3000,
        AckedSeq = 42,
        Hardware = "A0:B1",
        Duplicate = true,
        Clocks = [new BootClock(1, 1_700_000_000_000), new BootClock(uint.MaxValue, 1_800_000_000_000)],
    };

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("nodes.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart_field_by_field()
    {
        await using (var store = Open())
            Assert.True(await store.SaveAsync(new DeviceId("a-1"), Memory, urgent: true));

        await using var again = Open();
        var read = again.Load(new DeviceId("a-1"))!;
        Assert.Equal(Memory with { Clocks = read.Clocks }, read);
        Assert.Equal(Memory.Clocks, read.Clocks);
        Assert.Null(again.Load(new DeviceId("b-1")));
    }

    [Fact]
    public async Task The_last_call_wins_also_when_none_was_written_yet()
    {
        await using var store = Open();
        var saves = Enumerable.Range(1, 500).Select(i => store.SaveAsync(new DeviceId("a-1"), Memory with { Reserved = (uint)i }, urgent: i % 7 == 0)).ToList();

        Assert.All(await Task.WhenAll(saves), Assert.True);
        Assert.Equal(500u, store.Load(new DeviceId("a-1"))!.Reserved);
    }

    [Fact]
    public async Task A_device_that_was_forgotten_starts_anew()
    {
        await using var store = Open();
        await store.SaveAsync(new DeviceId("a-1"), Memory, urgent: true);

        Assert.True(await store.ForgetAsync(new DeviceId("a-1")));

        Assert.Null(store.Load(new DeviceId("a-1")));
    }

    [Fact]
    public async Task What_waits_is_written_when_the_store_closes_and_nothing_after()
    {
        var store = Open();
        var waiting = store.SaveAsync(new DeviceId("a-1"), Memory, urgent: false);
        await store.DisposeAsync();

        Assert.True(await waiting);
        Assert.False(await store.SaveAsync(new DeviceId("a-1"), Memory, urgent: true));
        await using var again = Open();
        Assert.NotNull(again.Load(new DeviceId("a-1")));
    }

    [Fact]
    public async Task A_disk_that_is_full_is_said_and_the_store_works_again_when_there_is_room()
    {
        await using var store = Open();
        await store.SaveAsync(new DeviceId("a-1"), Memory, urgent: true);
        // SQLite's own limit stands in for the disk.
        store.LimitPages(1);
        var big = Memory with { Hardware = new string('x', 200_000) };

        Assert.False(await store.SaveAsync(new DeviceId("a-1"), big, urgent: true));
        Assert.Equal(Memory.Hardware, store.Load(new DeviceId("a-1"))!.Hardware);
        store.LimitPages(1_000_000);

        Assert.True(await store.SaveAsync(new DeviceId("a-1"), big, urgent: true));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task The_file_is_readable_by_its_owner_only()
    {
        await using var store = Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    private SqliteNodeStore Open() => SqliteNodeStore.Open(File, NullLogger<SqliteNodeStore>.Instance);
}
