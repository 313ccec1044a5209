using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Sessions;
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

    /// <summary>How <see cref="At"/> was found.</summary>
    public ReportTime Time { get; init; }

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
    /// <param name="Number">The number in canonical form.</param>
    /// <param name="Profile">How the reader spells numbers: whether it drops bytes.</param>
    /// <param name="Live">False when it comes out of the journal of a device that was cut off: history, never a reason to start anything.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record BadgeRead(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Reader, BadgeNumber Number, ReaderProfile Profile, bool Live, JournalKey? Key = null)
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
    /// <param name="Cause">Why it moved, or why it is reported, see <see cref="RelayCauses"/>.</param>
    /// <param name="Session">The session under whose lease it was closed, when the device says so. Uses the device granted by itself have one too, made from the device and its record, the same at each replay.</param>
    /// <param name="UptimeMs">The device's milliseconds since its boot at that moment.</param>
    /// <param name="ClosedForMs">How long it has been closed in this use, by the device's own clock, when the device says so.</param>
    /// <param name="EnergyWh">Reading of the energy counter at that moment, when metered.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record RelayReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, bool Closed, string Cause,
        SessionId? Session = null, long? UptimeMs = null, JournalKey? Key = null, long? ClosedForMs = null, double? EnergyWh = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>A meter reading. Telemetry: the only kind that may be dropped when the reader of the reports is late.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Watts">Active power now.</param>
    /// <param name="EnergyWh">Running total of the meter, when it has one; may fall back to zero at a reboot.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    /// <param name="UptimeMs">The device's milliseconds since its boot at that moment, when it says so.</param>
    public sealed record PowerReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, double Watts, double? EnergyWh = null, JournalKey? Key = null, long? UptimeMs = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>What the device says of the machine's jobs. Sent when something changes, and now and then when nothing does.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it was seen so; for a job that is over, when that was heard.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Job">The job in hand, or one that is over: that says nothing about now. Null when nothing is in hand. Its moments are by the same clock as <paramref name="At"/>.</param>
    public sealed record JobReport(DeviceId Device, Instant At, long ReceivedTimestamp, MachineJob? Job)
        : DeviceReport(Device, At, ReceivedTimestamp, null)
    {
        /// <summary>Names of jobs stay out of logs, also when somebody prints the record.</summary>
        public override string ToString() => $"JobReport {{ Device = {Device}, Job = {Job?.Id}, State = {Job?.State} }}";
    }

    /// <summary>The device came or went. Going says nothing about its relay: the lease does.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Online">True when it came and leases can be given; false when it went.</param>
    /// <param name="Firmware">Its firmware version.</param>
    /// <param name="Boot">Its boot counter.</param>
    /// <param name="NewBoot">It started since it was last heard: whatever was running on it has ended.</param>
    /// <param name="Closed">The channels whose relay is closed now, with the session they are closed for, when the device knows.</param>
    /// <param name="UptimeMs">The device's milliseconds since its boot, when it says so.</param>
    public sealed record LinkReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, bool Online, string? Firmware = null, uint? Boot = null,
        bool NewBoot = false, IReadOnlyDictionary<int, SessionId?>? Closed = null, long? UptimeMs = null)
        : DeviceReport(Device, At, ReceivedTimestamp, null);

    /// <summary>The device decided by itself, with its offline list, because nobody answered. From the journal.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Number">The badge.</param>
    /// <param name="Profile">How the reader spells numbers.</param>
    /// <param name="Granted">What it decided. The relay's own records follow under their own keys.</param>
    /// <param name="Why">Why it refused, the device's own code; null when it granted.</param>
    /// <param name="ListVersion">The list it used; 0 for none.</param>
    /// <param name="Session">The session it made, as <see cref="RelayReport.Session"/>; null when it refused.</param>
    /// <param name="Key">Its journal key.</param>
    public sealed record OfflineUseReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, int Channel, BadgeNumber Number, ReaderProfile Profile, bool Granted,
        string? Why = null, uint? ListVersion = null, SessionId? Session = null, JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key)
    {
        /// <summary>Badge numbers stay out of logs, also when somebody prints the record.</summary>
        public override string ToString() => $"OfflineUseReport {{ Device = {Device}, Channel = {Channel}, Granted = {Granted}, Key = {Key} }}";
    }

    /// <summary>
    /// The device lost power or its wits: the time between its last sign of life and its new start is known to nobody. Booked as unknown, never invented.
    /// It is also the first record of each boot, with no channel, when nothing was running.
    /// </summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="From">Start, included: the last moment saved before; null when even that is not known.</param>
    /// <param name="To">End, not included: the start of the new boot.</param>
    /// <param name="Channels">Bit n set: the relay of channel n was closed at <paramref name="From"/>.</param>
    /// <param name="Why">Why it started: power, watchdog, soft, update, or lost when journal records found no room.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record UnknownTimeReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, Instant? From, Instant? To, int Channels = 0, string Why = "power", JournalKey? Key = null)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);

    /// <summary>Something is wrong with the device or with what it says.</summary>
    /// <param name="Device">Who says so.</param>
    /// <param name="At">When it happened.</param>
    /// <param name="ReceivedTimestamp">Monotonic arrival.</param>
    /// <param name="Code">Stable code, kebab-case, see <see cref="DeviceFaults"/>.</param>
    /// <param name="Standing">False when it says that the fault is over.</param>
    /// <param name="Detail">For the operator; no badge number, no name, no key.</param>
    /// <param name="Channel">Number of the relay on the device, from 0.</param>
    /// <param name="Key">Its journal key, when it comes out of the journal.</param>
    public sealed record DeviceFaultReport(
        DeviceId Device, Instant At, long ReceivedTimestamp, string Code, string? Detail = null, int? Channel = null, JournalKey? Key = null, bool Standing = true)
        : DeviceReport(Device, At, ReceivedTimestamp, Key);
}
