using FabLab.Core;
using NodaTime;

namespace FabLab.Contracts;

/// <summary>All devices a gateway looks after, as they stand. It tells when something changes, when the rules change, and every few seconds.</summary>
/// <param name="Devices">At most <see cref="Most"/>.</param>
public sealed record DevicesNow(IReadOnlyList<DeviceNow> Devices)
{
    /// <summary>Most devices in one message.</summary>
    public const int Most = 1000;

    /// <summary>What became of enrolments that Booking asked for, each told until Booking has heard it; null when there are none.</summary>
    public IReadOnlyList<DeviceEnrolled>? Enrolled { get; init; }

    /// <summary>What came of trials that Booking asked for, each told until Booking has heard it; null when there are none.</summary>
    public IReadOnlyList<DeviceTested>? Tested { get; init; }

    /// <summary>What is around the gateway and not on its list, at most <see cref="DeviceFound.Most"/>; null when it does not look.</summary>
    public IReadOnlyList<DeviceFound>? Found { get; init; }
}

/// <summary>Something that is there and on no list.</summary>
/// <param name="Place">Where it is, the same each time: a port of the gateway's computer, a topic of its broker. At most <see cref="MostText"/> characters.</param>
/// <param name="Drivers">The drivers that may be tried with it, the likeliest first.</param>
/// <param name="Label">What it says of itself, at most <see cref="MostText"/> characters; empty when it says nothing.</param>
/// <param name="Name">A name for it: 3 to 24 of a-z, 0-9 and dash.</param>
/// <param name="Relays">How many relays it has, 0 to 4.</param>
/// <param name="WillSet">What the gateway will set on it before it is used and read back from it, a line each.</param>
public sealed record DeviceFound(string Place, IReadOnlyList<string> Drivers, string Label, string Name, int Relays, IReadOnlyList<string> WillSet)
{
    /// <summary>Most of them in one message.</summary>
    public const int Most = 100;

    /// <summary>Longest text.</summary>
    public const int MostText = 200;

    /// <summary>Longest <see cref="ToSet"/>.</summary>
    public const int MostToSet = 2000;

    /// <summary>In <see cref="ToSet"/>: where the name goes that the device is given.</summary>
    public const string NamePlace = "{name}";

    /// <summary>In <see cref="ToSet"/>: where the password goes that the device is given.</summary>
    public const string PasswordPlace = "{password}";

    /// <summary>Where it is on the network, at most <see cref="MostText"/> characters; null when it hangs on the gateway's computer, or it is not known.</summary>
    public string? Address { get; init; }

    /// <summary>What has to be typed for it; null when nothing has.</summary>
    public IReadOnlyList<DeviceNeed>? Needs { get; init; }

    /// <summary>
    /// What has to be set on the device itself, on its own page or in its own file, so that it comes to the gateway's broker: lines to paste, with
    /// <see cref="NamePlace"/> and <see cref="PasswordPlace"/> in them. Empty when the broker cannot be reached from the network; null when the device needs nothing.
    /// </summary>
    public string? ToSet { get; init; }
}

/// <summary>What somebody has to know of a device before a gateway can speak with it.</summary>
public enum DeviceNeed
{
    /// <summary>A key, a password or a code that the device shows.</summary>
    Secret,

    /// <summary>The SHA-256 of the certificate that the device shows, 64 hex digits.</summary>
    Certificate,
}

/// <summary>Something that was found, and that staff want on the gateway's list.</summary>
/// <param name="Device">The name it is to have.</param>
/// <param name="Place">Where it is, as the gateway has told.</param>
/// <param name="Driver">Which driver is to speak with it, one of those told.</param>
/// <param name="Relays">How many of its relays are used.</param>
public sealed record DeviceToAdopt(DeviceId Device, string Place, string Driver, int Relays)
{
    /// <summary>Longest <see cref="Secret"/>.</summary>
    public const int MostSecret = 128;

    /// <summary>What the gateway shows the device, or the password the device signs in to the broker with; null when there is none. At most <see cref="MostSecret"/> characters.</summary>
    public string? Secret { get; init; }

    /// <summary>The SHA-256 of the device's certificate, 64 hex digits; null when none is pinned.</summary>
    public string? Certificate { get; init; }

    /// <summary>Without the secret.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"DeviceToAdopt({Device.Value}, {Driver})";
}

/// <summary>One device of a gateway.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Driver">Which driver speaks with it.</param>
/// <param name="Online">Whether it answers.</param>
/// <param name="Firmware">Its firmware as it says, at most 64 characters; null when it has not said.</param>
public sealed record DeviceNow(DeviceId Device, string Driver, bool Online, string? Firmware)
{
    /// <summary>Most of <see cref="ReadBack"/>.</summary>
    public const int MostReadBack = 64;

    /// <summary>The last update of its firmware since the gateway started; null when there was none.</summary>
    public DeviceUpdateNow? Update { get; init; }

    /// <summary>The settings that the gateway makes on it and reads back, at most <see cref="MostReadBack"/>; null when its driver makes none.</summary>
    public IReadOnlyList<DeviceSettingNow>? ReadBack { get; init; }

    /// <summary>Whether another one says the same, the settings one by one.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>Whether it does.</returns>
    public bool SaysTheSameAs(DeviceNow? other) =>
        other is not null && this with { ReadBack = null } == other with { ReadBack = null } && (ReadBack ?? []).SequenceEqual(other.ReadBack ?? []);
}

/// <summary>A setting that the gateway has asked a device for, and what the device says it is.</summary>
/// <param name="Name">Its name at the device, at most 64 characters.</param>
/// <param name="Asked">What was asked for, at most 64 characters.</param>
/// <param name="Said">What the device says it is now, at most 64 characters; null when it has not said.</param>
/// <param name="InStep">Whether the two are the same to the device.</param>
/// <param name="Needed">Whether no relay is closed without it.</param>
public sealed record DeviceSettingNow(string Name, string Asked, string? Said, bool InStep, bool Needed);

/// <summary>How an update of a device's firmware stands.</summary>
/// <param name="From">What it ran before; null when it had not said.</param>
/// <param name="To">The version offered, at most 12 characters.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Percent">How much of the file the device has, in whole tens.</param>
/// <param name="Code">With <see cref="DeviceUpdateStage.Refused"/>: why, 1 to 16 of a–z, 0–9 and hyphen.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="EndedAt">When it ended; null while it goes on.</param>
public sealed record DeviceUpdateNow(string? From, string To, DeviceUpdateStage Stage, int Percent, string? Code, Instant AskedAt, Instant? EndedAt);

/// <summary>How far an update has come.</summary>
public enum DeviceUpdateStage
{
    /// <summary>Other devices are before it.</summary>
    Waiting,

    /// <summary>Offered to the device.</summary>
    Offered,

    /// <summary>The device pulls the file.</summary>
    Pulling,

    /// <summary>It has the file and restarts into it.</summary>
    Restarting,

    /// <summary>The new firmware runs and was confirmed.</summary>
    Applied,

    /// <summary>The device, or the gateway for it, refused it.</summary>
    Refused,

    /// <summary>The device went back to the firmware before.</summary>
    WentBack,

    /// <summary>Nothing more was heard of it.</summary>
    Silent,
}

/// <summary>What became of an enrolment.</summary>
/// <param name="Device">The device.</param>
/// <param name="Result">How it ended, or how far it has come.</param>
public sealed record DeviceEnrolled(DeviceId Device, EnrolmentResult Result);

/// <summary>How far an enrolment has come at the gateway.</summary>
public enum EnrolmentResult
{
    /// <summary>The device is on the gateway's list with its key and may sign in.</summary>
    Taken,

    /// <summary>A device of this name is on the list already and has answered with the key it has there.</summary>
    Already,

    /// <summary>A device of this name signs in with another key than the one of the code.</summary>
    WrongKey,

    /// <summary>The gateway could not write its list; it has raised an alarm.</summary>
    NotStored,

    /// <summary>What was to be adopted is not there any more.</summary>
    NotThere,
}

/// <summary>What Booking wants of a gateway's devices.</summary>
/// <param name="Withdrawn">Devices of the message whose keys must go now: their relays open, their rights end, their keys are forgotten.</param>
public sealed record DeviceOrders(IReadOnlyList<DeviceId> Withdrawn)
{
    /// <summary>Devices to enrol; null when there are none. Repeated until the gateway has said what became of each.</summary>
    public IReadOnlyList<DeviceToEnrol>? Enrol { get; init; }

    /// <summary>Devices to try; null when there are none. Repeated until the gateway has said what came of each.</summary>
    public IReadOnlyList<DeviceToTest>? Test { get; init; }

    /// <summary>What is to be taken on the list; null when there is nothing. Told until the gateway has answered with <see cref="DevicesNow.Enrolled"/>.</summary>
    public IReadOnlyList<DeviceToAdopt>? Adopt { get; init; }

    /// <summary>Devices that are to be given a firmware; null when there are none. Told until the gateway speaks of an update that was asked for at that moment, or for two minutes.</summary>
    public IReadOnlyList<DeviceToUpdate>? Update { get; init; }
}

/// <summary>A device that is to be given a firmware. The file is fetched with <see cref="GatewayClient.FirmwareAsync"/>.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Asked">When it was asked for; the same moment again is the same update.</param>
/// <param name="Signature">The text of the author's signature file, at most <see cref="FirmwareSignature.MostText"/> characters.</param>
public sealed record DeviceToUpdate(DeviceId Device, Instant Asked, string Signature);

/// <summary>A device whose claim code somebody of the staff has typed.</summary>
/// <param name="Device">Its name.</param>
/// <param name="KeyId">Number of its key, 1 to 255.</param>
/// <param name="Key">Its key, 32 bytes: a secret.</param>
/// <param name="Relays">How many relays it has, 0 to 4.</param>
public sealed record DeviceToEnrol(DeviceId Device, int KeyId, byte[] Key, int Relays)
{
    /// <summary>Without the key.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"DeviceToEnrol({Device.Value})";
}

/// <summary>A device whose relay is to be tried: whether it falls open by itself.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Channel">Which relay, from 0.</param>
/// <param name="Asked">When it was asked for; the same moment again is the same trial.</param>
/// <param name="Kind">What is tried.</param>
public sealed record DeviceToTest(DeviceId Device, int Channel, Instant Asked, TrialKind Kind = TrialKind.Lease);

/// <summary>What a trial of a relay tries.</summary>
public enum TrialKind
{
    /// <summary>Nobody renews: it opens by itself. What a broker or a gateway that dies is to a device.</summary>
    Lease,

    /// <summary>Somebody cuts its network while it is closed, and gives it back: it has opened, and stays open.</summary>
    Link,

    /// <summary>Somebody cuts its power while it is closed, and gives it back: it comes back open.</summary>
    Power,
}

/// <summary>What came of a trial.</summary>
/// <param name="Device">The device.</param>
/// <param name="Asked">The moment the order named.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Firmware">The firmware it ran, at most 64 characters; null when it does not say.</param>
/// <param name="ByPower">The meter has said the same as the relay.</param>
/// <param name="Kind">What was tried.</param>
public sealed record DeviceTested(DeviceId Device, Instant Asked, TrialOutcome Outcome, string? Firmware, bool ByPower, TrialKind Kind = TrialKind.Lease);

/// <summary>How the trial of a relay ended.</summary>
public enum TrialOutcome
{
    /// <summary>It closed, stayed closed while it was renewed, and opened by itself.</summary>
    Passed,

    /// <summary>The device does not answer, or it went away meanwhile.</summary>
    Away,

    /// <summary>A machine on it is in use.</summary>
    Busy,

    /// <summary>It has no relay, or does not say what its relay does.</summary>
    CannotTell,

    /// <summary>The relay did not close within 2 s.</summary>
    NotClosed,

    /// <summary>The relay was open at 6 s although it was renewed at 3 s.</summary>
    OpenedEarly,

    /// <summary>The relay was still closed at 10 s, 2 s after its time was over.</summary>
    NotOpened,

    /// <summary>The relay says that it is open, and current still flows.</summary>
    StillDraws,

    /// <summary>It passed, and the gateway could not write it down.</summary>
    NotStored,

    /// <summary>The gateway could not carry it out; its log says why.</summary>
    Broke,

    /// <summary>Nobody cut anything within 90 s, or the device did not notice.</summary>
    NotCut,

    /// <summary>It did not come back within three minutes.</summary>
    NotBack,

    /// <summary>It came back and had never been without power.</summary>
    NotRestarted,

    /// <summary>Its relay was closed when it came back, or closed afterwards, and nobody had asked for it.</summary>
    ClosedAtReturn,
}
