using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>The built program as a process of its own, as somebody would start it. Killed at the end, whatever happens.</summary>
internal sealed partial class LabProcess : IAsyncDisposable
{
    private const int SigInt = 2, SigTerm = 15, SigKill = 9;

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly List<(string Text, TaskCompletionSource Found)> _waiting = [];
    private readonly Lock _gate = new();

    private LabProcess(Process process)
    {
        _process = process;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => Hear("(ended)");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Everything it has said so far.</summary>
    public string Said
    {
        get
        {
            lock (_gate)
                return _said.ToString();
        }
    }

    /// <summary>Starts <c>fablab</c>.</summary>
    public static LabProcess Start(params string[] arguments)
    {
        // Where tests run in the background of a script, their children would be deaf to Ctrl-C: env gives them their ears back.
        var start = new ProcessStartInfo("/usr/bin/env") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add("--default-signal=INT");
        // The first of a group of its own, as a shell starts what somebody types.
        start.ArgumentList.Add("setsid");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "fablab"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new LabProcess(Process.Start(start)!);
    }

    /// <summary>Waits until it says something; fails at once when it ends before.</summary>
    public async Task WaitForAsync(string text, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_said.ToString().Contains(text, StringComparison.Ordinal))
                return;
            if (_process.HasExited)
                throw new InvalidOperationException($"It ended with {_process.ExitCode} and never said '{text}'. It said:\n{_said}");
            _waiting.Add((text, found));
        }
        try
        {
            await found.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"It did not say '{text}' within a minute. It said:\n{Said}");
        }
    }

    /// <summary>An interrupt for the program alone.</summary>
    public Task<int> InterruptAsync(CancellationToken cancellationToken) => EndAsync(_process.Id, SigInt, cancellationToken);

    /// <summary>Ctrl-C at a terminal: everybody in the foreground gets it.</summary>
    public Task<int> InterruptGroupAsync(CancellationToken cancellationToken) => EndAsync(-_process.Id, SigInt, cancellationToken);

    /// <summary>What a service manager does.</summary>
    public Task<int> TerminateAsync(CancellationToken cancellationToken) => EndAsync(_process.Id, SigTerm, cancellationToken);

    /// <summary>kill -9.</summary>
    public Task<int> KillAsync(CancellationToken cancellationToken) => EndAsync(_process.Id, SigKill, cancellationToken);

    /// <summary>The processes that it has started and that still run.</summary>
    public IReadOnlyList<int> Children()
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                // "pid (name) state ppid …"; the name may hold blanks and brackets.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == Id)
                    children.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended while we looked.
                continue;
            }
        }
        return children;
    }

    /// <summary>Whether a process with this id runs and is no zombie.</summary>
    public static bool Runs(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
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
    }

    private async Task<int> EndAsync(int whom, int signal, CancellationToken cancellationToken)
    {
        Assert.Equal(0, kill(whom, signal));
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return _process.ExitCode;
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            _said.AppendLine(line);
            foreach (var (text, found) in _waiting)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    found.TrySetResult();
                else if (line == "(ended)")
                    found.TrySetException(new InvalidOperationException($"It ended and never said '{text}'. It said:\n{_said}"));
            }
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
}
