namespace FabLab.Booking.Features.Reports;

/// <summary>
/// The one rule by which a count of people is shown or not: fewer than five could be recognised. Where a total stands beside the
/// cells, one hidden cell is what the others lack; then the next smallest is hidden too.
/// </summary>
public static class SmallCells
{
    /// <summary>The smallest count of people that is shown; nobody at all is shown too.</summary>
    public const int Least = 5;

    /// <summary>One count that stands for itself; null when it is hidden.</summary>
    /// <param name="count">People or visits, not negative.</param>
    public static int? Of(int count) => count is > 0 and < Least ? null : count;

    /// <summary>Counts that add up to a total beside them, in the same order; null for what is hidden.</summary>
    /// <param name="counts">People or visits, not negative.</param>
    /// <param name="secondary">Whether a cell that could be worked out from the total is to be hidden too: for who does not see names.</param>
    public static IReadOnlyList<int?> Of(IReadOnlyList<int> counts, bool secondary)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var shown = counts.Select(Of).ToArray();
        if (secondary && shown.Count(count => count is null) == 1 && shown.Where(count => count > 0).Min() is { } least)
            shown[Array.IndexOf(shown, least)] = null;
        return shown;
    }
}
