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
        { [0, 7, 5], true, [0, 7, 5] },
        { [0, 0, 3], true, [0, 0, null] },
        { [], true, [] },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void One_to_four_is_hidden_and_for_who_sees_no_names_a_second_one_with_it(int[] counts, bool secondary, int?[] shown) =>
        Assert.Equal(shown, SmallCells.Of(counts, secondary));

    [Fact]
    public void No_hidden_cell_can_be_worked_out_from_the_total_and_the_cells_that_are_shown()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            int[] counts = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(0, 12))];
            var shown = SmallCells.Of(counts, secondary: true);

            Assert.DoesNotContain(shown, count => count is > 0 and < SmallCells.Least);
            Assert.All(shown.Zip(counts), pair => Assert.True(pair.First is null || pair.First == pair.Second));
            // Alone it is only where all the others are nobody: then the total is as small, and hidden as well.
            if (shown.Count(count => count is null) == 1)
                Assert.Null(SmallCells.Of(counts.Sum()));
        }
    }
}
