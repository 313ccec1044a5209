using System.Diagnostics;

namespace FabLab.Host.Bench;

/// <summary>This program once more, as a child whose start is timed and whose lines are listened to.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly string _awaited;
    private readonly TaskCompletionSource<string> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private BenchProcess(Process process, long began, string name, string awaited)
    {
        (_process, Began, _name, _awaited) = (process, began, name, awaited);
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => _said.TrySetException(new BenchException($"{_name} ended with {process.ExitCode}: {Said()}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The timestamp just before it was started.</summary>
    public long Began { get; }

    public double Milliseconds(long until) => Math.Round(TimeProvider.System.GetElapsedTime(Began, until).TotalMilliseconds, 1);

    public ProcessMemory Memory => ProcessMemory.Read(_process.Id);

    /// <summary>What it has taken of processors since its start.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="awaited">The line that says it stands holds this.</param>
    /// <param name="arguments">Its command line.</param>
    public static BenchProcess Start(string awaited, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var began = TimeProvider.System.GetTimestamp();
        return new BenchProcess(Process.Start(start)!, began, $"fablab {arguments[0]}", awaited);
    }

    /// <summary>Waits for the awaited line.</summary>
    /// <returns>That line.</returns>
    public async Task<string> StandsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _said.Task.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new BenchException($"{_name} did not stand after two minutes: {Said()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
        // Nobody may be waiting for a process that was ended on purpose.
        _ = _said.Task.Exception;
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add(line);
        if (line.Contains(_awaited, StringComparison.Ordinal))
            _said.TrySetResult(line);
    }

    /// <summary>What it has said so far.</summary>
    public string Words => Said();

    private string Said()
    {
        lock (_lines)
            return string.Join('\n', _lines);
    }
}
