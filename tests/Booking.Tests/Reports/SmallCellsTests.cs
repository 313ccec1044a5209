using FabLab.Booking.Features.Reports;

namespace FabLab.Booking.Tests.Reports;

/// <summary>Few people are not recognised in a table, not even by its total.</summary>
public sealed class SmallCellsTests
{
    public static TheoryData<int[], bool, int?[]> Tables => new()
    {
        { [3, 10, 20], true, [null, null, 20] },
        { [3, 10, 20], false, [null, 10, 20] },
        { [1, 4, 20, 5], true, [null, null, 20, 5] },
        { [1, 1, 20, 9], true, [null, null, 20, null] },
        { [1, 1, 20, 9], false, [null, null, 20, 9] },
        { [2, 0, 4], true, [null, 0, null] },
        { [0, 7, 5], true, [0, 7, 5] },
        { [0, 0, 3], true, [null, null, null] },
        { [0, 0, 3], false, [0, 0, null] },
        { [5, 4, 4], true, [null, null, null] },
        { [5, 5, 4, 9], true, [null, null, null, 9] },
        { [], true, [] },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void One_to_four_is_hidden_and_for_who_sees_no_names_a_second_one_with_it(int[] counts, bool secondary, int?[] shown) =>
        Assert.Equal(shown, SmallCells.Of(counts, secondary));

    [Fact]
    public void No_hidden_cell_can_be_worked_out_from_the_total_and_the_cells_that_are_shown()
    {
        // Every table of up to four cells: whoever knows the rule looks for the tables that would look the same.
        const int Most = 12;
        for (var cells = 1; cells <= 4; cells++)
        {
            var looks = new Dictionary<string, List<int[]>>(StringComparer.Ordinal);
            var tables = (int)Math.Pow(Most + 1, cells);
            for (var number = 0; number < tables; number++)
            {
                int[] counts = [.. Enumerable.Range(0, cells).Select(place => number / (int)Math.Pow(Most + 1, place) % (Most + 1))];
                var shown = SmallCells.Of(counts, secondary: true);
                Assert.DoesNotContain(shown, count => count is > 0 and < SmallCells.Least);
                Assert.All(shown.Zip(counts), pair => Assert.True(pair.First is null || pair.First == pair.Second));
                // What is larger than the tables tried here could look the same as well: such a look proves nothing.
                if (counts.Where((_, place) => shown[place] is null).Sum() > Most)
                    continue;
                var look = string.Join(' ', shown.Select(count => count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?").Append($"of {SmallCells.Of(counts.Sum())}"));
                if (!looks.TryGetValue(look, out var same))
                    looks[look] = same = [];
                same.Add(counts);
            }

            foreach (var (look, same) in looks)
            {
                for (var place = 0; place < cells; place++)
                    Assert.True(SmallCells.Of(same[0], secondary: true)[place] is not null || same.Select(counts => counts[place]).Distinct().Count() > 1, $"{look}: {same[0][place]}");
            }
        }
    }
}
