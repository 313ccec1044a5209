using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

/// <summary>What sort of thing is booked. Only machines have relays, a place on the floor and a rule at the gateway.</summary>
public enum ResourceKind
{
    /// <summary>A machine.</summary>
    Machine = 0,

    /// <summary>A room; machines may stand in it.</summary>
    Room = 1,

    /// <summary>A desk.</summary>
    Desk = 2,

    /// <summary>A kit to borrow.</summary>
    Kit = 3,
}

/// <summary>A machine and its rules.</summary>
public sealed class Machine
{
    public const int MaxCode = 16;

    public required MachineId Id { get; init; }

    /// <summary>Painted on it, such as "LAS-1". Unique, upper case.</summary>
    public required string Code { get; set; }

    public required string NameFr { get; set; }

    public required string NameEn { get; set; }

    public ResourceKind Kind { get; set; }

    /// <summary>The number of the <see cref="Sites.LabSite"/> it stands at.</summary>
    public int Site { get; set; } = Sites.LabSite.First;

    /// <summary>The room it stands in. A room booked whole blocks what stands in it, and what is booked in it keeps the room from being booked whole.</summary>
    public MachineId? RoomId { get; set; }

    /// <summary>
    /// Everything Core decides by, except what has tables of its own (out of service, lock-outs, inductions, devices): those members are empty here.
    /// Set it with <see cref="Describe"/>.
    /// </summary>
    public required MachineRule Rule { get; set; }

    /// <summary>What is wrong with it; null while it is in service.</summary>
    public string? BrokenCause { get; set; }

    public Instant? BrokenSince { get; set; }

    /// <summary>Who took it out of service.</summary>
    public PersonId? BrokenBy { get; set; }

    /// <summary>Who may put it back.</summary>
    public LockOutReleaseRule BrokenRelease { get; set; }

    /// <summary>No longer in the lab: not shown, not sent to gateways, its past kept.</summary>
    public bool Retired { get; set; }

    public long Version { get; set; }

    /// <summary>A machine from the rules Core knows. Lock-outs, devices and breakdowns in <paramref name="rule"/> are left out.</summary>
    public static Machine From(MachineRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new Machine { Id = rule.Id, Code = rule.Code, NameFr = rule.NameFr, NameEn = rule.NameEn, Rule = Bare(rule) };
    }

    /// <summary>Replaces the rules.</summary>
    public void Describe(MachineRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Code = rule.Code;
        NameFr = rule.NameFr;
        NameEn = rule.NameEn;
        Rule = Bare(rule with { Id = Id });
    }

    private static MachineRule Bare(MachineRule rule) => rule with { Broken = null, LockOut = null, Released = null, Induction = null, Devices = [] };
}

/// <summary>A device that may be bound to machines. Its key is the gateway's business.</summary>
public sealed class Device
{
    public const int MaxId = 64;

    public required DeviceId Id { get; init; }

    /// <summary>Which driver speaks with it, such as "fablab" or "tasmota".</summary>
    public required string Driver { get; set; }

    /// <summary>Where it is or what it is, for staff.</summary>
    public string Label { get; set; } = "";

    /// <summary>The gateway that spoke of it last; null while none has.</summary>
    public string? Gateway { get; set; }

    /// <summary>Whether it answered its gateway then.</summary>
    public bool Online { get; set; }

    /// <summary>Whether it hangs at the door: a badge at its reader is an arrival.</summary>
    public bool AtDoor { get; set; }

    /// <summary>The number of the <see cref="Sites.LabSite"/> at whose door it hangs.</summary>
    public int Site { get; set; } = Sites.LabSite.First;

    /// <summary>Its firmware, as it says.</summary>
    public string? Firmware { get; set; }

    /// <summary>When it was last known to answer.</summary>
    public Instant? LastSeenAt { get; set; }

    /// <summary>Since when its keys are taken away; null while it may work. It never comes back under this name without being enrolled anew.</summary>
    public Instant? WithdrawnAt { get; set; }

    /// <summary>The device that took its place.</summary>
    public DeviceId? ReplacedBy { get; set; }

    /// <summary>How far its enrolment by code has come; none was asked for, or it is long past.</summary>
    public Devices.EnrolmentState Enrolment { get; set; }

    /// <summary>When its code was typed.</summary>
    public Instant? EnrolAt { get; set; }

    /// <summary>The gateway that is to enrol it.</summary>
    public string? EnrolGateway { get; set; }

    /// <summary>The key of its code, sealed with a key that is not in the database; gone as soon as the gateway has it, and two minutes later in any case.</summary>
    public string? EnrolSealed { get; set; }

    /// <summary>When a trial of its relay was asked for that has not ended; null when none was.</summary>
    public Instant? TestAskedAt { get; set; }

    /// <summary>What that trial tries.</summary>
    public TrialKind TestAskedKind { get; set; }

    /// <summary>When it was last tried whether its relay opens by itself; null when it never was.</summary>
    public Instant? TestedAt { get; set; }

    /// <summary>The firmware it ran then.</summary>
    public string? TestedFirmware { get; set; }

    /// <summary>What came of it.</summary>
    public TrialOutcome? TestOutcome { get; set; }

    /// <summary>Whether the meter has seen it too.</summary>
    public bool TestedByPower { get; set; }

    /// <summary>Its relay was seen to open by itself, with the firmware it runs now. A dangerous machine is switched on by no other.</summary>
    public bool IsProven => TestOutcome == TrialOutcome.Passed && TestedFirmware == Firmware;

    public long Version { get; set; }
}

/// <summary>A device, or one of its channels, at work for a machine.</summary>
public sealed class MachineDevice
{
    public required MachineId MachineId { get; init; }

    public required DeviceRole Role { get; init; }

    public required DeviceId DeviceId { get; init; }

    public int Channel { get; init; }

    /// <summary>For a reader: how it writes numbers.</summary>
    public string? Reader { get; init; }

    internal DeviceBinding ToBinding() => new(Role, DeviceId, Channel, Reader);
}
