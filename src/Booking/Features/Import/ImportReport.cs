using FabLab.Core;

namespace FabLab.Booking.Features.Import;

/// <summary>What became of a file.</summary>
/// <param name="Done">Whether it was brought in: not after a try, and not when a line has a fault.</param>
/// <param name="Added">People who are new.</param>
/// <param name="Changed">People who were there and get something.</param>
/// <param name="Faults">Lines with a fault.</param>
/// <param name="Lines">Every line of the file, in its order; the header only when it has a fault.</param>
public sealed record ImportReport(bool Done, int Added, int Changed, int Faults, IReadOnlyList<ImportLine> Lines);

/// <summary>What becomes of one line.</summary>
public sealed record ImportLine(int Line, ImportFate Fate, Words Sentence);

public enum ImportFate
{
    /// <summary>Somebody new.</summary>
    Add,

    /// <summary>Somebody known gets something.</summary>
    Change,

    /// <summary>All of it was there already.</summary>
    Same,

    /// <summary>It cannot be brought in; nothing of the file is.</summary>
    Fault,
}
