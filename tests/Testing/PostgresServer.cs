using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace FabLab.Testing;

/// <summary>
/// A PostgreSQL of our own in a temporary folder, reached through a socket in that folder. Started when first asked for, as an
/// ordinary user (it refuses root), stopped at the end. A missing PostgreSQL is a visible skip, and a failure where CI is set.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "fablab";
    private const string Model = "model";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"fl-pg-{Guid.NewGuid().ToString("N")[..8]}");
    private Process? _server;
    private string? _missing;
    private bool _modelMade;
    private int _databases;

    /// <summary>A fresh, empty database. Null when there is no PostgreSQL here; the second part then says what is missing.</summary>
    public async Task<(string? ConnectionString, string Why)> DatabaseAsync(CancellationToken cancellationToken)
    {
        await StartedAsync(cancellationToken);
        return _missing is null ? (await CreateAsync([], cancellationToken), "") : (null, _missing);
    }

    /// <summary>
    /// A fresh database as <paramref name="make"/> leaves an empty one: that is done once for this server, every further one is a
    /// copy. What it is given is the connection string of the first; when it returns, no connection to it may be left open.
    /// Null when there is no PostgreSQL here; the second part then says what is missing.
    /// </summary>
    public async Task<(string? ConnectionString, string Why)> CopyAsync(Func<string, Task> make, CancellationToken cancellationToken)
    {
        await StartedAsync(cancellationToken);
        if (_missing is not null)
            return (null, _missing);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_modelMade)
            {
                await CreateAsync(Model, [], cancellationToken);
                await make(ConnectionString(Model) + ";Pooling=false");
                _modelMade = true;
            }
        }
        finally
        {
            _gate.Release();
        }
        return (await CreateAsync(["-T", Model], cancellationToken), "");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false } server)
        {
            // Interrupt: it sends its clients away and stops at once.
            using var stop = Process.Start("kill", ["-INT", server.Id.ToString(CultureInfo.InvariantCulture)]);
            await stop.WaitForExitAsync();
            await server.WaitForExitAsync();
        }
        _server?.Dispose();
        _gate.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_server is null && _missing is null)
                await StartAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<string> CreateAsync(string[] options, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}");
        await CreateAsync(name, options, cancellationToken);
        return ConnectionString(name);
    }

    private async Task CreateAsync(string name, string[] options, CancellationToken cancellationToken) =>
        await RunAsync(Tool("createdb"), ["-h", _folder, "-U", User, .. options, name], cancellationToken);

    // What a test that is over left in its pool is closed soon: there are more tests than the server takes connections.
    private string ConnectionString(string database) =>
        $"Host={_folder};Username={User};Database={database};Connection Idle Lifetime=2;Connection Pruning Interval=1";

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Tool("initdb").Length == 0 || Tool("postgres").Length == 0)
        {
            _missing = "PostgreSQL is not installed (Debian: apt-get install postgresql).";
            return;
        }
        Directory.CreateDirectory(_folder);
        var data = Path.Combine(_folder, "data");
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", [await OrdinaryUserAsync(cancellationToken), _folder], cancellationToken);
        var (initdb, before) = await AsOrdinaryUserAsync(Tool("initdb"), cancellationToken);
        await RunAsync(initdb, [.. before, "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], cancellationToken);

        var (postgres, first) = await AsOrdinaryUserAsync(Tool("postgres"), cancellationToken);
        var start = new ProcessStartInfo(postgres) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[.. first, "-D", data, "-k", _folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"])
            start.ArgumentList.Add(argument);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server = new Process { StartInfo = start, EnableRaisingEvents = true };
        _server.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("ready to accept connections", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _server.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("PostgreSQL did not start."));
        _server.Start();
        _server.BeginErrorReadLine();
        _server.BeginOutputReadLine();
        await ready.Task.WaitAsync(cancellationToken);
    }

    private static async Task<(string File, string[] Before)> AsOrdinaryUserAsync(string tool, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return (tool, []);
        var user = await OrdinaryUserAsync(cancellationToken);
        return ("setpriv", [$"--reuid={user}", $"--regid={await RunAsync("id", ["-g", user], cancellationToken)}", "--clear-groups", tool]);
    }

    private static async Task<string> OrdinaryUserAsync(CancellationToken cancellationToken)
    {
        var users = await File.ReadAllLinesAsync("/etc/passwd", cancellationToken);
        return users.Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
    }

    private static string Tool(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        IEnumerable<string> packaged = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            : [];
        return packaged.Concat(folders).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? "";
    }

    private static async Task<string> RunAsync(string file, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new InvalidOperationException($"'{file}' could not be started: {fault.Message}", fault);
        }
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? (await output).Trim()
                : throw new InvalidOperationException($"{Path.GetFileName(file)} ended with {process.ExitCode}: {await error}");
        }
    }
}
