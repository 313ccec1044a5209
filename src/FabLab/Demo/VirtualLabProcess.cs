using System.Diagnostics;
using System.Globalization;

namespace FabLab.Host.Demo;

/// <summary>
/// The virtual lab as a child process. It follows its standard input: when this process is gone, however it went, so is the child.
/// </summary>
internal sealed class VirtualLabProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private VirtualLabProcess(Process process, TimeProvider time, TextWriter error)
    {
        _process = process;
        _time = time;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data == "ready")
                _ready.TrySetResult();
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
                error.WriteLine(text);
        };
        process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"The virtual lab ended with exit code {process.ExitCode}."));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Completes when it can be spoken to, fails when it ended before.</summary>
    public Task Ready => _ready.Task;

    public int Id => _process.Id;

    /// <summary>Completes when it has ended, for whatever reason.</summary>
    public Task EndedAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public static VirtualLabProcess Start(string program, string lab, string devices, string data, int mqttPort, bool quietDay, TimeProvider time, TextWriter error)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[]
        {
            "--lab", lab, "--devices", devices, "--data", data, "--mqtt-port", mqttPort.ToString(CultureInfo.InvariantCulture), "--follow-input",
        })
            start.ArgumentList.Add(argument);
        if (quietDay)
            start.ArgumentList.Add("--quiet-day");
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return new VirtualLabProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start."), time, error);
    }

    /// <summary>Where the built program is: beside this one, or where the build of the repository puts it.</summary>
    public static string? Find()
    {
        const string name = "FabLab.VirtualLab";
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string[] places =
        [
            Path.Combine(here, name),
            Path.Combine(here, "virtual-lab", name),
            Path.GetFullPath(Path.Combine(here, "..", "..", "VirtualLab", Path.GetFileName(here), name)),
        ];
        return places.FirstOrDefault(File.Exists);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // The end of its input is the order to end: relays fall open, then it goes.
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, _time);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }
        _process.Dispose();
    }
}
