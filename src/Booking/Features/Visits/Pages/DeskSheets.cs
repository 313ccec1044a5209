using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Visits.Pages;

/// <summary>A visit as the front desk sees it.</summary>
/// <param name="Visit">The visit.</param>
/// <param name="Person">Who, where the viewer may see it.</param>
/// <param name="Name">What they are called; null without a name, or where the viewer may not see it.</param>
/// <param name="Reason">The reason in words; null when none was said.</param>
public sealed record VisitLine(Visit Visit, PersonId? Person, string? Name, Words? Reason);

/// <summary>Somebody who is in without a visit.</summary>
/// <param name="Person">Who, where the viewer may see it.</param>
/// <param name="Name">What they are called; null where the viewer may not see it.</param>
/// <param name="Since">Since when.</param>
public sealed record PresentLine(PersonId? Person, string? Name, Instant Since);

/// <summary>The front desk.</summary>
public sealed record DeskSheet
{
    /// <summary>The sites there are; none while there is one.</summary>
    public IReadOnlyList<(int Number, string Name)> Sites { get; init; } = [];

    public required IReadOnlyList<DoorRequest> Calls { get; init; }

    /// <summary>Who is in, those with a name first.</summary>
    public required IReadOnlyList<VisitLine> Here { get; init; }

    /// <summary>Who is in without a visit, by name: mentors of a séance, and people who were in before visits were kept.</summary>
    public required IReadOnlyList<PresentLine> Present { get; init; }

    /// <summary>Who is in without a name, by the lists of the séances that are held.</summary>
    public required IReadOnlyList<ListedHere> Listed { get; init; }

    /// <summary>Everybody who is in, each once.</summary>
    public int InNow => Here.Count + Present.Count + Listed.Sum(listed => listed.Number);

    /// <summary>Visits of today that are over or taken out, the last first.</summary>
    public required IReadOnlyList<VisitLine> Over { get; init; }

    public required int Visits { get; init; }

    public required int WithoutName { get; init; }

    public required int First { get; init; }

    public required IReadOnlyList<(Words? Reason, int Count)> ByReason { get; init; }

    public required IReadOnlyList<(AgeBand Band, int Count)> ByBand { get; init; }

    public required IReadOnlyList<VisitReason> Reasons { get; init; }

    /// <summary>Whether the viewer may change the reasons.</summary>
    public bool MayKeep { get; init; }
}

/// <summary>The form that puts a visit right.</summary>
public sealed record CorrectionSheet(VisitLine Line, IReadOnlyList<VisitReason> Reasons)
{
    public Phrase? Error { get; init; }
}
