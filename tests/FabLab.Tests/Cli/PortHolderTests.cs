using System.Net;
using System.Net.Sockets;
using FabLab.Host.Ports;

namespace FabLab.Host.Tests.Cli;

public sealed class PortHolderTests
{
    [Fact]
    public void A_busy_port_is_named_with_the_process_that_holds_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.False(PortHolder.IsFree(IPAddress.Loopback, port));
        Assert.EndsWith($"(process {Environment.ProcessId})", PortHolder.Describe(port), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_held_on_all_addresses_is_not_free_on_this_one()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();

        Assert.False(PortHolder.IsFree(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port));
    }

    [Fact]
    public void A_free_port_has_no_holder()
    {
        var port = PortHolder.FindFree(IPAddress.Loopback);

        Assert.True(PortHolder.IsFree(IPAddress.Loopback, port));
        Assert.Null(PortHolder.Describe(port));
    }

    [Fact]
    public void Where_there_is_no_proc_nobody_is_named() => Assert.Null(PortHolder.Describe(80, "/nonexistent"));
}
