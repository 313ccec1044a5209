using Microsoft.Extensions.Hosting;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>
/// A host inside a test listens to no signal. The usual lifetime takes SIGTERM for itself: the gateway of the test stops, the
/// test waits for it in vain, and the process does not end.
/// </summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
