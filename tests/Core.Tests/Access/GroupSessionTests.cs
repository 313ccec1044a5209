using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Core.Tests.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>Machines under a séance: a mentor of it stands beside without a badge at each start, by the rules for any companion.</summary>
public sealed class GroupSessionTests
{
    private static readonly Duration Hour = Duration.FromHours(1);
    private static readonly PersonId Other = Lab.Id<PersonId>(16);

    private static readonly GroupSessionRule Session = new()
    {
        Id = Lab.Id<GroupSessionId>(80), Machines = [Lab.Laser, Lab.Printer], People = [Lab.Young], Mentors = [Lab.Mentor], Until = Lab.Now + 2 * Hour,
    };

    private static readonly PolicyEntity[] OtherMentor =
    [
        Lab.MentorRule with { Id = Other, ShortCode = "M03" }, Lab.MentorHabilitation with { Id = Lab.Id<HabilitationId>(54), Person = Other },
        Lab.MentorHere with { Person = Other },
    ];

    private static readonly AccessRequest GoesOn = Lab.YoungTap with
    {
        Purpose = AccessPurpose.Continue, Companion = Lab.Mentor, CompanionWasPresent = true, GroupSession = Session.Id,
    };

    [Fact]
    public void Somebody_of_the_list_starts_with_one_tap_and_the_mentor_is_noted_as_beside_until_the_end_of_the_session()
    {
        AccessDecision.Granted granted = Lab.Granted(AccessRules.Ask(Lab.Policy(Session), Lab.YoungTap));

        Assert.Equal((Lab.Mentor, null, Session.Id), (granted.Terms.Companion, granted.Terms.CompanionBadge, granted.Terms.GroupSession));
        Assert.Equal((Lab.Now + 2 * Hour, LimitReason.GroupSession), (granted.Until, granted.Terms.Limit));
        Assert.Equal(granted, AccessRules.Decide(granted.Facts));
    }

    [Fact]
    public void Nobody_else_and_no_other_machine_and_no_other_time_is_covered()
    {
        GroupSessionRule[] not =
        [
            Session with { People = [] }, Session with { Machines = [Lab.Printer] }, Session with { Mentors = [] }, Session with { Until = Lab.Now },
        ];

        Assert.All(not, rule => Assert.True(Denied(Lab.Policy(rule), Lab.YoungTap).AsksForCompanion));
    }

    [Fact]
    public void Who_may_not_accompany_anybody_is_no_companion_of_a_session_either()
    {
        PolicyEntity[] unfit =
        [
            Lab.MentorRule with { Active = false }, Lab.MentorRule with { MembershipUntil = Lab.Now }, Lab.MentorRule with { MayAccompany = false },
            Lab.MentorRule with { Adult = false, BirthDate = new LocalDate(2012, 1, 1) }, Lab.MentorHabilitation with { Suspended = true },
        ];

        Assert.All(unfit, rule => Assert.Equal(AccessReason.TooYoungAlone, Denied(Lab.Policy(Session, rule), Lab.YoungTap).Reason));
        LabPolicy away = Lab.Policy(Session).Apply([PolicyChange.Remove(8, PolicyKind.Presence, Lab.Mentor.Value)], Lab.Now);
        Assert.Equal(AccessReason.TooYoungAlone, Denied(away, Lab.YoungTap).Reason);
        // A badge of somebody who may still opens it.
        Assert.Null(Lab.Granted(AccessRules.Ask(Lab.Policy([Session with { Mentors = [Other] }]), Lab.Pair)).Terms.GroupSession);
    }

    [Fact]
    public void The_mentor_with_the_fewest_young_people_at_machines_stands_beside()
    {
        LabPolicy policy = Lab.Policy([Session with { Mentors = [Lab.Mentor, Other] }, .. OtherMentor]);

        Assert.Equal(Lab.Mentor, Companion(policy, Lab.YoungTap));
        Assert.Equal(Other, Companion(policy, Lab.YoungTap with { Companions = [new CompanionLoad(Lab.Mentor, Session.Id, 1)] }));
        // Not trained on this machine: the other one, however many she has, as long as there is room.
        LabPolicy untrained = Lab.Policy([Session with { Mentors = [Lab.Mentor, Other] }, .. OtherMentor[..1], OtherMentor[2]]);
        Assert.Equal(Lab.Mentor, Companion(untrained, Lab.YoungTap with { Companions = [new CompanionLoad(Lab.Mentor, Session.Id, 1)] }));
    }

    [Fact]
    public void The_number_of_the_session_is_the_limit_of_each_mentor_and_without_one_it_is_that_of_the_place()
    {
        AccessRequest three = Lab.YoungTap with { Companions = [new CompanionLoad(Lab.Mentor, Session.Id, 2), new CompanionLoad(Lab.Mentor, null, 1)] };
        AccessRequest two = Lab.YoungTap with { Companions = [new CompanionLoad(Lab.Mentor, Session.Id, 2)] };

        Assert.Equal(Lab.Mentor, Companion(Lab.Policy(Session with { PerMentor = 4 }), three));
        Assert.Equal(AccessReason.SupervisionRatio, Denied(Lab.Policy(Session with { PerMentor = 3 }), three).Reason);
        // Two for each adult here.
        Assert.Equal(AccessReason.SupervisionRatio, Denied(Lab.Policy(Session), two).Reason);
        Assert.Equal(Lab.Mentor, Companion(Lab.Policy(Session, Lab.MentorRule with { MinorsLimit = 3 }), two));
    }

    [Fact]
    public void Those_whose_mentor_has_left_are_counted_before_somebody_new_starts()
    {
        LabPolicy policy = Lab.Policy(Session with { PerMentor = 2 });

        // The other mentor has left two behind: with them this one has as many as allowed.
        AccessRequest left = Lab.YoungTap with { Companions = [new CompanionLoad(Other, Session.Id, 2)] };
        Assert.Equal(AccessReason.SupervisionRatio, Denied(policy, left).Reason);
        // Of another séance, or with a badge: not this one's.
        Assert.Equal(Lab.Mentor, Companion(policy, Lab.YoungTap with { Companions = [new CompanionLoad(Other, null, 2)] }));
    }

    [Fact]
    public void A_use_goes_on_while_the_session_is_held_and_a_mentor_is_there()
    {
        Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(Lab.Policy(Session), GoesOn));
        // The one who was beside has gone; another of the séance is there.
        LabPolicy another = Lab.Policy([Session with { Mentors = [Other] }, .. OtherMentor]);
        Assert.Equal(Other, Lab.Granted(AccessRules.Ask(another, GoesOn)).Terms.Companion);
    }

    [Fact]
    public void It_goes_on_no_longer_when_the_last_mentor_leaves_or_the_session_ends_or_the_person_is_taken_off()
    {
        PolicyEntity[] not = [Session with { Mentors = [] }, Session with { People = [] }, Session with { Until = Lab.Now }];

        Assert.All(not, rule => Assert.Equal(AccessReason.CompanionMayNot, Denied(Lab.Policy(rule), GoesOn).Reason));
        Assert.Equal(AccessReason.CompanionMayNot, Denied(Lab.Policy(), GoesOn).Reason);
        // A machine that nobody has to stay beside ends its work.
        Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(Lab.Policy(), GoesOn with { Machine = Lab.Printer }));
    }

    [Fact]
    public void At_the_machine_one_tap_starts_and_the_end_of_the_session_ends_the_use()
    {
        LabPolicy policy = Lab.Policy(Session);
        Bench bench = new();
        bench.Send(Tap(bench, policy));

        Assert.Equal(ReplyKind.Started, bench.Reply!.Kind);
        Assert.Equal((Lab.Mentor, Session.Id), (bench.State.Session!.Companion, bench.State.Session.GroupSession));
        AccessRequest again = MachineSessions.QuestionAgain(bench.State, new AccessRequest { Now = Lab.Now, Machine = Lab.Laser })!;
        Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(policy, again));

        LabPolicy over = policy.Apply([PolicyChange.Remove(8, PolicyKind.GroupSession, Session.Key)], Lab.Now);
        bench.Send(new MachineSignal.PolicyChanged(AccessRules.Ask(over, again)));

        Assert.Null(bench.State.Session);
    }

    [Fact]
    public void Rules_of_sessions_are_kept_by_machine_and_come_back_from_a_stored_copy()
    {
        LabPolicy policy = LabPolicy.From(Lab.Policy(Session).Entities(), 7, Lab.Now);

        Assert.Equal(Session, Assert.Single(policy.GroupSessions(Lab.Printer)));
        Assert.Equal(Session, policy.GroupSession(Session.Id));
        LabPolicy moved = policy.Apply([PolicyChange.Put(8, Session with { Machines = [Lab.Saw] })], Lab.Now);
        Assert.Empty(moved.GroupSessions(Lab.Printer));
        Assert.Single(moved.GroupSessions(Lab.Saw));
        Assert.Null(moved.Apply([PolicyChange.Remove(9, PolicyKind.GroupSession, Session.Key)], Lab.Now).GroupSession(Session.Id));
    }

    private static MachineSignal.Tapped Tap(Bench bench, LabPolicy policy) =>
        new(Lab.Young, Lab.YoungBadge, AccessRules.Ask(policy, Lab.YoungTap with { Now = bench.Now }), bench.LastSession);

    private static PersonId? Companion(LabPolicy policy, AccessRequest request) => Lab.Granted(AccessRules.Ask(policy, request)).Terms.Companion;

    private static AccessDecision.Denied Denied(LabPolicy policy, AccessRequest request) =>
        Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, request));
}
