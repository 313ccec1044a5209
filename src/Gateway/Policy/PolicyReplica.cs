using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core.Policy;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Links;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Policy;

/// <summary>
/// The copy of the rules that the gateway decides with. In memory it is one immutable object, replaced in one step; a durable copy
/// follows. It asks Booking with a question that waits there, so that a change arrives as soon as it is made; with the line cut it
/// stays as it is and knows its age.
/// </summary>
public sealed partial class PolicyReplica
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan ConfirmEvery = TimeSpan.FromMinutes(1);
    private static readonly Duration MostSkew = Duration.FromMinutes(2);

    // Short: after an outage the first thing to know is what was revoked meanwhile.
    private static readonly BackoffOptions Again = new() { First = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(2) };

    private readonly IPolicySource _source;
    private readonly PolicyStore _store;
    private readonly AlarmBoard _alarms;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<PolicyReplica> _logger;
    private LabPolicy _current;
    private long _confirmed;

    public PolicyReplica(
        GatewayJournal journal, IPolicySource source, AlarmBoard alarms, GatewayMetrics metrics, TimeProvider time, ILogger<PolicyReplica> logger)
    {
        _source = source;
        _store = new PolicyStore(journal);
        _alarms = alarms;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _current = Load();
    }

    /// <summary>The rules now.</summary>
    public LabPolicy Current => Volatile.Read(ref _current);

    /// <summary>How long ago Booking last said that this is all there is.</summary>
    public Duration Age => Current.Revision == 0 ? Duration.MaxValue : Now() - Current.AsOf;

    /// <summary>Raised after the rules were replaced, before the durable copy is written. The handler must be short.</summary>
    public event Action<LabPolicy>? Changed;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(Again);
        var since = Current.Revision;
        // The first question does not wait: a gateway that has just started wants to know at once how old its copy is.
        var wait = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            var answer = await _source.AskAsync(since, wait, cancellationToken);
            if (answer is FeedAnswer.Received { Feed: var feed } && await TakeAsync(feed))
            {
                _metrics.PolicyPolls.Add("answered");
                if (Current.Revision == feed.Revision)
                {
                    backoff.Reset();
                    (since, wait) = (feed.Revision, Wait);
                    continue;
                }
                // The feed and this copy do not count alike (Booking was put back from a backup, say): take everything anew.
                Log.Resync(_logger, Current.Revision, feed.Revision);
                since = 0;
            }
            if (answer is FeedAnswer.Unavailable unavailable)
            {
                _metrics.PolicyPolls.Add("unavailable");
                if (backoff.Attempts == 0)
                    Log.Unavailable(_logger, unavailable.Cause);
            }
            wait = TimeSpan.Zero;
            await Task.Delay(backoff.Next(), _time, cancellationToken);
        }
    }

    private async Task<bool> TakeAsync(PolicyFeed feed)
    {
        var now = Now();
        LabPolicy next;
        try
        {
            next = feed.Full
                ? LabPolicy.From(feed.Changes.Select(c => c.Entity).OfType<PolicyEntity>(), feed.Revision, now)
                : Current.Apply(feed.Changes, now);
        }
        catch (ArgumentException e)
        {
            _metrics.PolicyPolls.Add("not_understood");
            Log.NotUnderstood(_logger, e);
            return false;
        }
        CompareClocks(feed.ServerTime, now);
        if (!feed.Full && feed.Changes.Count == 0)
        {
            Volatile.Write(ref _current, next);
            if (_time.GetElapsedTime(_confirmed) >= ConfirmEvery)
            {
                _confirmed = _time.GetTimestamp();
                await _store.ConfirmAsync(next);
            }
            return true;
        }
        Volatile.Write(ref _current, next);
        Changed?.Invoke(next);
        Log.Taken(_logger, next.Revision, feed.Changes.Count, feed.Full);
        _confirmed = _time.GetTimestamp();
        // A revocation counts from this moment whether or not the disk takes it.
        if (!await _store.SaveAsync(next, feed.Full ? null : feed.Changes))
            Log.NotDurable(_logger, next.Revision);
        return true;
    }

    private void CompareClocks(Instant booking, Instant here)
    {
        var skew = here - booking;
        if (skew > MostSkew || skew < -MostSkew)
            _alarms.Raise(AlarmCodes.ClockSkew, "gateway", $"The clock here and Booking's differ by {(long)skew.TotalSeconds} s: opening hours and bookings are judged wrongly.");
        else
            _alarms.Clear(AlarmCodes.ClockSkew, "gateway");
    }

    private LabPolicy Load()
    {
        try
        {
            var policy = _store.Load();
            Log.Loaded(_logger, policy.Revision);
            return policy;
        }
        catch (JsonException e)
        {
            // Nobody may use anything until Booking has sent the rules again.
            Log.CopyUnreadable(_logger, e);
            return LabPolicy.Empty;
        }
    }

    private Instant Now() => Instant.FromDateTimeOffset(_time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Information, "Rules at revision {Revision} ({Changes} changes, full {Full})")]
        public static partial void Taken(ILogger logger, long revision, int changes, bool full);

        [LoggerMessage(4307, LogLevel.Warning, "The rules here are at revision {Here} and Booking says {Booking}; taking all of them anew")]
        public static partial void Resync(ILogger logger, long here, long booking);

        [LoggerMessage(4302, LogLevel.Warning, "Booking does not answer ({Cause}); deciding with the rules at hand")]
        public static partial void Unavailable(ILogger logger, string cause);

        [LoggerMessage(4303, LogLevel.Error, "The rules from Booking could not be applied; asking again")]
        public static partial void NotUnderstood(ILogger logger, Exception exception);

        [LoggerMessage(4304, LogLevel.Warning, "The rules at revision {Revision} count, but could not be stored; they are stored whole later")]
        public static partial void NotDurable(ILogger logger, long revision);

        [LoggerMessage(4305, LogLevel.Information, "Starting with the stored rules at revision {Revision}")]
        public static partial void Loaded(ILogger logger, long revision);

        [LoggerMessage(4306, LogLevel.Error, "The stored rules cannot be read; nobody may use anything until Booking has sent them again")]
        public static partial void CopyUnreadable(ILogger logger, Exception exception);
    }
}
