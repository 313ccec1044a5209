namespace FabLab.Booking.Features.Reports;

/// <summary>
/// The one rule by which a count of people is shown or not: fewer than five could be recognised. Where a total stands beside the
/// cells, what is hidden together is what the others lack. It must leave open what each of them is: a cell alone, several that
/// together are so few or so many that each can only be one or only four, are known all the same. Then the next smallest are hidden too.
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
        if (!secondary)
            return shown;
        if (counts.Sum() is > 0 and < Least)
            return new int?[counts.Count];
        while (Known(counts, shown) && shown.Where(count => count > 0).Min() is { } least)
        {
            // All that are as small: which of them was taken would tell where the others end.
            for (var place = 0; place < shown.Length; place++)
            {
                if (shown[place] == least)
                    shown[place] = null;
            }
        }
        return shown;
    }

    /// <summary>Whether what is hidden can be worked out from its sum.</summary>
    private static bool Known(IReadOnlyList<int> counts, int?[] shown)
    {
        var hidden = counts.Where((_, place) => shown[place] is null).ToList();
        var sum = hidden.Sum();
        return hidden.Count == 1 || (hidden.Count > 1 && (sum < Least || sum == hidden.Count || sum == hidden.Count * (Least - 1)));
    }
}
