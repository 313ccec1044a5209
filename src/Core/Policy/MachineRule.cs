using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>All that the decision and the session need to know of a machine.</summary>
public sealed record MachineRule : PolicyEntity
{
    /// <summary>The machine.</summary>
    public required MachineId Id { get; init; }

    /// <summary>The short code painted on it, such as "LAS-1".</summary>
    public required string Code { get; init; }

    /// <summary>Its French name.</summary>
    public required string NameFr { get; init; }

    /// <summary>Its English name.</summary>
    public required string NameEn { get; init; }

    /// <summary>What kind of machine it is, in the words of the site ("laser", "printer"); decides nothing.</summary>
    public string Type { get; init; } = "";

    /// <summary>The risk level shown beside the machine. What it demands is spelt out by the other rules.</summary>
    public MachineLevel Level { get; init; }

    /// <summary>From which age it may be used with somebody beside; null = any.</summary>
    public int? AgeAccompanied { get; init; }

    /// <summary>From which age it may be used alone; null = any.</summary>
    public int? AgeAlone { get; init; }

    /// <summary>Which trainings it asks for; null = none.</summary>
    public TrainingNeed? Requirement { get; init; }

    /// <summary>What can be fitted to it or loaded in it and asks for more (rotary axis, a material).</summary>
    public ValueList<MachineOption> Options { get; init; } = [];

    /// <summary>Whether somebody without the trainings may use it with a person beside who has them.</summary>
    public bool LearnersWelcome { get; init; }

    /// <summary>Whether only paid-up members may use it.</summary>
    public bool NeedsMembership { get; init; }

    /// <summary>Whether one must have checked in at the door.</summary>
    public bool NeedsCheckIn { get; init; }

    /// <summary>Whether time must be counted for a project.</summary>
    public bool NeedsProject { get; init; }

    /// <summary>Whether a second person must badge in even beside somebody autonomous.</summary>
    public bool NeedsSecondPerson { get; init; }

    /// <summary>Whether only devices that open their relay by themselves may be bound to it.</summary>
    public bool Dangerous { get; init; }

    /// <summary>Whether its user stays beside it. A person may use several machines at once when at most one of them is attended.</summary>
    public bool Attended { get; init; } = true;

    /// <summary>Why it is out of service (panne); null while it is in service.</summary>
    public Breakdown? Broken { get; init; }

    /// <summary>Who has locked it out (consignation) and why; null when nobody has.</summary>
    public LockOut? LockOut { get; init; }

    /// <summary>The last release of a lock-out, by which the gateway's own lock-outs are ended too.</summary>
    public LockOutRelease? Released { get; init; }

    /// <summary>How long the relay holds on one renewal; from 1 s.</summary>
    public Duration Lease { get; init; } = Duration.FromSeconds(30);

    /// <summary>What happens when the link to the device is lost in the middle of a use.</summary>
    public LostLinkRule LostLink { get; init; }

    /// <summary>With <see cref="LostLinkRule.Finish"/>: how long after the link was lost the relay opens in any case.</summary>
    public Duration LostLinkCap { get; init; } = Duration.FromHours(12);

    /// <summary>The longest use; null = no limit of its own.</summary>
    public Duration? MaxSession { get; init; }

    /// <summary>How long before the end of a use it is announced.</summary>
    public ValueList<Duration> Warnings { get; init; } = [Duration.FromMinutes(10), Duration.FromMinutes(2)];

    /// <summary>After how long without work the use ends by itself; null = never. Needs a meter.</summary>
    public Duration? IdleStop { get; init; }

    /// <summary>What happens when the booking of who uses it ends.</summary>
    public BookingEnd BookingEnd { get; init; }

    /// <summary>With <see cref="Policy.BookingEnd.StopWhenIdle"/>: how long after the end of the booking a machine that still draws current is stopped in any case.</summary>
    public Duration BookingEndCap { get; init; } = Duration.FromMinutes(15);

    /// <summary>The machines that stand in for it; null when none do.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>How work is told from rest by the power drawn.</summary>
    public PowerRule Power { get; init; } = new();

    /// <summary>What runs on after a use; null = nothing.</summary>
    public CoolDownRule? CoolDown { get; init; }

    /// <summary>How long a learner's tap waits for the second badge.</summary>
    public Duration SecondBadgeWindow { get; init; } = Duration.FromSeconds(30);

    /// <summary>Whether somebody else who is allowed may take over while the machine is on and not working.</summary>
    public bool Handover { get; init; } = true;

    /// <summary>How old the gateway's copy of the rules may be for a new use.</summary>
    public Duration MaxPolicyAge { get; init; } = Duration.FromHours(72);

    /// <summary>How hard to copy a badge must be to start it; who is known without a badge (on the web) is not asked.</summary>
    public BadgeAssurance MinAssurance { get; init; }

    /// <summary>When it may be used.</summary>
    public OpeningRule Opening { get; init; } = new OpeningRule.Always();

    /// <summary>The induction that a trainer has armed here; null for none.</summary>
    public InductionOffer? Induction { get; init; }

    /// <summary>The devices bound to it.</summary>
    public ValueList<DeviceBinding> Devices { get; init; } = [];

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Machine;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;

    /// <summary>The device bound in a role, or null.</summary>
    /// <param name="role">The role.</param>
    public DeviceBinding? Device(DeviceRole role)
    {
        foreach (DeviceBinding binding in Devices.AsSpan())
        {
            if (binding.Role == role)
            {
                return binding;
            }
        }

        return null;
    }

    /// <summary>All that it asks for now: its own trainings and those of the options that are fitted, or of those named.</summary>
    /// <param name="options">The codes of the options to ask about; null = those fitted now.</param>
    public TrainingNeed? Needed(ValueList<string>? options = null)
    {
        ValueList<TrainingNeed> needs = [];
        foreach (MachineOption option in Options.AsSpan())
        {
            bool counts = options is { } named ? named.AsSpan().Contains(option.Code) : option.Fitted;
            if (counts && option.Requirement is { } more)
            {
                needs = needs.Add(more);
            }
        }

        return needs.Count == 0 ? Requirement : new TrainingNeed.All(Requirement is null ? needs : [Requirement, .. needs.AsSpan()]);
    }

    /// <summary>The youngest age alone with what is fitted: the highest of the machine's and its options'.</summary>
    /// <param name="options">The codes of the options to ask about; null = those fitted now.</param>
    public int? AloneFrom(ValueList<string>? options = null)
    {
        int? age = AgeAlone;
        foreach (MachineOption option in Options.AsSpan())
        {
            bool counts = options is { } named ? named.AsSpan().Contains(option.Code) : option.Fitted;
            if (counts && option.AgeAlone is { } more && !(more <= age))
            {
                age = more;
            }
        }

        return age;
    }

    /// <summary>Every training that it, or one of its options, asks for; each once.</summary>
    public IEnumerable<TrainingId> TrainingsAsked() =>
        new[] { Requirement }.Concat(Options.Select(option => option.Requirement)).SelectMany(TrainingNeeds.Trainings).Distinct();

    /// <summary>Its name in both languages.</summary>
    public Words Name() => new(NameFr, NameEn);
}
