using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>What a device told us, after its driver has understood it. A closed set.</summary>
public abstract record DeviceReport
{
    private DeviceReport(DeviceId device, Instant at, long receivedTimestamp, JournalKey? key)
    {
        Device = device;
        At = at;
        ReceivedTimestamp = receivedTimestamp;
        Key = key;
    }

    public DeviceId Device { get; init; }

    /// <summary>When it happened: the arrival for what is live, the device's own time mapped to ours for what comes from its journal.</summary>
    public Instant At { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the bytes arrived: the monotonic clock, for leases and for latency.</summary>
    public long ReceivedTimestamp { get; init; }

    /// <summary>
    /// The journal key when the report came out of the device's journal. Such a record is sent again until
    /// <see cref="IDevice.AcknowledgeAsync"/> covers it: acknowledge after the commit, never before.
    /// </summary>
    public JournalKey? Key { get; init; }

    /// <summary>A badge was seen at a reader.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Reader">Number of the reader on the device, from 0.</param>
    /// <param name="Raw">The number as the reader spelled it, hex without separators; canonical form is Core's business.</param>
    /// <param name="Profile">How the reader spells numbers.</param>
    /// <param name="Live">False when it comes out of the journal of a device that was cut off: history, never a reason to start anything.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record BadgeRead(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Reader, string Raw, ReaderProfile Profile, bool Live, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key)
    {
        /// <summary>Badge numbers stay out of logs, also when somebody prints the record.</summary>
        public override string ToString() => $"BadgeRead {{ Device = {Device}, Reader = {Reader}, Live = {Live} }}";
    }

    /// <summary>What the relay is now, as the device confirms it.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Closed">True when the relay is closed.</param>
    /// <param name="Cause">Why it moved, as a stable word: lease, released, expired, boot, button, offline, fault, unknown.</param>
    /// <param name="Session">The session under whose lease it was closed, when the device says so.</param>
    /// <param name="UptimeMs">The device's milliseconds since its boot at the moment it moved.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record RelayReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, bool Closed, string Cause,
        SessionId? Session = null, long? UptimeMs = null, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>A meter reading. Telemetry: the only kind that may be dropped when the reader of the reports is late.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Watts">Active power now.</param>
    /// <param name="EnergyWh">Running total of the meter, when it has one; may fall back to zero at a reboot.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record PowerReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, double Watts, double? EnergyWh = null, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>The device came or went. Going says nothing about its relay: the lease does.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Online">True when it came.</param>
    /// <param name="Firmware">Its firmware version.</param>
    /// <param name="Boot">Its boot counter.</param>
    public sealed record LinkReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, bool Online, string? Firmware = null, uint? Boot = null)
        : DeviceReport(Device, At, ReceivedTimestamp, null);

    /// <summary>The device decided by itself, with its offline list, because nobody answered. From the journal.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Raw">The number as the reader spelled it.</param>
    /// <param name="Profile">How the reader spells numbers.</param>
    /// <param name="Granted">What it decided. The relay's own records follow under their own keys.</param>
    /// <param name="ListVersion">The list it used.</param>
    /// <param name="Session">The session under whose lease it happened, when known.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record OfflineUseReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, string Raw, ReaderProfile Profile, bool Granted,
        uint? ListVersion = null, SessionId? Session = null, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key)
    {
        /// <summary>Badge numbers stay out of logs, also when somebody prints the record.</summary>
        public override string ToString() => $"OfflineUseReport {{ Device = {Device}, Channel = {Channel}, Granted = {Granted}, Key = {Key} }}";
    }

    /// <summary>Time nobody can vouch for: between two boots, or before the device's clock could be mapped. Booked as unknown, never invented.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="From">Start, included; null when even that is not known.</param>
    /// <param name="To">End, not included.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record UnknownTimeReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, Instant? From, Instant? To, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>Something is wrong with the device or with what it says.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Code">Stable code, kebab-case, see <see cref="DeviceFaults"/>.</param>
    /// <param name="Detail">For the operator; no badge number, no name, no key.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record DeviceFaultReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, string Code, string? Detail = null, int? Channel = null, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);
}
