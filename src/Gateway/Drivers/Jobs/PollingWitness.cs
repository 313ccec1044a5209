using FabLab.Core;
using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>A witness that is asked over HTTP, again and again. What does not answer is asked ever more seldom, and found again by itself.</summary>
internal abstract partial class PollingWitness : WitnessDevice
{
    private static readonly BackoffOptions Patience = new() { First = TimeSpan.FromSeconds(2), Longest = TimeSpan.FromSeconds(30) };

    private readonly TimeSpan _every;
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff = new(Patience);
    private Task _asking = Task.CompletedTask;
    private long _asksAt;

    protected PollingWitness(DeviceId id, WebLink web, TimeSpan every, TimeProvider time, ILogger logger)
        : base(id, time, logger)
    {
        Web = web;
        _every = every;
    }

    /// <summary>When it asks again, on the monotonic clock; in the past while it asks.</summary>
    internal long AsksAt => Volatile.Read(ref _asksAt);

    protected WebLink Web { get; }

    /// <summary>Begins to ask.</summary>
    public void Start() => _asking = Task.Run(() => AskAsync(_stop.Token));

    /// <summary>Asks once and says what came of it.</summary>
    /// <returns>Why nothing can be said; null when all is well.</returns>
    protected abstract Task<string?> LookAsync(CancellationToken cancellationToken);

    protected override async ValueTask CloseAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _asking.ConfigureAwait(false);
        _stop.Dispose();
        Web.Dispose();
    }

    /// <summary>Why an answer is of no use, in words for a log.</summary>
    protected static string Why(WebAnswer answer) => answer switch
    {
        { Trouble: { } trouble } => trouble,
        { Status: 401 or 403 } => $"it does not let us in (status {answer.Status}): see secret in devices.json",
        _ => $"status {answer.Status}",
    };

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                string? trouble;
                try
                {
                    trouble = await LookAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (InvalidOperationException)
                {
                    // A text in it was no Unicode.
                    Malformed("text that is no Unicode");
                    trouble = "its answers cannot be read";
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // Whatever it was, the machine goes on and so do the questions.
                    Log.Broke(Logger, Id, fault);
                    trouble = fault.GetType().Name;
                }
                if (trouble is null)
                    _backoff.Reset();
                else
                    Went(trouble);
                var wait = trouble is null ? _every : _backoff.Next();
                var due = Time.GetTimestamp() + (long)(wait.TotalSeconds * Time.TimestampFrequency);
                var pause = Task.Delay(wait, Time, cancellationToken);
                Volatile.Write(ref _asksAt, due);
                await pause.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3610, Level = LogLevel.Error, Message = "{Device}: what it answered could not be worked with.")]
        public static partial void Broke(ILogger logger, DeviceId device, Exception exception);
    }
}
