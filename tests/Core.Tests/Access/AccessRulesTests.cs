using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>Each rule alone, at its edges.</summary>
public sealed class AccessRulesTests
{
    private static readonly Duration Day = Duration.FromDays(1);
    private static readonly Duration Moment = Duration.FromMilliseconds(1);

    [Fact]
    public void A_maker_with_everything_in_order_may_use_the_machine()
    {
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(Lab.Policy(), Lab.Tap));

        Assert.Equal(new AccessTerms(Lab.Maker, Lab.MakerBadge, null, null, Lab.Lamp, null, LimitReason.Membership), granted.Terms);
        Assert.Equal(Lab.MakerRule.MembershipUntil, granted.Until);
        Assert.Equal([Lab.MakerHabilitation.Id], granted.Facts.Person!.Habilitations);
        Assert.Equal(7, granted.Facts.Revision);
    }

    [Fact]
    public void Nothing_is_granted_when_nothing_can_be_written_down() =>
        Refused(AccessReason.StorageFailure, Lab.Policy(), Lab.Tap with { StorageHealthy = false });

    [Fact]
    public void A_machine_that_the_policy_does_not_know_is_refused()
    {
        Refused(AccessReason.MachineUnknown, Lab.Policy(), Lab.Tap with { Machine = Lab.Id<MachineId>(99) });
        Refused(AccessReason.MachineUnknown, LabPolicy.Empty, Lab.Tap);
        Refused(AccessReason.MachineUnknown, Lab.Policy(), Lab.Tap with { Machine = default, Purpose = AccessPurpose.Preview });
    }

    [Fact]
    public void A_locked_out_machine_is_refused_whoever_knows_of_the_lock_out()
    {
        LockOut lockOut = new(Lab.Id<LockOutId>(1), "courroie", Lab.Mentor, Lab.Now);

        AccessDecision.Denied byPolicy = Refused(AccessReason.LockedOut, Lab.Policy(Lab.LaserRule with { LockOut = lockOut }), Lab.Tap);
        AccessDecision.Denied bySession = Refused(AccessReason.LockedOut, Lab.Policy(), Lab.Tap with { LockOut = lockOut });

        Assert.Equal(lockOut, byPolicy.Facts.Machine!.LockOut);
        Assert.Equal(lockOut, bySession.Facts.Machine!.LockOut);
    }

    [Fact]
    public void A_lock_out_that_waits_lets_the_use_go_on_and_nothing_begin()
    {
        LockOut waiting = new(Lab.Id<LockOutId>(1), "courroie", Lab.Mentor, Lab.Now, Mode: LockOutMode.WhenIdle);
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { LockOut = waiting });

        Refused(AccessReason.LockedOut, policy, Lab.Tap);
        Lab.Granted(AccessRules.Ask(policy, Lab.Tap with { Purpose = AccessPurpose.Continue }));
        Refused(
            AccessReason.LockedOut,
            Lab.Policy(Lab.LaserRule with { LockOut = waiting with { Mode = LockOutMode.Immediate } }),
            Lab.Tap with { Purpose = AccessPurpose.Continue });
    }

    [Fact]
    public void A_broken_machine_is_refused() =>
        Refused(AccessReason.MachineBroken, Lab.Policy(Lab.LaserRule with { Broken = new Breakdown("tube", Lab.Now) }), Lab.Tap);

    [Fact]
    public void A_machine_out_of_reach_starts_nothing_and_goes_on_by_its_own_rule()
    {
        Refused(AccessReason.MachineUnreachable, Lab.Policy(), Lab.Tap with { Reachable = false });
        Lab.Granted(AccessRules.Ask(Lab.Policy(), Lab.Tap with { Reachable = false, Purpose = AccessPurpose.Continue }));
    }

    [Theory]
    [InlineData(2, 3, true)]
    [InlineData(3, 3, false)]
    [InlineData(99, 0, true)]
    public void Too_many_refused_taps_make_a_badge_wait(int refusals, int limit, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.Site with { AttemptLimit = limit });

        Check(granted, AccessReason.TooManyAttempts, policy, Lab.Tap with { RecentRefusals = refusals });
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_policy_older_than_the_machine_allows_starts_nothing(long msTooOld, bool granted)
    {
        Instant now = Lab.Now - Duration.FromMinutes(1) + Lab.LaserRule.MaxPolicyAge + Duration.FromMilliseconds(msTooOld);
        LabPolicy policy = Lab.Policy(Lab.MakerRule with { MembershipUntil = now + Day });

        Check(granted, AccessReason.PolicyTooOld, policy, Lab.Tap with { Now = now });
        Lab.Granted(AccessRules.Ask(policy, Lab.Tap with { Now = now, Purpose = AccessPurpose.Continue }));
    }

    [Fact]
    public void A_policy_from_the_future_of_a_slow_clock_is_not_too_old() =>
        Lab.Granted(AccessRules.Ask(Lab.Policy(), Lab.Tap with { Now = Lab.Now - Duration.FromMinutes(5) }));

    [Fact]
    public void A_badge_that_leads_to_nobody_is_unknown()
    {
        Refused(AccessReason.UnknownBadge, Lab.Policy(), Lab.Tap with { Badge = new BadgeMatch.Unknown() });
        Refused(AccessReason.UnknownBadge, Lab.Policy(), Lab.Tap with { Badge = new BadgeMatch.Known(Lab.Id<BadgeId>(99)) });
        Refused(AccessReason.UnknownBadge, Lab.Policy(), Lab.Tap with { Badge = null, Person = null });
        Refused(AccessReason.UnknownBadge, Lab.Policy(), Lab.Tap with { Badge = null, Person = Lab.Id<PersonId>(99) });
        Refused(AccessReason.UnknownBadge, Lab.Without(Lab.MakerRule), Lab.Tap);
        AccessDecision.Denied drawer = Refused(AccessReason.UnknownBadge, Lab.Policy(Lab.MakerBadgeRule with { Person = null }), Lab.Tap);
        Assert.Equal(Lab.MakerBadge, drawer.Facts.BadgeId);
    }

    [Fact]
    public void An_ambiguous_badge_is_refused_as_such() =>
        Refused(AccessReason.AmbiguousBadge, Lab.Policy(), Lab.Tap with { Badge = new BadgeMatch.Ambiguous() });

    [Fact]
    public void A_lost_and_a_suspended_badge_are_refused_each_in_its_words()
    {
        Refused(AccessReason.BadgeLost, Lab.Policy(Lab.MakerBadgeRule with { State = BadgeState.Lost }), Lab.Tap);
        Refused(AccessReason.BadgeSuspended, Lab.Policy(Lab.MakerBadgeRule with { State = BadgeState.Suspended }), Lab.Tap);
    }

    [Theory]
    [InlineData(BadgeAssurance.Number, BadgeAssurance.Number, true)]
    [InlineData(BadgeAssurance.Number, BadgeAssurance.Authenticated, false)]
    [InlineData(BadgeAssurance.Authenticated, BadgeAssurance.Number, true)]
    [InlineData(BadgeAssurance.Authenticated, BadgeAssurance.Authenticated, true)]
    public void A_machine_asks_for_a_badge_that_is_hard_enough_to_copy(BadgeAssurance badge, BadgeAssurance least, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { MinAssurance = least }, Lab.MakerBadgeRule with { Assurance = badge });

        Check(granted, AccessReason.BadgeTooWeak, policy, Lab.Tap);
        Check(granted, AccessReason.BadgeTooWeak, policy, Lab.Tap with { Purpose = AccessPurpose.Continue });
        // Whoever is known without a badge has proved more than a number.
        Lab.Granted(AccessRules.Ask(policy, Lab.Tap with { Badge = null, Person = Lab.Maker }));
    }

    [Fact]
    public void A_weak_badge_is_told_what_to_ask_for()
    {
        AccessDecision.Denied denied = Refused(
            AccessReason.BadgeTooWeak, Lab.Policy(Lab.LaserRule with { MinAssurance = BadgeAssurance.Authenticated }), Lab.Tap);

        Assert.Equal("badge_too_weak", denied.Code);
        Assert.Equal("Cette machine demande un badge plus sûr.", denied.Sentence.Fr);
        Assert.Equal("Ask for a protected badge at the front desk.", denied.NextStep.En);
    }

    [Fact]
    public void Who_stands_beside_needs_as_good_a_badge()
    {
        MachineRule strict = Lab.LaserRule with { MinAssurance = BadgeAssurance.Authenticated };
        BadgeRule young = Lab.YoungBadgeRule with { Assurance = BadgeAssurance.Authenticated };

        Refused(AccessReason.CompanionMayNot, Lab.Policy(strict, young), Lab.Pair);
        Lab.Granted(AccessRules.Ask(Lab.Policy(strict, young, Lab.MentorBadgeRule with { Assurance = BadgeAssurance.Authenticated }), Lab.Pair));
    }

    [Fact]
    public void A_person_who_is_not_active_is_refused() =>
        Refused(AccessReason.PersonInactive, Lab.Policy(Lab.MakerRule with { Active = false }), Lab.Tap);

    [Theory]
    [InlineData(1L, true, true)]
    [InlineData(0L, true, false)]
    [InlineData(null, true, false)]
    [InlineData(null, false, true)]
    public void A_membership_holds_until_its_end_excluded(long? msLeft, bool needed, bool granted)
    {
        LabPolicy policy = Lab.Policy(
            Lab.LaserRule with { NeedsMembership = needed },
            Lab.MakerRule with { MembershipUntil = msLeft is { } ms ? Lab.Now + Duration.FromMilliseconds(ms) : null });

        Check(granted, AccessReason.MembershipEnded, policy, Lab.Tap);
        Check(granted, AccessReason.MembershipEnded, policy, Lab.Tap with { Purpose = AccessPurpose.Continue });
    }

    [Theory]
    [InlineData(12, 16, false)]
    [InlineData(null, 16, false)]
    [InlineData(12, null, false)]
    [InlineData(null, null, true)]
    public void Where_there_is_an_age_limit_an_unknown_age_is_refused(int? accompanied, int? alone, bool granted)
    {
        LabPolicy policy = Lab.Policy(
            Lab.LaserRule with { AgeAccompanied = accompanied, AgeAlone = alone },
            Lab.MakerRule with { Adult = false, BirthDate = null });

        Check(granted, AccessReason.AgeUnknown, policy, Lab.Tap);
    }

    [Theory]
    // The young person turns 14 on this day.
    [InlineData(14, true)]
    [InlineData(15, false)]
    [InlineData(null, true)]
    public void Too_young_even_with_somebody_beside(int? accompaniedFrom, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { AgeAccompanied = accompaniedFrom });

        Check(granted, AccessReason.TooYoung, policy, Lab.Pair);
    }

    [Fact]
    public void A_birthday_falls_in_the_zone_of_the_site()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { AgeAccompanied = 14 }, Lab.YoungRule with { BirthDate = new LocalDate(2012, 3, 11) });
        Instant midnightInParis = Instant.FromUtc(2026, 3, 10, 23, 0);

        Refused(AccessReason.TooYoung, policy, Lab.Pair with { Now = midnightInParis - Moment });
        Lab.Granted(AccessRules.Ask(policy, Lab.Pair with { Now = midnightInParis }));
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(15, false)]
    [InlineData(null, true)]
    public void Too_young_alone_asks_for_a_second_badge(int? aloneFrom, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { AgeAlone = aloneFrom });

        AccessDecision decision = AccessRules.Ask(policy, Lab.YoungTap);

        Assert.Equal(granted, decision is AccessDecision.Granted);
        if (decision is AccessDecision.Denied denied)
        {
            Assert.Equal(AccessReason.TooYoungAlone, denied.Reason);
            Assert.True(denied.AsksForCompanion);
        }
    }

    [Fact]
    public void A_date_of_birth_eighteen_years_back_makes_an_adult()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { AgeAlone = 60 }, Lab.YoungRule with { BirthDate = new LocalDate(2008, 3, 10) });

        Lab.Granted(AccessRules.Ask(policy, Lab.YoungTap));
    }

    [Fact]
    public void A_date_of_birth_in_the_future_is_age_zero() =>
        Refused(AccessReason.TooYoung, Lab.Policy(Lab.YoungRule with { BirthDate = new LocalDate(2030, 1, 1) }), Lab.Pair);

    [Fact]
    public void A_suspended_habilitation_is_refused_even_where_learners_are_welcome()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { LearnersWelcome = true }, Lab.MakerHabilitation with { Suspended = true });

        Refused(AccessReason.HabilitationSuspended, policy, Lab.Tap);
        Refused(AccessReason.HabilitationSuspended, policy, Lab.Tap with { Companion = Lab.Mentor });
    }

    [Fact]
    public void Badge_without_training_is_refused_and_says_which_training()
    {
        AccessDecision.Denied denied = Refused(AccessReason.TrainingMissing, Lab.Without(Lab.MakerHabilitation), Lab.Tap);

        Assert.Equal("La formation découpe laser manque.", denied.Sentence.Fr);
        Assert.Equal("Prochaine date : le 12 mars.", denied.NextStep.Fr);
        Assert.Equal("The training laser cutting is missing.", denied.Sentence.En);
        Assert.Equal("Next date: 12 March.", denied.NextStep.En);
    }

    [Theory]
    [InlineData(-1, 1, true)]
    [InlineData(0, 1, true)]
    [InlineData(1, 2, false)]
    public void A_training_counts_from_its_first_moment(int fromMs, int untilMs, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.MakerHabilitation with
        {
            ValidFrom = Lab.Now + Duration.FromMilliseconds(fromMs), ValidUntil = Lab.Now + Duration.FromMilliseconds(untilMs),
        });

        Check(granted, AccessReason.TrainingMissing, policy, Lab.Tap);
    }

    [Fact]
    public void An_expired_training_says_since_when()
    {
        LabPolicy policy = Lab.Policy(Lab.MakerHabilitation with { ValidUntil = Lab.Now });

        AccessDecision.Denied denied = Refused(AccessReason.TrainingExpired, policy, Lab.Tap);

        Assert.Equal("La formation découpe laser n’est plus valable depuis le 10 mars.", denied.Sentence.Fr);
    }

    [Fact]
    public void A_past_date_is_no_next_date()
    {
        LabPolicy policy = Lab.Without(Lab.MakerHabilitation)
            .Apply([PolicyChange.Put(200, Lab.Training with { NextSession = Lab.Now })], Lab.Now);

        Assert.Equal("Demandez la prochaine date à l’équipe.", Refused(AccessReason.TrainingMissing, policy, Lab.Tap).NextStep.Fr);
    }

    [Theory]
    [InlineData(HabilitationLevel.None, AccessReason.TrainingMissing)]
    [InlineData(HabilitationLevel.Accompanied, AccessReason.NeedsAccompanying)]
    [InlineData(HabilitationLevel.Autonomous, null)]
    [InlineData(HabilitationLevel.Trainer, null)]
    public void The_level_of_a_habilitation_decides_whether_one_may_alone(HabilitationLevel level, AccessReason? reason)
    {
        AccessDecision decision = AccessRules.Ask(Lab.Policy(Lab.MakerHabilitation with { Level = level }), Lab.Tap);

        Assert.Equal(reason, (decision as AccessDecision.Denied)?.Reason);
    }

    [Theory]
    [InlineData(true, AccessReason.NeedsAccompanying)]
    [InlineData(false, AccessReason.TrainingMissing)]
    public void A_learner_without_training_needs_somebody_beside_where_learners_are_welcome(bool welcome, AccessReason reason)
    {
        LabPolicy policy = Lab.Without(Lab.MakerHabilitation).Apply([PolicyChange.Put(200, Lab.LaserRule with { LearnersWelcome = welcome })], Lab.Now);

        Refused(reason, policy, Lab.Tap);
        AccessDecision with = AccessRules.Ask(policy, Lab.Tap with { CompanionBadge = new BadgeMatch.Known(Lab.MentorBadge) });
        Assert.Equal(welcome, with is AccessDecision.Granted);
    }

    [Fact]
    public void A_machine_for_two_asks_for_a_second_badge_even_of_the_autonomous()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { NeedsSecondPerson = true });

        Assert.True(Refused(AccessReason.NeedsSecondPerson, policy, Lab.Tap).AsksForCompanion);
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(policy, Lab.Tap with { CompanionBadge = new BadgeMatch.Known(Lab.MentorBadge) }));
        Assert.Equal((Lab.Mentor, Lab.MentorBadge), (granted.Terms.Companion, granted.Terms.CompanionBadge));
    }

    [Fact]
    public void A_companion_who_is_not_needed_is_not_recorded()
    {
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(Lab.Policy(), Lab.Tap with { Companion = Lab.Stranger }));

        Assert.Null(granted.Terms.Companion);
    }

    [Fact]
    public void A_mentor_accompanies_a_young_person()
    {
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(Lab.Policy(), Lab.Pair));

        Assert.Equal((Lab.Young, Lab.Mentor), (granted.Terms.Person, granted.Terms.Companion));
    }

    public static TheoryData<string, PolicyEntity[], AccessRequest> Companions() => new()
    {
        { "unknown badge", [], Lab.Pair with { CompanionBadge = new BadgeMatch.Unknown() } },
        { "badge of nobody", [Lab.MentorBadgeRule with { Person = null }], Lab.Pair },
        { "suspended badge", [Lab.MentorBadgeRule with { State = BadgeState.Suspended }], Lab.Pair },
        { "lost badge", [Lab.MentorBadgeRule with { State = BadgeState.Lost }], Lab.Pair },
        { "not active", [Lab.MentorRule with { Active = false }], Lab.Pair },
        { "not an adult", [Lab.MentorRule with { Adult = false }], Lab.Pair },
        { "membership ended", [Lab.MentorRule with { MembershipUntil = Lab.Now }], Lab.Pair },
        { "learner", [Lab.MentorHabilitation with { Level = HabilitationLevel.Accompanied }], Lab.Pair },
        { "training expired", [Lab.MentorHabilitation with { ValidUntil = Lab.Now }], Lab.Pair },
        { "may not accompany", [Lab.MentorRule with { MayAccompany = false }], Lab.Pair },
        { "oneself", [], Lab.YoungTap with { CompanionBadge = new BadgeMatch.Known(Lab.YoungBadge) } },
        { "oneself without badge", [], Lab.YoungTap with { Companion = Lab.Young } },
    };

    [Theory]
    [MemberData(nameof(Companions))]
    public void Not_everybody_may_accompany(string why, PolicyEntity[] changed, AccessRequest request)
    {
        Assert.NotEmpty(why);
        Refused(AccessReason.CompanionMayNot, Lab.Policy(changed), request);
    }

    [Fact]
    public void A_companion_who_has_not_checked_in_may_not_where_check_in_is_asked()
    {
        Refused(AccessReason.CompanionMayNot, Lab.Without(Lab.MentorHere), Lab.Pair);
        Lab.Granted(AccessRules.Ask(
            Lab.Without(Lab.MentorHere).Apply([PolicyChange.Put(200, Lab.LaserRule with { NeedsCheckIn = false })], Lab.Now), Lab.Pair));
    }

    [Fact]
    public void A_trainer_may_accompany_without_further_leave() =>
        Lab.Granted(AccessRules.Ask(
            Lab.Policy(Lab.MentorRule with { MayAccompany = false }, Lab.MentorHabilitation with { Level = HabilitationLevel.Trainer }), Lab.Pair));

    [Theory]
    [InlineData(1, null, true)]
    [InlineData(2, null, false)]
    [InlineData(2, 3, true)]
    [InlineData(3, 3, false)]
    public void One_adult_accompanies_so_many_minors(int minors, int? own, bool granted)
    {
        LabPolicy policy = Lab.Policy(Lab.MentorRule with { MinorsLimit = own });

        Check(granted, AccessReason.SupervisionRatio, policy, Lab.Pair with { MinorsWithCompanion = minors });
    }

    [Fact]
    public void The_ratio_counts_minors_and_not_grown_learners()
    {
        LabPolicy policy = Lab.Policy(Lab.MakerHabilitation with { Level = HabilitationLevel.Accompanied });

        Lab.Granted(AccessRules.Ask(policy, Lab.Tap with { CompanionBadge = new BadgeMatch.Known(Lab.MentorBadge), MinorsWithCompanion = 9 }));
    }

    [Fact]
    public void A_companion_who_leaves_ends_the_right_to_go_on()
    {
        LabPolicy policy = Lab.Without(Lab.MentorHere).Apply([PolicyChange.Put(200, Lab.LaserRule with { NeedsCheckIn = false })], Lab.Now);
        AccessRequest goingOn = Lab.Pair with { Purpose = AccessPurpose.Continue };

        Refused(AccessReason.CompanionMayNot, policy, goingOn with { CompanionWasPresent = true });
        Lab.Granted(AccessRules.Ask(policy, goingOn));
        Lab.Granted(AccessRules.Ask(
            policy.Apply([PolicyChange.Put(300, Lab.LaserRule with { Attended = false })], Lab.Now), goingOn with { CompanionWasPresent = true }));
    }

    private static AccessDecision.Denied Refused(AccessReason reason, LabPolicy policy, AccessRequest request)
    {
        AccessDecision.Denied denied = Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, request));
        Assert.Equal(reason, denied.Reason);
        return denied;
    }

    private static void Check(bool granted, AccessReason otherwise, LabPolicy policy, AccessRequest request)
    {
        if (granted)
        {
            Lab.Granted(AccessRules.Ask(policy, request));
        }
        else
        {
            Refused(otherwise, policy, request);
        }
    }
}
