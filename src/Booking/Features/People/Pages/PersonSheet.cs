using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>One line of the list of people.</summary>
public sealed record PersonLine(PersonId Id, string? Name, string Code, bool Active, LocalDate? MemberThrough);

/// <summary>All that a person's page shows.</summary>
public sealed record PersonSheet
{
    public required PersonLine Person { get; init; }

    public bool IsAdult { get; init; }

    /// <summary>The one who looks is the one it is about.</summary>
    public bool Mine { get; init; }

    /// <summary>Where they may be written to; null for who does not keep it.</summary>
    public ContactForm? Contact { get; init; }

    public IReadOnlyList<MachineRight> Rights { get; init; } = [];

    public IReadOnlyList<HabilitationLine> Habilitations { get; init; } = [];

    /// <summary>Staff only: what can be granted.</summary>
    public IReadOnlyList<(TrainingId Id, Words Name)> Trainings { get; init; } = [];

    public IReadOnlyList<TimeBeside> Time { get; init; } = [];

    public IReadOnlyList<LedgerLine> Uses { get; init; } = [];

    /// <summary>Their latest jobs, of machines that tell of them.</summary>
    public IReadOnlyList<JobLine> Jobs { get; init; } = [];
}

/// <summary>Whether a person may use a machine, from the one function in Core.</summary>
public sealed record MachineRight(string Code, Words Name, RightKind Kind, Words? Sentence, Words? NextStep, Instant? Until);

public enum RightKind
{
    Yes,
    WithSomebody,
    No,
}

/// <summary>One habilitation and where it stands.</summary>
public sealed record HabilitationLine(HabilitationStanding Standing, Words Training, string? By);

/// <summary>The mail address of somebody in the form of the front desk.</summary>
public sealed record ContactForm(string Email, bool Consent, long Version, Phrase? Error = null);

/// <summary>A form about habilitations that came back with faults.</summary>
public sealed record GrantForm(TrainingId? Training, HabilitationLevel Level, string Evidence, Phrase? TrainingError, Phrase? EvidenceError);

/// <summary>What was typed of somebody new, and what was wrong with it.</summary>
public sealed record NewPersonForm(
    string? Name = null, bool Adult = true, LocalDate? Birth = null, LocalDate? Member = null, string? Code = null, string? Field = null, Phrase? Error = null);
