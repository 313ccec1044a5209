using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>What a tap makes of the tapper's booking, and of the bookings around it.</summary>
public sealed class ClaimTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly PoolId Pool = Lab.Id<PoolId>(90);
    private static readonly BookingId Mine = Lab.Id<BookingId>(61);
    private static readonly BookingId Theirs = Lab.Id<BookingId>(62);

    private static readonly BadgeRule StrangerBadge = new() { Id = Lab.Id<BadgeId>(24), Print = Lab.Print("em:0C000621A5"), Person = Lab.Stranger };

    [Fact]
    public void The_tap_claims_ones_own_booking()
    {
        BookingClaim claim = BookingClaim.Of(Ask(Lab.Policy(Booking(Mine, -5, 60, Lab.Maker) with { ReleasedAt = Lab.Now + 10 * Minute }), Lab.Tap))!;

        Assert.Equal(new BookingClaim(Mine, Lab.Laser, null, [], Lab.Now, Lab.Now + 60 * Minute), claim);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void A_tap_shortly_before_the_start_claims_too(int minutes, bool claims)
    {
        AccessDecision decision = Ask(Lab.Policy(Booking(Mine, minutes, 90, Lab.Maker)), Lab.Tap);

        Assert.Equal(claims ? Mine : null, Lab.Granted(decision).Terms.Booking);
        Assert.Equal(claims, BookingClaim.Of(decision) is not null);
        Assert.Null(Lab.Granted(Ask(Lab.Policy(Lab.Site with { ClaimBefore = Duration.Zero }, Booking(Mine, minutes, 90, Lab.Maker)), Lab.Tap)).Terms.Booking);
    }

    [Fact]
    public void Any_member_of_a_group_comes_for_its_booking_and_nobody_else_does()
    {
        const string Class5 = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
        LabPolicy policy = Lab.Policy(
            Booking(Mine, -5, 60, Lab.Stranger) with { People = [], Group = Class5, ReleasedAt = Lab.Now + 10 * Minute }, Lab.MakerRule with { Groups = [Class5] }, Lab.MentorRule with { Groups = ["other"] });

        AccessDecision.Granted member = Lab.Granted(Ask(policy, Lab.Tap));
        AccessDecision.Denied other = Denied(Ask(policy, Lab.Tap with { Badge = new BadgeMatch.Known(Lab.MentorBadge) }));

        Assert.Equal((Mine, Lab.Now + 60 * Minute), (member.Terms.Booking!.Value, member.Until));
        Assert.Equal(new BookingClaim(Mine, Lab.Laser, null, [], Lab.Now, Lab.Now + 60 * Minute), BookingClaim.Of(member));
        Assert.Equal(AccessReason.ReservedByOther, other.Reason);
        // From another machine of the pool it comes with the tap, as a person's booking does.
        LabPolicy pool = Lab.Policy(
            Lab.LaserRule with { Pool = Pool }, Lab.LaserRule with { Id = Lab.Printer, Code = "LAS-2", Pool = Pool }, Lab.MakerRule with { Groups = [Class5] },
            Booking(Mine, 0, 60, Lab.Stranger) with { People = [], Machine = Lab.Printer, Pool = Pool, Group = Class5 });
        Assert.Equal(Lab.Printer, BookingClaim.Of(Ask(pool, Lab.Tap))!.From);
    }

    [Fact]
    public void Before_the_start_the_booking_that_runs_keeps_the_machine()
    {
        AccessDecision decision = Ask(Lab.Policy(Booking(Theirs, -60, 5, Lab.Mentor), Booking(Mine, 5, 60, Lab.Maker)), Lab.Tap);

        Assert.Equal(AccessReason.ReservedByOther, Denied(decision).Reason);
        Assert.Null(BookingClaim.Of(decision));
    }

    [Fact]
    public void A_booking_that_was_released_is_nobodys_any_more()
    {
        LabPolicy policy = Lab.Policy(Booking(Mine, -20, 60, Lab.Maker) with { ReleasedAt = Lab.Now - 5 * Minute });

        AccessDecision.Granted walkUp = Lab.Granted(Ask(policy, Lab.Tap));

        Assert.Null(walkUp.Terms.Booking);
        Assert.Null(BookingClaim.Of(walkUp));
    }

    [Fact]
    public void What_the_machine_remembers_keeps_the_booking_though_the_copy_of_the_rules_would_give_it_away()
    {
        LabPolicy policy = Lab.Policy(Booking(Mine, -20, 60, Lab.Maker) with { ReleasedAt = Lab.Now - 5 * Minute }, StrangerBadge);
        BookingClaim claim = new(Mine, Lab.Laser, null, [], Lab.Now - 19 * Minute, Lab.Now + 60 * Minute);
        AccessRequest mentor = Lab.Tap with { Badge = new BadgeMatch.Known(Lab.MentorBadge) };

        Assert.IsType<AccessDecision.Granted>(Ask(policy, mentor));
        Assert.Equal(AccessReason.ReservedByOther, Denied(Ask(policy, mentor with { Claims = [claim] })).Reason);
        AccessDecision.Granted again = Lab.Granted(Ask(policy, Lab.Tap with { Claims = [claim] }));
        Assert.Equal(Mine, again.Terms.Booking);
        Assert.Null(BookingClaim.Of(again));
        Assert.IsType<AccessDecision.Granted>(Ask(policy, mentor with { Claims = [claim], Now = Lab.Now + 60 * Minute }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_came_and_may_not_because_of_the_machine_keeps_the_booking(bool broken)
    {
        MachineRule rule = Lab.LaserRule with { Broken = broken ? new Breakdown("lens", Lab.Now) : null };
        AccessRequest request = Lab.Tap with { Occupied = broken ? null : new Occupancy(Lab.Mentor, Working: true) };

        AccessDecision.Denied denied = Denied(Ask(Lab.Policy(rule, Booking(Mine, 0, 60, Lab.Maker)), request));

        Assert.Equal(broken ? AccessReason.MachineBroken : AccessReason.MachineInUse, denied.Reason);
        Assert.Equal(Mine, BookingClaim.Of(denied)!.Booking);
        if (!broken)
        {
            Assert.Equal("Votre réservation est gardée. Attendez la fin du travail.", denied.NextStep.Fr);
        }
    }

    [Fact]
    public void Who_may_not_because_of_themselves_claims_nothing()
    {
        LabPolicy policy = Lab.Policy(Lab.MakerRule with { MembershipUntil = Lab.Now }, Booking(Mine, 0, 60, Lab.Maker));

        Assert.Null(BookingClaim.Of(Ask(policy, Lab.Tap)));
    }

    [Fact]
    public void Own_bookings_that_follow_without_a_gap_are_one_time()
    {
        LabPolicy policy = Lab.Policy(
            Booking(Mine, 0, 60, Lab.Maker), Booking(Lab.Id<BookingId>(63), 60, 90, Lab.Maker), Booking(Lab.Id<BookingId>(64), 91, 120, Lab.Maker));

        Assert.Equal((Lab.Now + 90 * Minute, LimitReason.BookingEnd), (Lab.Granted(Ask(policy, Lab.Tap)).Until, Lab.Granted(Ask(policy, Lab.Tap)).Terms.Limit));
    }

    [Fact]
    public void A_refused_tap_says_until_when_and_when_it_is_free_if_nobody_comes()
    {
        LabPolicy policy = Lab.Policy(Booking(Theirs, 0, 60, Lab.Mentor) with { ReleasedAt = Lab.Now + 15 * Minute });

        AccessDecision.Denied denied = Denied(Ask(policy, Lab.Tap));

        Assert.Equal("La réservation finit à 11 h. Libre à 10 h 15 si personne ne vient.", denied.NextStep.Fr);
        Assert.Equal("The booking ends at 11:00. Free at 10:15 if nobody comes.", denied.NextStep.En);
    }

    [Fact]
    public void A_refused_tap_says_which_machine_of_the_pool_would_take_the_person()
    {
        LabPolicy policy = Lab.Policy(
            Pooled(Lab.Laser, "LAS-1"), Pooled(Lab.Saw, "LAS-2"), Pooled(Lab.Printer, "LAS-3"),
            Booking(Theirs, 0, 60, Lab.Mentor), Booking(Lab.Id<BookingId>(65), 0, 30, Lab.Mentor) with { Machine = Lab.Saw });

        AccessDecision.Denied denied = Denied(Ask(policy, Lab.Tap));

        Assert.Equal("LAS-3", denied.Facts.FreeInstead);
        Assert.StartsWith("La machine LAS-3 est libre. La réservation finit à 11 h.", denied.NextStep.Fr, StringComparison.Ordinal);
        Assert.Null(Denied(Ask(policy, Lab.Tap with { NotFree = [Lab.Printer] })).Facts.FreeInstead);
        Assert.Equal(denied, AccessRules.Decide(denied.Facts));
    }

    [Fact]
    public void A_booking_of_the_pool_comes_to_the_machine_tapped()
    {
        LabPolicy policy = Pools(Booking(Mine, -5, 60, Lab.Maker) with { Machine = Lab.Saw, Pool = Pool });

        AccessDecision.Granted granted = Lab.Granted(Ask(policy, Lab.Tap));

        Assert.Equal(new BookingClaim(Mine, Lab.Laser, Lab.Saw, [], Lab.Now, Lab.Now + 60 * Minute), BookingClaim.Of(granted));
        Assert.Equal((Lab.Now + 60 * Minute, LimitReason.BookingEnd), (granted.Until, granted.Terms.Limit));
        Assert.Equal(granted, AccessRules.Decide(granted.Facts));
    }

    [Fact]
    public void The_bookings_that_were_here_and_float_go_where_it_was()
    {
        LabPolicy policy = Pools(
            Booking(Mine, -5, 60, Lab.Maker) with { Machine = Lab.Saw, Pool = Pool }, Booking(Theirs, 30, 90, Lab.Mentor) with { Pool = Pool });

        AccessDecision.Granted granted = Lab.Granted(Ask(policy, Lab.Tap));

        Assert.Equal([Theirs], BookingClaim.Of(granted)!.Swapped);
        Assert.Equal((Lab.Now + 60 * Minute, LimitReason.BookingEnd), (granted.Until, granted.Terms.Limit));

        // From now on each has its place, whatever the copy of the rules still says.
        AccessRequest after = Lab.Tap with { Claims = [BookingClaim.Of(granted)!], Now = Lab.Now + 31 * Minute, Badge = new BadgeMatch.Known(Lab.MentorBadge) };
        Assert.Equal(AccessReason.ReservedByOther, Denied(Ask(policy, after)).Reason);
        Assert.Equal(Theirs, Lab.Granted(Ask(policy, after with { Machine = Lab.Saw })).Terms.Booking);
    }

    [Fact]
    public void Where_the_machine_is_taken_for_good_the_booking_stays_where_it_is()
    {
        LabPolicy policy = Pools(Booking(Mine, -5, 60, Lab.Maker) with { Machine = Lab.Saw, Pool = Pool }, Booking(Theirs, 30, 90, Lab.Mentor));

        AccessDecision.Granted walkUp = Lab.Granted(Ask(policy, Lab.Tap));

        Assert.Null(BookingClaim.Of(walkUp));
        Assert.Equal((Lab.Now + 30 * Minute, LimitReason.NextBooking), (walkUp.Until, walkUp.Terms.Limit));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_booking_that_is_claimed_or_of_no_pool_does_not_move(bool pooled)
    {
        BookingRule kept = Booking(Mine, -5, 60, Lab.Maker) with
        {
            Machine = Lab.Saw, Pool = pooled ? Pool : null, ClaimedAt = pooled ? Lab.Now - Minute : null,
        };

        Assert.Null(Lab.Granted(Ask(Pools(kept), Lab.Tap)).Terms.Booking);
    }

    [Fact]
    public void What_booking_made_of_the_claim_counts_once_it_is_known()
    {
        BookingClaim claim = new(Mine, Lab.Laser, Lab.Saw, [], Lab.Now, Lab.Now + 60 * Minute);
        LabPolicy policy = Pools(Booking(Mine, -5, 60, Lab.Mentor) with { Machine = Lab.Saw, Pool = Pool, ClaimedAt = Lab.Now });

        Assert.IsType<AccessDecision.Granted>(Ask(policy, Lab.Tap with { Claims = [claim] }));
        Assert.Equal(AccessReason.ReservedByOther, Denied(Ask(policy, Lab.Tap with { Machine = Lab.Saw, Claims = [claim] })).Reason);
    }

    private static LabPolicy Pools(params PolicyEntity[] more) => Lab.Policy([Pooled(Lab.Laser, "LAS-1"), Pooled(Lab.Saw, "LAS-2"), .. more]);

    private static MachineRule Pooled(MachineId machine, string code) =>
        Lab.LaserRule with { Id = machine, Code = code, Requirement = null, Pool = Pool };

    private static BookingRule Booking(BookingId id, int from, int until, PersonId person) => new()
    {
        Id = id, Machine = Lab.Laser, People = [person], Start = Lab.Now + from * Minute, End = Lab.Now + until * Minute,
    };

    private static AccessDecision Ask(LabPolicy policy, AccessRequest request) => AccessRules.Ask(policy, request);

    private static AccessDecision.Denied Denied(AccessDecision decision) => Assert.IsType<AccessDecision.Denied>(decision);
}
