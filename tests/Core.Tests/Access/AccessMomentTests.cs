using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>What holds only at this moment: hours, bookings, other machines, quota, presence, project, and the ends that follow.</summary>
public sealed class AccessMomentTests
{
    private static readonly Duration Hour = Duration.FromHours(1);
    private static readonly Duration Moment = Duration.FromMilliseconds(1);

    [Fact]
    public void A_machine_is_open_from_the_first_moment_to_the_last_excluded()
    {
        LabPolicy policy = Lab.Policy(Open((0, 2), (5, 6)));

        Assert.Equal(AccessReason.ClosedNow, Reason(policy, Lab.Tap with { Now = Lab.Now - Moment }));
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Closing), End(policy, Lab.Tap));
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Closing), End(policy, Lab.Tap with { Now = Lab.Now + 2 * Hour - Moment }));
        Assert.Equal(AccessReason.ClosedNow, Reason(policy, Lab.Tap with { Now = Lab.Now + 2 * Hour }));
        Assert.Equal(AccessReason.ClosedNow, Reason(policy, Lab.Tap with { Now = Lab.Now + 6 * Hour }));
        Assert.Equal(AccessReason.ClosedNow, Reason(Lab.Policy(Open()), Lab.Tap));
    }

    [Fact]
    public void A_closed_machine_says_when_it_opens()
    {
        LabPolicy policy = Lab.Policy(Open((0, 2), (5, 6), (29, 30)));

        Assert.Equal("Elle ouvre à 15 h.", Denied(policy, Lab.Tap with { Now = Lab.Now + 3 * Hour }).NextStep.Fr);
        Assert.Equal("It opens on 11 March at 15:00.", Denied(policy, Lab.Tap with { Now = Lab.Now + 7 * Hour }).NextStep.En);
        Assert.Equal("Regardez les horaires.", Denied(policy, Lab.Tap with { Now = Lab.Now + 40 * Hour }).NextStep.Fr);
    }

    [Fact]
    public void Openings_that_touch_are_one()
    {
        LabPolicy policy = Lab.Policy(Open((0, 2), (2, 3), (3, 5), (6, 7)));

        Assert.Equal((Lab.Now + 5 * Hour, LimitReason.Closing), End(policy, Lab.Tap));
        Assert.Equal((Lab.Now + 5 * Hour, LimitReason.Closing), End(policy, Lab.Tap with { Now = Lab.Now + 2 * Hour }));
    }

    [Fact]
    public void Booked_hours_are_for_who_has_booked_and_until_the_booking_ends()
    {
        MachineRule hours = Kept((0, 6, OpeningKind.Booked, null), (6, 8, OpeningKind.OpenLab, null));
        BookingRule own = Booking(1, 3, Lab.Maker);

        Assert.Equal("À cette heure, il faut avoir réservé.", Denied(Lab.Policy(hours), Lab.Tap).Sentence.Fr);
        Assert.Equal("Vous pourrez l’utiliser à 16 h.", Denied(Lab.Policy(hours), Lab.Tap).NextStep.Fr);
        Assert.Equal("Vous pourrez l’utiliser à 11 h.", Denied(Lab.Policy(hours, own), Lab.Tap).NextStep.Fr);
        Assert.Equal((Lab.Now + 3 * Hour, LimitReason.BookingEnd), End(Lab.Policy(hours, own), Lab.Tap with { Now = Lab.Now + Hour }));
        Assert.Equal(AccessReason.KeptForOthers, Reason(Lab.Policy(hours, own), Lab.Tap with { Now = Lab.Now + 3 * Hour, Purpose = AccessPurpose.Continue }));
        Assert.Equal((Lab.Now + 8 * Hour, LimitReason.Closing), End(Lab.Policy(hours), Lab.Tap with { Now = Lab.Now + 6 * Hour }));
        Assert.Equal((Lab.Now + 7 * Hour, LimitReason.BookingEnd), End(Lab.Policy(hours, Booking(4, 7, Lab.Maker)), Lab.Tap with { Now = Lab.Now + 4 * Hour }));
        Assert.Equal(AccessReason.ClosedNow, Reason(Lab.Policy(hours, Booking(7, 9, Lab.Maker)), Lab.Tap with { Now = Lab.Now + 8 * Hour }));
        Assert.Equal("Réservez la machine, puis revenez.", Denied(Lab.Policy(Kept((0, 6, OpeningKind.Booked, null))), Lab.Tap).NextStep.Fr);
    }

    [Fact]
    public void Group_hours_are_for_its_people_and_the_team_and_staff_hours_for_the_team()
    {
        MachineRule hours = Kept((0, 2, OpeningKind.Groups, "sacs"), (2, 3, OpeningKind.Groups, null), (3, 4, OpeningKind.StaffOnly, null));
        PersonRule member = Lab.MakerRule with { Groups = ["sacs"] };
        PersonRule other = Lab.MakerRule with { Groups = ["lampes"] };
        PersonRule team = Lab.MakerRule with { Team = true };

        Assert.Equal((Lab.Now + 3 * Hour, LimitReason.Closing), End(Lab.Policy(hours, member), Lab.Tap));
        Assert.Equal("Vous pourrez l’utiliser à 12 h.", Denied(Lab.Policy(hours, other), Lab.Tap).NextStep.Fr);
        Assert.Equal((Lab.Now + 4 * Hour, LimitReason.Closing), End(Lab.Policy(hours, team), Lab.Tap));
        Assert.Equal("Cette heure est réservée à un groupe.", Denied(Lab.Policy(hours), Lab.Tap).Sentence.Fr);
        Assert.Equal("This hour is reserved for the team.", Denied(Lab.Policy(hours, member), Lab.Tap with { Now = Lab.Now + 3 * Hour }).Sentence.En);
        Assert.Equal((Lab.Now + 4 * Hour, LimitReason.BookingEnd), End(Lab.Policy(hours, Booking(3, 4, Lab.Maker)), Lab.Tap with { Now = Lab.Now + 3 * Hour }));
    }

    [Fact]
    public void A_machine_that_runs_on_starts_in_open_hours_and_does_not_stop_at_closing()
    {
        MachineRule hours = Lab.LaserRule with { Opening = new OpeningRule.Within([new OpenInterval(Lab.Now, Lab.Now + Hour)], RunsOn: true) };

        Assert.NotEqual(LimitReason.Closing, End(Lab.Policy(hours), Lab.Tap).Why);
        Assert.Null(AccessRules.Gather(Lab.Policy(hours), Lab.Tap).ClosesAt);
        Assert.Equal(AccessReason.ClosedNow, Reason(Lab.Policy(hours), Lab.Tap with { Now = Lab.Now + Hour }));
        Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(Lab.Policy(hours), Lab.Tap with { Now = Lab.Now + Hour, Purpose = AccessPurpose.Continue }));
    }

    [Fact]
    public void A_booking_of_somebody_else_keeps_the_machine_from_start_to_end_excluded()
    {
        LabPolicy policy = Lab.Policy(Booking(1, 2, Lab.Mentor));

        Assert.Equal((Lab.Now + Hour, LimitReason.NextBooking), End(policy, Lab.Tap));
        Assert.Equal(AccessReason.ReservedByOther, Reason(policy, Lab.Tap with { Now = Lab.Now + Hour }));
        Assert.Equal(AccessReason.ReservedByOther, Reason(policy, Lab.Tap with { Now = Lab.Now + 2 * Hour - Moment }));
        Assert.Equal(LimitReason.Membership, End(policy, Lab.Tap with { Now = Lab.Now + 2 * Hour }).Why);
        Assert.Equal("La réservation finit à 12 h.", Denied(policy, Lab.Tap with { Now = Lab.Now + Hour }).NextStep.Fr);
    }

    [Fact]
    public void A_booking_for_nobody_keeps_the_machine_from_everybody() =>
        Assert.Equal(AccessReason.ReservedByOther, Reason(Lab.Policy(Booking(0, 1)), Lab.Tap));

    [Fact]
    public void Ones_own_booking_opens_the_machine_and_is_recorded()
    {
        LabPolicy policy = Lab.Policy(Booking(0, 1, Lab.Mentor, Lab.Maker), Booking(1, 2, Lab.Maker), Booking(3, 4, Lab.Mentor));

        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(policy, Lab.Tap));

        Assert.Equal(Lab.Id<BookingId>(60), granted.Terms.Booking);
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.BookingEnd), (granted.Until, granted.Terms.Limit));
    }

    [Theory]
    [InlineData(BookingEnd.StopWhenIdle, 1, LimitReason.BookingEnd)]
    [InlineData(BookingEnd.LetFinish, 1, LimitReason.BookingEnd)]
    [InlineData(BookingEnd.ExtendIfFree, 3, LimitReason.NextBooking)]
    public void The_end_of_ones_booking_ends_the_use_unless_the_machine_is_extended(BookingEnd rule, int hours, LimitReason why)
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { BookingEnd = rule }, Booking(0, 1, Lab.Maker), Booking(3, 4, Lab.Mentor));

        Assert.Equal((Lab.Now + hours * Hour, why), End(policy, Lab.Tap));
    }

    [Fact]
    public void An_extension_ends_at_closing_and_there_is_none_directly_before_another_booking()
    {
        MachineRule extended = Open((0, 2)) with { BookingEnd = BookingEnd.ExtendIfFree };

        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Closing), End(Lab.Policy(extended, Booking(0, 1, Lab.Maker)), Lab.Tap));
        Assert.Equal(
            (Lab.Now + Hour, LimitReason.BookingEnd),
            End(Lab.Policy(extended, Booking(0, 1, Lab.Maker), Booking(1, 2, Lab.Mentor)), Lab.Tap));
    }

    [Fact]
    public void A_booking_past_the_closing_hour_goes_on_only_where_work_finishes_by_itself()
    {
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Closing), End(Lab.Policy(Open((0, 2)), Booking(0, 9, Lab.Maker)), Lab.Tap));
        Assert.Equal(
            (Lab.Now + 9 * Hour, LimitReason.BookingEnd),
            End(Lab.Policy(Open((0, 2)) with { BookingEnd = BookingEnd.LetFinish }, Booking(0, 9, Lab.Maker)), Lab.Tap));
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Closing), End(Lab.Policy(Open((0, 2)) with { BookingEnd = BookingEnd.LetFinish }), Lab.Tap));
    }

    [Fact]
    public void A_booking_nobody_came_for_is_free_from_its_release()
    {
        LabPolicy policy = Lab.Policy(Booking(0, 2, Lab.Mentor) with { ReleasedAt = Lab.Now + Hour });

        Assert.Equal(AccessReason.ReservedByOther, Reason(policy, Lab.Tap with { Now = Lab.Now + Hour - Moment }));
        Assert.Equal(LimitReason.Membership, End(policy, Lab.Tap with { Now = Lab.Now + Hour }).Why);
    }

    [Fact]
    public void Bookings_come_in_any_order_and_the_next_one_counts()
    {
        LabPolicy policy = Lab.Policy(Booking(5, 6, Lab.Mentor), Booking(2, 3, Lab.Mentor), Booking(-3, -2, Lab.Mentor), Booking(3, 4, Lab.Mentor));

        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.NextBooking), End(policy, Lab.Tap));
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void A_machine_in_use_changes_hands_only_at_rest_and_where_that_is_allowed(bool working, bool handover, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { Handover = handover });

        AccessReason? reason = Reason(policy, Lab.Tap with { Occupied = new Occupancy(Lab.Mentor, working) });

        Assert.Equal(granted ? null : AccessReason.MachineInUse, reason);
        Assert.Null(Reason(policy, Lab.Tap with { Occupied = new Occupancy(Lab.Maker, working) }));
    }

    [Fact]
    public void One_attended_machine_at_a_time()
    {
        LabPolicy policy = Lab.Policy();

        AccessDecision.Denied denied = Denied(policy, Lab.Tap with { RunningElsewhere = [Lab.Printer, Lab.Saw] });

        Assert.Equal(AccessReason.RunningElsewhere, denied.Reason);
        Assert.Equal("Vous utilisez déjà la machine SCI-1.", denied.Sentence.Fr);
        Assert.Null(Reason(policy, Lab.Tap with { RunningElsewhere = [Lab.Printer] }));
        Assert.Null(Reason(policy, Lab.Tap with { RunningElsewhere = [Lab.Laser, Lab.Id<MachineId>(99)] }));
        Assert.Null(Reason(policy, Lab.Tap with { Machine = Lab.Printer, RunningElsewhere = [Lab.Saw] }));
        Assert.Null(Reason(Lab.Policy(Lab.Site with { OneMachineAtATime = false }), Lab.Tap with { RunningElsewhere = [Lab.Saw] }));
    }

    [Fact]
    public void A_quota_ends_the_use_and_then_the_right_to_start()
    {
        QuotaRule quota = new()
        {
            Id = Lab.Id<QuotaId>(70), Person = Lab.Maker, From = Lab.Now - Hour, Until = Lab.Now + 10 * Hour,
            Allowed = 4 * Hour, Used = 3 * Hour,
        };

        Assert.Equal((Lab.Now + Hour, LimitReason.Quota), End(Lab.Policy(quota), Lab.Tap));
        Assert.Equal(AccessReason.QuotaUsed, Reason(Lab.Policy(quota with { Used = 4 * Hour }), Lab.Tap));
        Assert.Equal(AccessReason.QuotaUsed, Reason(Lab.Policy(quota with { Used = 5 * Hour }), Lab.Tap));
        Assert.Equal("Vous aurez de nouveau du temps à 20 h.", Denied(Lab.Policy(quota with { Used = 5 * Hour }), Lab.Tap).NextStep.Fr);
        Assert.Null(Reason(Lab.Policy(quota with { Used = 5 * Hour, Until = Lab.Now }), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(quota with { Used = 5 * Hour, From = Lab.Now + Moment }), Lab.Tap));
        Assert.Equal(AccessReason.QuotaUsed, Reason(Lab.Policy(quota with { Used = 5 * Hour, From = Lab.Now }), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(quota with { Used = 5 * Hour, Machines = [Lab.Saw] }), Lab.Tap));
        Assert.Equal(AccessReason.QuotaUsed, Reason(Lab.Policy(quota with { Used = 5 * Hour, Machines = [Lab.Saw, Lab.Laser] }), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(quota with { Used = 5 * Hour, Person = Lab.Mentor }), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(quota with { Used = 5 * Hour }), Lab.Tap with { Purpose = AccessPurpose.Continue }));
    }

    [Fact]
    public void The_tightest_of_several_quotas_counts()
    {
        QuotaRule week = new()
        {
            Id = Lab.Id<QuotaId>(70), Person = Lab.Maker, From = Lab.Now, Until = Lab.Now + 10 * Hour, Allowed = 4 * Hour,
        };

        LabPolicy policy = Lab.Policy(week, week with { Id = Lab.Id<QuotaId>(71), Allowed = 2 * Hour }, week with { Id = Lab.Id<QuotaId>(72), Allowed = 3 * Hour });

        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.Quota), End(policy, Lab.Tap));
    }

    [Fact]
    public void Who_has_not_checked_in_is_refused_where_that_is_asked()
    {
        LabPolicy policy = Lab.Without(Lab.MakerHere);

        Assert.Equal(AccessReason.NotCheckedIn, Reason(policy, Lab.Tap));
        Assert.Null(Reason(policy.Apply([PolicyChange.Put(200, Lab.LaserRule with { NeedsCheckIn = false })], Lab.Now), Lab.Tap));
    }

    [Fact]
    public void Who_checks_out_may_not_go_on_unless_nobody_has_to_stay_there()
    {
        LabPolicy policy = Lab.Without(Lab.MakerHere);
        AccessRequest goingOn = Lab.Tap with { Purpose = AccessPurpose.Continue };

        Assert.Equal(AccessReason.NotCheckedIn, Reason(policy, goingOn));
        Assert.Null(Reason(policy, goingOn with { Machine = Lab.Printer }));
    }

    [Fact]
    public void A_project_is_asked_for_only_where_the_machine_wants_one()
    {
        PolicyEntity needs = Lab.LaserRule with { NeedsProject = true };
        PolicyEntity without = Lab.MakerRule with { DefaultProject = null };

        Assert.Null(Reason(Lab.Policy(needs), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(without), Lab.Tap));
        Assert.Equal(AccessReason.ProjectRequired, Reason(Lab.Policy(needs, without), Lab.Tap));
        Assert.Null(Reason(Lab.Policy(needs, without), Lab.Tap with { Project = Lab.Lamp }));
        Assert.Equal(AccessReason.ProjectRequired, Reason(Lab.Policy(needs, without), Lab.Tap with { Project = Lab.Id<ProjectId>(99) }));
        Assert.Equal(AccessReason.ProjectRequired, Reason(Lab.Policy(needs, without), Lab.Tap with { Project = Lab.Chair }));
    }

    [Fact]
    public void The_project_chosen_counts_before_ones_own() =>
        Assert.Equal(
            Lab.Chair,
            Lab.Granted(AccessRules.Ask(Lab.Policy(new ProjectRule { Id = Lab.Chair, Name = "Chaise", People = [Lab.Maker] }), Lab.Tap with { Project = Lab.Chair })).Terms.Project);

    [Fact]
    public void The_earliest_end_counts_and_says_why()
    {
        MachineRule open = Open((0, 8));
        PolicyEntity[] all =
        [
            open with { MaxSession = 9 * Hour },
            Booking(7, 10, Lab.Mentor),
            new QuotaRule { Id = Lab.Id<QuotaId>(70), Person = Lab.Maker, From = Lab.Now, Until = Lab.Now + 99 * Hour, Allowed = 6 * Hour },
            Lab.MakerRule with { MembershipUntil = Lab.Now + 5 * Hour },
            Lab.MakerHabilitation with { ValidUntil = Lab.Now + 4 * Hour },
        ];

        Assert.Equal((Lab.Now + 4 * Hour, LimitReason.Habilitation), End(Lab.Policy(all), Lab.Tap));
        Assert.Equal((Lab.Now + 5 * Hour, LimitReason.Membership), End(Lab.Policy(all[..4]), Lab.Tap));
        Assert.Equal((Lab.Now + 6 * Hour, LimitReason.Quota), End(Lab.Policy(all[..3]), Lab.Tap));
        Assert.Equal((Lab.Now + 7 * Hour, LimitReason.NextBooking), End(Lab.Policy(all[..2]), Lab.Tap));
        Assert.Equal((Lab.Now + 8 * Hour, LimitReason.Closing), End(Lab.Policy(all[..1]), Lab.Tap));
        Assert.Equal((Lab.Now + 3 * Hour, LimitReason.MaxSession), End(Lab.Policy(open with { MaxSession = 3 * Hour }), Lab.Tap));
    }

    [Fact]
    public void A_membership_that_is_not_asked_for_ends_nothing()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { NeedsMembership = false });

        Assert.Null(Lab.Granted(AccessRules.Ask(policy, Lab.Tap)).Until);
    }

    [Fact]
    public void The_companions_habilitation_ends_the_use_too()
    {
        LabPolicy policy = Lab.Policy(Lab.MentorHabilitation with { ValidUntil = Lab.Now + Hour });

        Assert.Equal((Lab.Now + Hour, LimitReason.Habilitation), End(policy, Lab.Pair));
        Assert.Equal(LimitReason.Membership, End(policy, Lab.Tap with { Companion = Lab.Mentor }).Why);
    }

    private static MachineRule Kept(params (int From, int Until, OpeningKind Kind, string? Group)[] hours) => Lab.LaserRule with
    {
        Opening = new OpeningRule.Within([.. hours.Select(h => new OpenInterval(Lab.Now + h.From * Hour, Lab.Now + h.Until * Hour, h.Kind, h.Group))]),
    };

    private static MachineRule Open(params (int From, int Until)[] hours) => Lab.LaserRule with
    {
        Opening = new OpeningRule.Within([.. hours.Select(h => new OpenInterval(Lab.Now + h.From * Hour, Lab.Now + h.Until * Hour))]),
    };

    private static BookingRule Booking(int from, int until, params PersonId[] people) => new()
    {
        Id = Lab.Id<BookingId>(60 + from), Machine = Lab.Laser, People = [.. people], Start = Lab.Now + from * Hour, End = Lab.Now + until * Hour,
    };

    private static AccessReason? Reason(LabPolicy policy, AccessRequest request) =>
        (AccessRules.Ask(policy, request) as AccessDecision.Denied)?.Reason;

    private static AccessDecision.Denied Denied(LabPolicy policy, AccessRequest request) =>
        Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, request));

    private static (Instant? At, LimitReason? Why) End(LabPolicy policy, AccessRequest request)
    {
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(policy, request));
        return (granted.Until, granted.Terms.Limit);
    }
}
