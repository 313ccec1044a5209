using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Tests.Pages;

public sealed class PlaceOpeningTests
{
    private static readonly Instant Now = PagesHost.Start;

    [Fact]
    public void A_place_without_hours_says_neither_open_nor_closed() =>
        Assert.Equal((null, null), PlaceEndpoint.Opening([new OpeningRule.Always()], Now));

    [Fact]
    public void A_place_is_open_while_one_machine_is_and_until_the_last_one_closes() =>
        Assert.Equal(
            (true, Now + Duration.FromHours(3)),
            PlaceEndpoint.Opening([Hours(-1, 2), Hours(1, 3), new OpeningRule.Always(), Hours(5, 6)], Now));

    [Fact]
    public void A_closed_place_says_when_it_opens() =>
        Assert.Equal((false, Now + Duration.FromHours(4)), PlaceEndpoint.Opening([Hours(-3, 0), Hours(4, 5)], Now));

    [Fact]
    public void A_place_whose_hours_are_all_past_is_closed() =>
        Assert.Equal((false, null), PlaceEndpoint.Opening([Hours(-3, -1)], Now));

    private static OpeningRule.Within Hours(int from, int until) =>
        new([new OpenInterval(Now + Duration.FromHours(from), Now + Duration.FromHours(until))]);
}
