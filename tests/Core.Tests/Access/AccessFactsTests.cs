using System.Text.Json;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>Decisions are told by their facts, in one order, in two languages.</summary>
public sealed class AccessFactsTests
{
    [Fact]
    public void The_order_of_reasons_is_the_one_stated()
    {
        Assert.Equal(
            """
            storage_failure machine_unknown locked_out machine_broken machine_unreachable too_many_attempts policy_too_old
            unknown_badge ambiguous_badge badge_lost badge_suspended badge_too_weak
            person_inactive membership_ended age_unknown too_young habilitation_suspended training_missing training_expired
            closed_now kept_for_others reserved_by_other machine_in_use running_elsewhere quota_used
            not_checked_in project_required companion_may_not supervision_ratio too_young_alone needs_accompanying needs_second_person
            """.ReplaceLineEndings(" "),
            string.Join(' ', AccessReasons.All.Select(reason => reason.Code())));
        Assert.All(AccessReasons.All, reason => Assert.Equal(reason, AccessReasons.FromCode(reason.Code())));
        Assert.Null(AccessReasons.FromCode("no_such_reason"));
        Assert.Null(AccessReasons.FromCode(null));
    }

    [Fact]
    public void When_everything_is_wrong_reasons_come_one_after_the_other_as_each_is_settled()
    {
        AccessFacts worst = Worst();
        List<AccessReason> seen = [];
        while (AccessRules.Decide(worst) is AccessDecision.Denied denied)
        {
            seen.Add(denied.Reason);
            Assert.Equal(denied.Reason, AccessRules.Refusals(worst)[0]);
            worst = Settle(worst, denied.Reason);
            Assert.True(seen.Count <= 40, "no reason may stay once it is settled");
        }

        Assert.Equal(seen.Order(), seen);
        AccessReason[] notTogether = [AccessReason.MachineUnknown, AccessReason.AmbiguousBadge, AccessReason.BadgeLost, AccessReason.BadgeSuspended, AccessReason.BadgeTooWeak];
        Assert.Equal(AccessReasons.All.Except(notTogether), seen);
        Assert.Empty(AccessRules.Refusals(worst));
    }

    [Theory]
    [InlineData(AccessPurpose.Continue)]
    [InlineData(AccessPurpose.Preview)]
    public void Going_on_and_looking_ask_less_than_starting(AccessPurpose purpose)
    {
        AccessReason[] continued =
        [
            AccessReason.MachineUnreachable, AccessReason.TooManyAttempts, AccessReason.PolicyTooOld, AccessReason.ReservedByOther,
            AccessReason.MachineInUse, AccessReason.RunningElsewhere, AccessReason.QuotaUsed, AccessReason.ProjectRequired,
        ];
        AccessReason[] previewed =
        [
            .. continued, AccessReason.StorageFailure, AccessReason.ClosedNow, AccessReason.KeptForOthers, AccessReason.NotCheckedIn,
        ];

        AccessReason[] asked = [.. AccessRules.Refusals(Worst() with { Purpose = purpose })];

        AccessReason[] all = [.. AccessRules.Refusals(Worst())];
        Assert.Equal(all.Except(purpose == AccessPurpose.Continue ? continued : previewed), asked);
    }

    [Fact]
    public void Every_reason_has_a_sentence_and_a_next_step_in_both_languages()
    {
        foreach (AccessReason reason in AccessReasons.All)
        {
            foreach (AccessFacts facts in (AccessFacts[])[Worst(), new AccessFacts { Now = Lab.Now }])
            {
                Words sentence = AccessWords.Sentence(reason, facts);
                Words next = AccessWords.NextStep(reason, facts);

                foreach (Words words in (Words[])[sentence, next])
                {
                    Assert.EndsWith(".", words.Fr, StringComparison.Ordinal);
                    Assert.EndsWith(".", words.En, StringComparison.Ordinal);
                    Assert.NotEqual(words.Fr, words.En);
                    Assert.DoesNotContain("{", words.Fr + words.En, StringComparison.Ordinal);
                    Assert.True(words.Fr.Length <= 110, $"{words.Fr} is too long for a display");
                    Assert.DoesNotContain("  ", words.Fr + words.En, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Sentences_say_names_codes_and_dates()
    {
        AccessFacts facts = Worst();

        Assert.Equal("La machine LAS-1 est consignée. Personne ne peut l’utiliser.", AccessWords.Sentence(AccessReason.LockedOut, facts).Fr);
        Assert.Equal("L’adhésion est finie depuis le 1er mars.", AccessWords.Sentence(AccessReason.MembershipEnded, facts).Fr);
        Assert.Equal("The membership ended on 1 March.", AccessWords.Sentence(AccessReason.MembershipEnded, facts).En);
        Assert.Equal("Avant 16 ans, il faut une personne à côté de vous.", AccessWords.Sentence(AccessReason.TooYoungAlone, facts).Fr);
        Assert.Equal("Il faut avoir 12 ans pour cette machine.", AccessWords.Sentence(AccessReason.TooYoung, facts).Fr);
        Assert.Equal("Attendez la fin du travail.", AccessWords.NextStep(AccessReason.MachineInUse, facts).Fr);
        AccessFacts lastYear = facts with { Person = facts.Person! with { MembershipUntil = Instant.FromUtc(2025, 12, 31, 22, 59) } };
        Assert.Equal("L’adhésion est finie depuis le 31 décembre 2025.", AccessWords.Sentence(AccessReason.MembershipEnded, lastYear).Fr);
    }

    [Fact]
    public void A_decision_can_be_derived_again_from_its_stored_facts()
    {
        Gen<AccessFacts> facts = Gen.Choose(0, int.MaxValue - 1).Select(seed => RandomFacts(seed));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(facts.ToArbitrary(), one =>
        {
            AccessDecision decided = AccessRules.Decide(one);
            string stored = JsonSerializer.Serialize(decided, CoreJson.Options);
            AccessDecision read = JsonSerializer.Deserialize<AccessDecision>(stored, CoreJson.Options)!;
            return read.Equals(decided) && AccessRules.Decide(read.Facts).Equals(decided);
        }));
    }

    [Fact]
    public void A_decision_rests_on_nothing_but_its_facts()
    {
        // What was gathered and what is decided from it after a trip through JSON is the same as what was asked directly.
        AccessRequest[] requests = [Lab.Tap, Lab.YoungTap, Lab.Pair, Lab.Tap with { Badge = new BadgeMatch.Unknown() }, Lab.Tap with { Machine = Lab.Saw }];
        foreach (AccessRequest request in requests)
        {
            AccessFacts facts = AccessRules.Gather(Lab.Policy(), request);
            AccessFacts stored = JsonSerializer.Deserialize<AccessFacts>(JsonSerializer.Serialize(facts, CoreJson.Options), CoreJson.Options)!;

            Assert.Equal(facts, stored);
            Assert.Equal(AccessRules.Ask(Lab.Policy(), request), AccessRules.Decide(stored));
        }
    }

    [Fact]
    public void More_training_never_turns_a_yes_into_a_no()
    {
        Gen<(int Seed, HabilitationLevel Before, HabilitationLevel After)> levels =
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from before in Gen.Elements(Enum.GetValues<HabilitationLevel>())
            from after in Gen.Elements(Enum.GetValues<HabilitationLevel>())
            select (seed, before, after);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(levels.ToArbitrary(), pick =>
        {
            HabilitationLevel low = pick.Before < pick.After ? pick.Before : pick.After;
            HabilitationLevel high = pick.Before < pick.After ? pick.After : pick.Before;
            AccessRequest request = pick.Seed % 2 == 0 ? Lab.Tap : Lab.Tap with { Companion = Lab.Mentor };
            bool yesBefore = AccessRules.Ask(Lab.Policy(Lab.MakerHabilitation with { Level = low }), request) is AccessDecision.Granted;
            bool yesAfter = AccessRules.Ask(Lab.Policy(Lab.MakerHabilitation with { Level = high }), request) is AccessDecision.Granted;
            return !yesBefore || yesAfter;
        }));
    }

    /// <summary>Random facts in which much is in order, so that every reason and the yes come up.</summary>
    private static AccessFacts RandomFacts(int seed)
    {
        Random random = new(seed);
        AccessFacts facts = random.Next(3) == 0 ? new Samples(seed, withNulls: true).Make<AccessFacts>() : Worst();
        foreach (AccessReason reason in AccessReasons.All)
        {
            if (facts.Machine is not null && facts.Person is not null && random.Next(12) != 0)
            {
                facts = Settle(facts, reason);
            }
        }

        return facts;
    }

    private static AccessFacts Worst() => new()
    {
        Now = Lab.Now,
        Zone = "Europe/Paris",
        StorageHealthy = false,
        Reachable = false,
        RecentRefusals = 9,
        AttemptLimit = 3,
        PolicyAge = Duration.FromDays(9),
        Badge = BadgeFact.Unknown,
        Open = false,
        KeptFor = OpeningKind.Booked,
        ReservedUntil = Lab.Now + Duration.FromHours(1),
        InUseByOther = true,
        Working = true,
        RunningElsewhere = "SCI-1",
        QuotaLeft = Duration.Zero,
        Machine = new MachineFacts
        {
            Id = Lab.Laser,
            Code = "LAS-1",
            Broken = new Breakdown("tube", Lab.Now),
            LockOut = new LockOut(Lab.Id<LockOutId>(1), "courroie", null, Lab.Now),
            AgeAccompanied = 12,
            AgeAlone = 16,
            NeedsMembership = true,
            NeedsCheckIn = true,
            NeedsProject = true,
            NeedsSecondPerson = true,
            Attended = true,
            MaxPolicyAge = Duration.FromDays(1),
        },
        Person = new PersonFacts
        {
            Id = Lab.Young,
            MembershipUntil = Instant.FromUtc(2026, 3, 1, 9, 0),
            Gap = new TrainingGap(Lab.LaserTraining, "découpe laser", "laser cutting", TrainingState.Suspended, null, null),
        },
        Companion = new CompanionFacts { Id = Lab.Mentor, Minors = 9, MinorsLimit = 2 },
    };

    /// <summary>The facts with one reason out of the way, and nothing else.</summary>
    private static AccessFacts Settle(AccessFacts facts, AccessReason reason)
    {
        MachineFacts machine = facts.Machine!;
        PersonFacts person = facts.Person!;
        return reason switch
        {
            AccessReason.StorageFailure => facts with { StorageHealthy = true },
            AccessReason.LockedOut => facts with { Machine = machine with { LockOut = null } },
            AccessReason.MachineBroken => facts with { Machine = machine with { Broken = null } },
            AccessReason.MachineUnreachable => facts with { Reachable = true },
            AccessReason.TooManyAttempts => facts with { RecentRefusals = 2 },
            AccessReason.PolicyTooOld => facts with { PolicyAge = Duration.FromDays(1) },
            AccessReason.UnknownBadge => facts with { Badge = BadgeFact.Active },
            AccessReason.PersonInactive => facts with { Person = person with { Active = true } },
            AccessReason.MembershipEnded => facts with { Person = person with { MembershipUntil = Lab.Now + Duration.FromMilliseconds(1) } },
            AccessReason.AgeUnknown => facts with { Person = person with { Age = 11 } },
            AccessReason.TooYoung => facts with { Person = person with { Age = 12 } },
            AccessReason.HabilitationSuspended => facts with { Person = person with { Gap = person.Gap is { } gap ? gap with { State = TrainingState.Missing } : null } },
            AccessReason.TrainingMissing => facts with { Person = person with { Gap = person.Gap is { } gap ? gap with { State = TrainingState.Expired } : null } },
            AccessReason.TrainingExpired => facts with { Person = person with { Gap = null, Level = HabilitationLevel.Accompanied } },
            AccessReason.ClosedNow => facts with { Open = true },
            AccessReason.KeptForOthers => facts with { KeptFor = null },
            AccessReason.ReservedByOther => facts with { ReservedUntil = null },
            AccessReason.MachineInUse => facts with { InUseByOther = false },
            AccessReason.RunningElsewhere => facts with { RunningElsewhere = null },
            AccessReason.QuotaUsed => facts with { QuotaLeft = Duration.FromMilliseconds(1) },
            AccessReason.NotCheckedIn => facts with { Person = person with { Present = true } },
            AccessReason.ProjectRequired => facts with { Project = Lab.Lamp },
            AccessReason.CompanionMayNot => facts with
            {
                Companion = (facts.Companion ?? new CompanionFacts()) with { Active = true, Adult = true, Member = true, Level = HabilitationLevel.Trainer },
            },
            AccessReason.SupervisionRatio => facts with { Companion = null },
            AccessReason.TooYoungAlone => facts with { Person = person with { Age = 16 } },
            AccessReason.NeedsAccompanying => facts with { Person = person with { Level = HabilitationLevel.Autonomous } },
            AccessReason.NeedsSecondPerson => facts with { Machine = machine with { NeedsSecondPerson = false } },
            _ => facts,
        };
    }
}
