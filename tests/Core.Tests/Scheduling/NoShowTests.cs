using FabLab.Core.Scheduling;
using NodaTime;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

public sealed class NoShowTests
{
    private static readonly NoShowPolicy Policy = new();
    private static readonly Instant Now = At("2026-11-22 12:00");

    [Fact]
    public void A_booking_is_released_after_fifteen_minutes_and_not_later_than_its_end()
    {
        Assert.Equal(At("2026-11-22 12:15"), NoShowRules.ReleaseAt(Now, At("2026-11-22 14:00"), Policy));
        Assert.Equal(At("2026-11-22 12:05"), NoShowRules.ReleaseAt(Now, At("2026-11-22 12:05"), Policy));
        Assert.Null(NoShowRules.ReleaseAt(Now, At("2026-11-22 14:00"), Policy with { ReleaseAfter = null }));
    }

    [Theory]
    [InlineData(new[] { 1, 2 }, 2, null)]
    [InlineData(new[] { 1, 2, 3 }, 0, 29)]
    [InlineData(new[] { 1, 2, 61 }, 2, null)]
    [InlineData(new[] { 1, 2, 60 }, 0, 29)]
    [InlineData(new[] { 31, 32, 33 }, 0, null)]
    [InlineData(new[] { 29, 30, 31 }, 0, 1)]
    [InlineData(new[] { 5, 20, 21, 22 }, 1, 10)]
    [InlineData(new[] { 1, 2, 3, 20, 21, 22 }, 0, 29)]
    [InlineData(new int[0], 0, null)]
    public void Three_in_sixty_days_mean_thirty_days_without_booking(int[] daysAgo, int counted, int? pausedForDays)
    {
        NoShowStanding standing = NoShowRules.Standing(daysAgo.Select(d => new NoShow(Now - Duration.FromDays(d))), Now, Policy);

        Assert.Equal(counted, standing.Counted);
        Assert.Equal(pausedForDays is { } days ? Now + Duration.FromDays(days) : null, standing.WalkUpOnlyUntil);
    }

    [Fact]
    public void What_staff_waived_does_not_count_nor_what_is_to_come()
    {
        NoShow[] noShows = [new(Now - Duration.FromDays(1)), new(Now - Duration.FromDays(2)), new(Now - Duration.FromDays(3), Waived: true), new(Now + Duration.FromDays(1))];

        Assert.Equal(new NoShowStanding(2, null), NoShowRules.Standing(noShows, Now, Policy));
        Assert.Equal(new NoShowStanding(3, null), NoShowRules.Standing(noShows.Select(n => n with { Waived = false }), Now, Policy with { Limit = 0 }));
    }
}
