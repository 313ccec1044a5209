using System.Threading.Channels;
using FabLab.Core;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>A device that is only listened to: a reader, or a machine that tells of its jobs. Whatever it is told to do it answers that it cannot.</summary>
internal abstract class ListeningDevice : IDevice
{
    private int _closed;

    protected ListeningDevice(DeviceId id, DriverAbilities abilities, TimeProvider time, ILogger logger)
    {
        (Id, Abilities, Time, Logger) = (id, abilities, time, logger);
        LogGate = new LogGate(time);
        Queue = new ReportQueue(id.Value, time, logger);
    }

    public DeviceId Id { get; }

    public DriverAbilities Abilities { get; }

    public string? Firmware { get; protected set; }

    public ChannelReader<DeviceReport> Reports => Queue.Reader;

    protected TimeProvider Time { get; }

    protected ILogger Logger { get; }

    /// <summary>So that what happens often is said once a minute.</summary>
    protected LogGate LogGate { get; }

    /// <summary>Where its reports go.</summary>
    protected ReportQueue Queue { get; }

    protected Instant Now => Instant.FromDateTimeOffset(Time.GetUtcNow());

    public ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken) => NotSupported();

    public virtual ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken) => NotSupported();

    public ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken) => NotSupported();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await CloseAsync().ConfigureAwait(false);
        Queue.Complete();
    }

    /// <summary>Lets go of what it is connected with. Called once.</summary>
    protected abstract ValueTask CloseAsync();

    private static ValueTask<SendOutcome> NotSupported() => ValueTask.FromResult(SendOutcome.NotSupported);
}
