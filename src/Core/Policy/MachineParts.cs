using System.Text.Json.Serialization;
using FabLab.Core.Badges;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>The risk level of a machine (niveau de technicité).</summary>
public enum MachineLevel
{
    /// <summary>Vert.</summary>
    Green,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Rouge.</summary>
    Red,
}

/// <summary>A machine out of service.</summary>
/// <param name="Cause">What is wrong, as written by who reported it.</param>
/// <param name="Since">Since when.</param>
public sealed record Breakdown(string Cause, Instant Since);

/// <summary>What a device does when it no longer hears the gateway.</summary>
public enum LostLinkRule
{
    /// <summary>Its relay opens when the lease ends. The default: lasers, saws.</summary>
    Open,

    /// <summary>Its relay stays closed while the machine draws current, up to a cap: printers.</summary>
    Finish,
}

/// <summary>What happens at the machine when the booking of who uses it ends.</summary>
public enum BookingEnd
{
    /// <summary>The use ends as soon as the machine rests; work in hand is finished, up to <see cref="MachineRule.BookingEndCap"/>. The default.</summary>
    StopWhenIdle,

    /// <summary>The work in hand is finished however long it takes, up to <see cref="MachineRule.LostLinkCap"/>; then the use ends. For printers.</summary>
    LetFinish,

    /// <summary>The use goes on until the next booking or the closing hour. Directly before another booking: as <see cref="StopWhenIdle"/>.</summary>
    ExtendIfFree,
}

/// <summary>How work is told from rest. The two thresholds keep a machine that hovers between them in the state it is in.</summary>
public sealed record PowerRule
{
    /// <summary>The machine works once it has drawn more than this many watts for <see cref="WorkingFor"/>.</summary>
    public double WorkingAboveWatts { get; init; } = 30;

    /// <summary>For how long.</summary>
    public Duration WorkingFor { get; init; } = Duration.FromSeconds(5);

    /// <summary>It rests once it has drawn less than this many watts for <see cref="RestingFor"/>; not above <see cref="WorkingAboveWatts"/>.</summary>
    public double RestingBelowWatts { get; init; } = 20;

    /// <summary>For how long.</summary>
    public Duration RestingFor { get; init; } = Duration.FromSeconds(30);

    /// <summary>More watts than this through an open relay mean a welded contact.</summary>
    public double WeldAboveWatts { get; init; } = 10;

    /// <summary>For how long, because meters lag.</summary>
    public Duration WeldFor { get; init; } = Duration.FromSeconds(5);

    /// <summary>A reading older than this says nothing about now.</summary>
    public Duration FreshFor { get; init; } = Duration.FromMinutes(5);
}

/// <summary>What runs on after a use, without being billed.</summary>
/// <param name="For">How long.</param>
/// <param name="Channel">The exhaust alone, or the machine itself (its own fans).</param>
public sealed record CoolDownRule(Duration For, RelayChannel Channel);

/// <summary>The relays of a machine by what they feed.</summary>
public enum RelayChannel
{
    /// <summary>The machine.</summary>
    Main,

    /// <summary>The exhaust or the cooling beside it.</summary>
    Exhaust,
}

/// <summary>When a machine may be used. A closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Always), "always")]
[JsonDerivedType(typeof(Within), "within")]
public abstract record OpeningRule
{
    private OpeningRule()
    {
    }

    /// <summary>At any time.</summary>
    public sealed record Always : OpeningRule;

    /// <summary>Within these intervals only: the opening hours of the next days, worked out by Booking. After the last one the machine is closed.</summary>
    /// <param name="Intervals">In order, not overlapping; two that touch and that somebody may both use are one for them.</param>
    /// <param name="RunsOn">Whether a use that began in open time goes on after closing (a long print); else it ends at closing.</param>
    public sealed record Within(ValueList<OpenInterval> Intervals, bool RunsOn = false) : OpeningRule;
}

/// <summary>One opening. Who has a booking of their own may use the machine during it whatever the opening is for.</summary>
/// <param name="From">Its start, included.</param>
/// <param name="Until">Its end, excluded.</param>
/// <param name="Kind">For whom besides: <see cref="OpeningKind.OpenLab"/> = for everybody, <see cref="OpeningKind.Booked"/> = for nobody else, <see cref="OpeningKind.Groups"/> = for the people of <paramref name="Group"/>, <see cref="OpeningKind.StaffOnly"/> = for the team; the team may come to group time too.</param>
/// <param name="Group">The key of the one group it is kept for; null = any group.</param>
public sealed record OpenInterval(Instant From, Instant Until, OpeningKind Kind = OpeningKind.OpenLab, string? Group = null);

/// <summary>What a device does for a machine.</summary>
public enum DeviceRole
{
    /// <summary>Its channel switches the machine.</summary>
    Relay,

    /// <summary>Its channel switches the exhaust.</summary>
    Exhaust,

    /// <summary>It measures what the machine draws.</summary>
    Meter,

    /// <summary>Badges are tapped on it. A machine may have several.</summary>
    Reader,

    /// <summary>It shows words to the maker.</summary>
    Display,

    /// <summary>It tells of the machine's jobs: its controller, or a program beside it.</summary>
    Witness,
}

/// <summary>One device bound to a machine.</summary>
/// <param name="Role">What it does there.</param>
/// <param name="Device">The device.</param>
/// <param name="Channel">Which of its channels, from 0.</param>
/// <param name="Reader">For a reader: the code of its <see cref="ReaderProfile"/>; null when the driver knows.</param>
public sealed record DeviceBinding(DeviceRole Role, DeviceId Device, int Channel = 0, string? Reader = null);

/// <summary>When a lock-out takes hold.</summary>
public enum LockOutMode
{
    /// <summary>At once; a running use ends.</summary>
    Immediate,

    /// <summary>When the running use has ended.</summary>
    WhenIdle,
}

/// <summary>Who may release a lock-out.</summary>
public enum LockOutReleaseRule
{
    /// <summary>Any member of staff.</summary>
    Staff,

    /// <summary>A lab manager.</summary>
    Manager,

    /// <summary>Only who set it.</summary>
    Author,

    /// <summary>Only somebody with the machine's maintenance habilitation.</summary>
    Maintainer,
}

/// <summary>A lock-out (consignation): the machine cannot be started until a person releases it. Neither a power cut nor a restart ends it.</summary>
/// <param name="Id">Its id; the release names it.</param>
/// <param name="Cause">Why, in words for everybody.</param>
/// <param name="Author">Who set it; null when the gateway did.</param>
/// <param name="Since">When it was set.</param>
/// <param name="Release">Who may release it.</param>
/// <param name="Mode">When it takes hold.</param>
public sealed record LockOut(
    LockOutId Id,
    string Cause,
    PersonId? Author,
    Instant Since,
    LockOutReleaseRule Release = LockOutReleaseRule.Staff,
    LockOutMode Mode = LockOutMode.Immediate);

/// <summary>The release of a lock-out, already checked against its rule by who lets people sign in.</summary>
/// <param name="LockOut">The lock-out released.</param>
/// <param name="By">Who released it.</param>
/// <param name="At">When.</param>
public sealed record LockOutRelease(LockOutId LockOut, PersonId By, Instant At);

/// <summary>Something that can be fitted to a machine or loaded in it. Staff say at the machine's page whether it is there now: a reader sees a badge and not a rotary axis.</summary>
/// <param name="Code">Short name, unique at the machine, such as "rotatif".</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="Requirement">Which trainings it asks for besides the machine's own; null = none.</param>
/// <param name="AgeAlone">From which age alone with it; null = as the machine.</param>
/// <param name="Fitted">Whether it is there now.</param>
public sealed record MachineOption(
    string Code, string NameFr, string NameEn, TrainingNeed? Requirement = null, int? AgeAlone = null, bool Fitted = false)
{
    /// <summary>Its name in both languages.</summary>
    public Words Name() => new(NameFr, NameEn);
}

/// <summary>A trainer has said at the machine's page that they train somebody here: their next tap begins that and no use.</summary>
/// <param name="Id">Which induction.</param>
/// <param name="Trainer">Who trains.</param>
/// <param name="Training">For which training.</param>
/// <param name="Until">Until when the trainer's tap is awaited, excluded. The offer stays a little longer, for the trainee's.</param>
public sealed record InductionOffer(InductionId Id, PersonId Trainer, TrainingId Training, Instant Until);
