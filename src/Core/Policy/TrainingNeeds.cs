using System.Diagnostics;

namespace FabLab.Core.Policy;

/// <summary>Reads and writes the tree of trainings as rows: of every row at least one. Every tree of "all of" and "one of" can be said so.</summary>
public static class TrainingNeeds
{
    /// <summary>More rows than this are not worth showing as rows.</summary>
    public const int MostRows = 12;

    /// <summary>Every training named in a need; some may come twice.</summary>
    /// <param name="need">The need; null names none.</param>
    public static IEnumerable<TrainingId> Trainings(TrainingNeed? need) => need switch
    {
        null => [],
        TrainingNeed.One one => [one.Training],
        TrainingNeed.All all => all.Needs.SelectMany(Trainings),
        TrainingNeed.Any any => any.Needs.SelectMany(Trainings),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The rows of a need. They give every person the same level: "all of" takes the lowest and "one of" the highest, and these
    /// two distribute over each other. Null when there would be too many of them, or when nobody can fulfil the need.
    /// </summary>
    /// <param name="need">The need; null asks for nothing and has no rows.</param>
    public static IReadOnlyList<IReadOnlyList<TrainingId>>? Rows(TrainingNeed? need)
    {
        if (need is null)
        {
            return [];
        }

        List<List<TrainingId>>? rows = Expand(need);
        return rows is null || rows.Exists(row => row.Count == 0) ? null : rows;
    }

    /// <summary>The need that rows say; null when they ask for nothing.</summary>
    /// <param name="rows">Of every row at least one; empty rows are left out.</param>
    public static TrainingNeed? FromRows(IEnumerable<IReadOnlyList<TrainingId>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        TrainingNeed[] needs =
        [
            .. rows.Where(row => row.Count > 0).Select(row => row.Distinct().ToArray() switch
            {
                [TrainingId only] => (TrainingNeed)new TrainingNeed.One(only),
                TrainingId[] several => new TrainingNeed.Any([.. several.Select(id => new TrainingNeed.One(id))]),
            }).Distinct(),
        ];
        return needs.Length switch
        {
            0 => null,
            1 => needs[0],
            _ => new TrainingNeed.All([.. needs]),
        };
    }

    private static List<List<TrainingId>>? Expand(TrainingNeed need)
    {
        switch (need)
        {
            case TrainingNeed.One one:
                return [[one.Training]];
            case TrainingNeed.All all:
                List<List<TrainingId>> joined = [];
                foreach (TrainingNeed branch in all.Needs)
                {
                    if (Expand(branch) is not { } rows || joined.Count + rows.Count > MostRows)
                    {
                        return null;
                    }

                    joined.AddRange(rows);
                }

                return joined;
            case TrainingNeed.Any any:
                List<List<TrainingId>> product = [[]];
                foreach (TrainingNeed branch in any.Needs)
                {
                    // A branch that asks for nothing fulfils the whole.
                    if (Expand(branch) is not { } rows || product.Count * rows.Count > MostRows)
                    {
                        return null;
                    }

                    product = [.. from left in product from right in rows select left.Union(right).ToList()];
                }

                return product;
            default:
                throw new UnreachableException();
        }
    }
}
