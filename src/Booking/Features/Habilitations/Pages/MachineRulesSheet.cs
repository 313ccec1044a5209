using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>What the page of a machine's rules shows: the rules of now, or the ones that came back with a fault.</summary>
public sealed record MachineRulesSheet
{
    public required string Code { get; init; }

    public required Words Name { get; init; }

    public required long Version { get; init; }

    public required MachineLevel Level { get; init; }

    /// <summary>As written; not always a number.</summary>
    public required string AgeAccompanied { get; init; }

    public required string AgeAlone { get; init; }

    public bool NeedsMembership { get; init; }

    public bool NeedsCheckIn { get; init; }

    public bool NeedsProject { get; init; }

    public bool NeedsSecondPerson { get; init; }

    public bool LearnersWelcome { get; init; }

    /// <summary>Of every row at least one; null when the rule is too deep for rows.</summary>
    public IReadOnlyList<IReadOnlyList<TrainingId>>? Rows { get; init; }

    public IReadOnlyList<OptionSheet> Options { get; init; } = [];

    /// <summary>What can be asked for.</summary>
    public IReadOnlyList<(TrainingId Id, Words Name)> Trainings { get; init; } = [];

    public int MinorsPerAdult { get; init; }

    public long SiteVersion { get; init; }

    /// <summary>The field at fault and what is wrong with it.</summary>
    public (string Field, Phrase Fault)? Fault { get; init; }

    public Phrase? Problem { get; init; }
}

/// <summary>One option in the form.</summary>
public sealed record OptionSheet(string Code, string NameFr, string NameEn, string AgeAlone, IReadOnlyList<TrainingId>? Trainings, bool Fitted);
