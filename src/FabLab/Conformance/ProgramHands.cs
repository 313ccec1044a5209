using System.Diagnostics;

namespace FabLab.Host.Conformance;

/// <summary>
/// A device that is a program of this computer, started here: lines on its standard input are badges and meter
/// (<c>tap TAG</c>, <c>power MILLIWATTS</c>), lines of its output are relays (<c>relay 0 closed</c>). Its power is cut by killing it.
/// </summary>
internal sealed class ProgramHands : IHands, IDisposable
{
    private static readonly string[] BadgeTags = ["iso:04A1B2C3D4E580", "iso:94D8FC5F"];

    private readonly string _program;
    private readonly string[] _arguments;
    private Process _process;
    private volatile bool _closed;

    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public ProgramHands(string program, string[] arguments)
    {
        (_program, _arguments) = (program, arguments);
        _process = Start();
    }

    public bool CanTap => true;

    public bool CanMeasure => true;

    public bool CanCutPower => true;

    public bool? IsClosed => _closed;

    public bool HasEnded => _process.HasExited;

    public string? Tag(int badge) => BadgeTags[badge];

    public Task TapAsync(int badge, CancellationToken cancellationToken) => TypeAsync($"tap {BadgeTags[badge]}", cancellationToken);

    public Task MeasureAsync(long milliWatts, CancellationToken cancellationToken) =>
        TypeAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"power {milliWatts}"), cancellationToken);

    public async Task CutPowerAsync(CancellationToken cancellationToken)
    {
        await EndAsync(cancellationToken);
        _process = Start();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
        _process.Dispose();
        // Without power the contact falls open.
        _closed = false;
    }

    private Process Start()
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(_program, _arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.OutputDataReceived += (_, line) =>
        {
            if (ReferenceEquals(process, _process) && line.Data?.Trim() is "relay 0 closed" or "relay 0 open")
                _closed = line.Data!.Trim() == "relay 0 closed";
        };
        process.ErrorDataReceived += (_, _) => { };
        _process = process;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task TypeAsync(string line, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
            throw new CheckFailedException($"The program has ended with code {_process.ExitCode}.");
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }
}

/// <summary>The person at the terminal, who is asked.</summary>
internal sealed class AskingHands(TextWriter to, TextReader from) : IHands
{
    public bool CanTap => true;

    public bool CanMeasure => false;

    public bool CanCutPower => true;

    public bool? IsClosed => null;

    public Task TapAsync(int badge, CancellationToken cancellationToken)
    {
        to.WriteLine(badge == 0 ? "       Hold the FIRST badge to the reader for a moment." : "       Hold the SECOND badge, another one, to the reader for a moment.");
        return AnsweredAsync("       Press Enter when you take it away.", cancellationToken);
    }

    public Task MeasureAsync(long milliWatts, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CutPowerAsync(CancellationToken cancellationToken) => AnsweredAsync("       Take the power away from the device, give it back, and press Enter.", cancellationToken);

    private async Task AnsweredAsync(string question, CancellationToken cancellationToken)
    {
        await to.WriteLineAsync(question.AsMemory(), cancellationToken);
        _ = await from.ReadLineAsync(cancellationToken);
    }
}
