using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>One device and what it works for.</summary>
public sealed record DeviceLine(Machines.Device Device, IReadOnlyList<DeviceWork> Work)
{
    /// <summary>The last trial of each kind that its relay has had.</summary>
    public IReadOnlyList<DeviceTrialRow> Trials { get; init; } = [];

    /// <summary>The last update of its firmware that its gateway speaks of; null when there is none.</summary>
    public DeviceUpdateNow? Update { get; init; }

    /// <summary>The settings that its gateway makes on it, with what it says they are.</summary>
    public IReadOnlyList<DeviceSettingNow> Settings { get; init; } = [];

    /// <summary>What is to be set on the device itself so that it comes; null when there is nothing, or it has come.</summary>
    public string? ToSet { get; init; }

    /// <summary>A firmware that somebody uploaded and that its gateway has not spoken of; null when there is none.</summary>
    public (Instant At, string Version)? UpdateAsked { get; init; }

    /// <summary>Whether it takes a firmware from its gateway: ours do.</summary>
    public bool TakesFirmware => Device is { Driver: "node", WithdrawnAt: null };

    /// <summary>The page of a device.</summary>
    public static string Address(string device) => "/devices/" + Uri.EscapeDataString(device);

    /// <summary>The dangerous machines that its relay may not switch on, because its trial was not passed with the firmware it runs.</summary>
    public IReadOnlyList<string> Refusing =>
        Device.IsProven ? [] : [.. Work.Where(work => work is { Dangerous: true, Role: DeviceRole.Relay }).Select(work => work.Code).Distinct()];

    /// <summary>Drivers of what is only listened to: readers, and what tells of a machine's jobs. They have no relay whatever they are bound to.</summary>
    private static readonly HashSet<string> Listening = new(StringComparer.Ordinal)
    {
        "bambu", "esp-rfid", "grbl", "hpgl", "moonraker", "octoprint", "octoprint-mqtt", "osdp", "pcsc", "pn532", "prusalink", "rdm6300", "wedge",
    };

    /// <summary>
    /// Whether there can be a relay to try: it switches something, or it waits for work and its kind may switch. What was tried already stays in view.
    /// </summary>
    public bool MaySwitch => Device.TestOutcome is not null || Device.TestAskedAt is not null
        || Work.Any(work => work.Role is DeviceRole.Relay or DeviceRole.Exhaust) || (Work.Count == 0 && !Device.AtDoor && !Listening.Contains(Device.Driver));

    /// <summary>Whether a machine cannot be used or measured without it. One that only tells of jobs may be off with its machine, and a display may be dark.</summary>
    private bool IsNeeded => Work.Any(work => work.Role is not (DeviceRole.Witness or DeviceRole.Display));

    /// <summary>What wants somebody to look comes first: silent although a machine needs it, then what was enrolled and is awaited.</summary>
    public int Order => this switch
    {
        { Device.WithdrawnAt: not null } => 5,
        { Device: { Gateway: not null, Online: false }, IsNeeded: true } => 0,
        { Refusing.Count: > 0 } => 0,
        { Device: { Enrolment: not EnrolmentState.None, Online: false } } => 1,
        { Device.Online: true } => 2,
        { Device.Gateway: null } => 4,
        _ => 3,
    };
}

/// <summary>What was typed to enrol a device, without the code, and what was wrong with it.</summary>
public sealed record EnrolForm(string? Device, string? Gateway = null, int Relays = 1, string? Field = null, Ui.Text.Phrase? Error = null)
{
    /// <summary>What is wrong with one field; null when nothing is.</summary>
    public Ui.Text.Phrase? ErrorOf(string field) => Field == field ? Error : null;
}

/// <summary>One place of a device.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Code">Its code.</param>
/// <param name="Role">What it does there.</param>
/// <param name="Channel">With which of its channels.</param>
/// <param name="Dangerous">The machine is switched on only by a relay whose trial was passed.</param>
public sealed record DeviceWork(MachineId Machine, string Code, DeviceRole Role, int Channel, bool Dangerous = false);

/// <summary>All that the page of devices shows.</summary>
public sealed record DevicesSheet(IReadOnlyList<DeviceLine> Devices, IReadOnlyList<(MachineId Id, string Code)> Machines)
{
    /// <summary>Devices that may take the place of another one.</summary>
    public IEnumerable<DeviceId> Spare => Devices.Where(d => d.Work.Count == 0 && d.Device.WithdrawnAt is null).Select(d => d.Device.Id);
}
