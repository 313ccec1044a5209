using System.Globalization;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Bambu;

/// <summary>
/// A Bambu printer, by what it reports on its own broker. The one thing it is asked is to report everything once, every five minutes at
/// most; a firmware that refuses that is understood from what it sends by itself.
/// </summary>
internal sealed class BambuDevice(DeviceId id, IMqttLink link, PinnedTunnel tunnel, string serial, TimeProvider time, ILogger logger)
    : MqttWitness(id, link, $"device/{serial}/report", time, logger)
{
    private static readonly byte[] Everything = """{"pushing":{"sequence_id":"0","command":"pushall"}}"""u8.ToArray();
    private static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    private static readonly Duration SameClock = Duration.FromMinutes(10);

    private readonly IMqttLink _broker = link;
    private readonly Lock _asking = new();
    private BambuReport _report = new();
    private long? _askedAt;
    private long _heardAt;

    protected override void LinkUp()
    {
        // What changed while it was away is not told again.
        _report = new BambuReport();
        _ = AskWhenHeardAsync();
    }

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained)
    {
        if (_report.With(payload) is not { } report)
        {
            Malformed("a report that is none");
            return;
        }
        (_report, _heardAt) = (report, Time.GetTimestamp());
        if (report.State is null)
            return;
        if (report.InHand is { } state)
        {
            var began = Began(report);
            var name = report.Task ?? string.Create(CultureInfo.InvariantCulture, $"t{began.ToUnixTimeSeconds()}");
            if (Current is { } before && before.Id != name && report.Task is not null && !before.Id.StartsWith('t'))
                Ended(JobState.Lost);
            var job = Current ?? new MachineJob { Device = Id, Id = name, StartedAt = began };
            Says(job with { State = state, Name = Name(report.Name), Progress = report.Progress });
        }
        else if (Current is not null)
        {
            Ended(report.Ended ?? JobState.Lost);
        }
        else
        {
            Says(null);
        }
    }

    protected override void Passed()
    {
        if (Current is not null && Time.GetElapsedTime(_heardAt) > Silence)
            Lost("it says nothing any more");
        if (_broker.Status.Phase == LinkPhase.Up && _report.State is null)
            Ask();
    }

    protected override async ValueTask CloseLinkAsync(IMqttLink link)
    {
        await link.DisposeAsync().ConfigureAwait(false);
        await tunnel.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>An answer that comes before the subscription is there is lost.</summary>
    private async Task AskWhenHeardAsync()
    {
        try
        {
            await _broker.WaitUntilReadyAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The link is closed.
            return;
        }
        Ask();
    }

    private void Ask()
    {
        lock (_asking)
        {
            if (_askedAt is { } at && Time.GetElapsedTime(at) < AskEvery)
                return;
            if (_broker.Publish($"device/{serial}/request", Everything, MqttQos.AtMostOnce) == LinkSend.Sent)
                _askedAt = Time.GetTimestamp();
        }
    }

    /// <summary>Its own clock is believed where it can be.</summary>
    private Instant Began(BambuReport report) =>
        Current is { } known ? known.StartedAt
        : report.StartedAt is { } said && said <= Now + SameClock && Now - said < Duration.FromDays(30) ? Instant.Min(said, Now)
        : Now;
}
