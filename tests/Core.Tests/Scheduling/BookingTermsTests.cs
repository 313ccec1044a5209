using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Tests.Scheduling;

public sealed class BookingTermsTests
{
    private static readonly Duration Hour = Duration.FromHours(1);

    public static TheoryData<string, BookingTerms> Bad => new()
    {
        { "capacity", new() { Capacity = 0 } },
        { "setUp", new() { SetUp = -Hour } },
        { "setUp", new() { SetUp = Duration.FromDays(2) } },
        { "minLength", new() { MinLength = -Hour } },
        { "maxLength", new() { MaxLength = Duration.Zero } },
        { "maxLength", new() { MaxLength = Hour, MinLength = 2 * Hour } },
        { "step", new() { Step = Duration.Zero } },
        { "step", new() { Step = 25 * Hour } },
        { "notice", new() { Notice = -Hour } },
        { "horizon", new() { Horizon = Duration.Zero } },
        { "horizon", new() { Horizon = Hour, Notice = 2 * Hour } },
        { "startGrace", new() { StartGrace = -Hour } },
        { "changeBefore", new() { ChangeBefore = -Hour } },
        { "maxUpcoming", new() { MaxUpcoming = 0 } },
        { "noShow.releaseAfter", new() { NoShow = new() { ReleaseAfter = Duration.Zero } } },
        { "noShow.limit", new() { NoShow = new() { Limit = -1 } } },
        { "noShow.within", new() { NoShow = new() { Within = Duration.Zero } } },
        { "noShow.walkUpOnlyFor", new() { NoShow = new() { WalkUpOnlyFor = Duration.Zero } } },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_setting_under_which_nothing_could_be_booked_is_told(string path, BookingTerms terms) =>
        Assert.Equal(path, Assert.Single(BookingTermsCheck.Faults(terms)).Path);

    [Fact]
    public void The_defaults_are_sound() => Assert.Empty(BookingTermsCheck.Faults(new BookingTerms()));
}
