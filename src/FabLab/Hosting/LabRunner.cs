using FabLab.Host.Cli;

namespace FabLab.Host.Hosting;

/// <summary>Starts services together, waits, ends them in the other order. One that fails ends all, with an exit code that says so.</summary>
internal sealed class LabRunner(IReadOnlyList<LabApp> apps, TextWriter error) : IAsyncDisposable
{
    private readonly List<LabApp> _started = [];
    private readonly CancellationTokenSource _ended = new();
    private Task _memory = Task.CompletedTask;

    /// <summary>The services of one app.</summary>
    public IServiceProvider Services(string name) => apps.First(app => app.Name == name).App.Services;

    /// <summary>The services of the app that has one of this type; null when none has.</summary>
    public IServiceProvider? ServicesWith<T>() => apps.Select(app => app.App.Services).FirstOrDefault(services => services.GetService<T>() is not null);

    /// <returns>Whether all of them stand.</returns>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        foreach (var app in apps)
        {
            try
            {
                await app.App.StartAsync(cancellationToken);
                _started.Add(app);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                error.WriteLine($"fablab: {app.Name} did not start: {fault.Message}");
                return false;
            }
        }
        _memory = MemoryBack.KeepAsync(TimeProvider.System, _ended.Token);
        return true;
    }

    /// <summary>Until somebody asks for the end, or a service ends by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        var ended = await Task.WhenAny(_started.Select(app => Ended(app.App, cancellationToken)));
        if (cancellationToken.IsCancellationRequested)
            return ExitCodes.Success;
        await ended;
        // Before .NET 11 a background service that fails stops its host with exit code 0: the service manager would not restart us.
        error.WriteLine("fablab: a service has ended by itself (see above); ending the rest.");
        return ExitCodes.Failure;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _memory.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
        foreach (var app in Enumerable.Reverse(_started))
        {
            try
            {
                await app.App.StopAsync(CancellationToken.None);
            }
            catch (Exception fault)
            {
                error.WriteLine($"fablab: {app.Name} did not end cleanly: {fault.Message}");
            }
        }
        foreach (var app in apps)
            await app.App.DisposeAsync();
    }

    private static async Task Ended(WebApplication app, CancellationToken cancellationToken)
    {
        var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        using var registration = either.Token.Register(ended.SetResult);
        await ended.Task;
    }
}
