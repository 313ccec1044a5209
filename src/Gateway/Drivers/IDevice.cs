using System.Threading.Channels;
using FabLab.Contracts;
using FabLab.Core;
using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>
/// One device. Commands return when they have left this process (or could not); what came of them is a report.
/// Commands never throw for a device that is away, they answer <see cref="SendOutcome.LinkDown"/>.
/// Thread-safe.
/// </summary>
public interface IDevice : IAsyncDisposable
{
    DeviceId Id { get; }

    DriverAbilities Abilities { get; }

    /// <summary>What it runs, as it says now; null when it has not said, or says it only as it comes.</summary>
    string? Firmware => null;

    /// <summary>The settings it is asked for, with what it says they are now; null where there are none to make.</summary>
    IReadOnlyList<DeviceSettingNow>? ReadBack => null;

    /// <summary>
    /// What the device says, in order. Bounded, one reader. When the reader is late: a power reading is dropped and
    /// counted; a live badge waits 250 ms and is then dropped and counted (the person taps again, nothing opened);
    /// everything else waits, and the device is held back. Completed after disposal.
    /// </summary>
    ChannelReader<DeviceReport> Reports { get; }

    /// <summary>
    /// Closes the relay, or keeps it closed, for <paramref name="ttl"/> (0.5 s to 12 h). Renew every third of it.
    /// The first call for a session may close an open relay; once it was confirmed, later ones only prolong: a relay that
    /// opened meanwhile stays open until somebody taps again.
    /// </summary>
    ValueTask<SendOutcome> HoldAsync(int channel, SessionId session, Duration ttl, CancellationToken cancellationToken);

    /// <summary>Opens the relay now. Safe to repeat.</summary>
    ValueTask<SendOutcome> OpenAsync(int channel, CancellationToken cancellationToken);

    /// <summary>Shows something at the device; <see cref="SendOutcome.NotSupported"/> where there is nothing to show it on.</summary>
    ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// This record of its journal is committed on our side, and so is every one that came before it. It says nothing about older
    /// records that are yet to come: a tap overtakes them. What the device may forget, the driver knows.
    /// </summary>
    ValueTask<SendOutcome> AcknowledgeAsync(JournalKey record, CancellationToken cancellationToken);

    /// <summary>Gives the device the list it may decide with when nobody answers.</summary>
    ValueTask<SendOutcome> PushOfflineListAsync(OfflineList list, CancellationToken cancellationToken);

    /// <summary>It is being tried whether it opens by itself: meanwhile the driver does not open it when a lease is over.</summary>
    void OnTrial(bool running)
    {
    }

    /// <summary>The firmware with which its trial was passed has become another, see <see cref="DeviceSettings.ProvenFirmware"/>.</summary>
    void OnProven(string? firmware)
    {
    }

    /// <summary>Tells the device how it is to behave while nobody answers; <see cref="SendOutcome.NotSupported"/> where it cannot.</summary>
    ValueTask<SendOutcome> ConfigureAsync(DevicePolicy policy, CancellationToken cancellationToken) => ValueTask.FromResult(SendOutcome.NotSupported);
}
