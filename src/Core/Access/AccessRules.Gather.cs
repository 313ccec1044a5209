using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Access;

public static partial class AccessRules
{
    /// <summary>Looks up everything that <see cref="Decide"/> needs. It only reads: nothing is decided here.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="request">The question.</param>
    public static AccessFacts Gather(LabPolicy policy, AccessRequest request)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        return Gather(policy, request, instead: true);
    }

    private static AccessFacts Gather(LabPolicy policy, AccessRequest request, bool instead)
    {
        Instant now = request.Now;
        AccessFacts facts = new()
        {
            Now = now,
            Purpose = request.Purpose,
            Zone = policy.Zone.Id,
            Revision = policy.Revision,
            PolicyAge = now - policy.AsOf,
            StorageHealthy = request.StorageHealthy,
            Reachable = request.Reachable,
            RecentRefusals = request.RecentRefusals,
            AttemptLimit = policy.Site.AttemptLimit,
        };
        if (policy.Machine(request.Machine) is not { } rule)
        {
            return facts;
        }

        (BadgeFact badge, BadgeRule? tapped, PersonRule? person) = Who(policy, request.Badge, request.Person);
        BookingsNow bookings = BookingsNow.Of(policy, rule, person?.Id, request.Claims, now);
        Hours hours = HoursOf(policy, rule, person, bookings, request.Purpose, now);
        (Duration? quotaLeft, Instant? quotaUntil) = Quota(policy, rule.Id, person?.Id, now);
        return facts with
        {
            Machine = MachineFactsOf(rule, request),
            Badge = badge,
            BadgeId = tapped?.Id,
            BadgeAssurance = tapped?.Assurance,
            Person = person is null ? null : PersonFactsOf(policy, rule.Needed(request.Options), person, now),
            Companion = CompanionFactsOf(policy, rule, person, request),
            Open = hours.Open,
            KeptFor = hours.KeptFor,
            ClosesAt = hours.ClosesAt,
            OpensAt = hours.OpensAt,
            OwnBooking = bookings.Own?.Id,
            OwnBookingUntil = bookings.OwnUntil,
            OwnBookingClaimed = bookings.Own is { ClaimedAt: not null },
            ClaimFrom = bookings.From,
            ClaimSwaps = bookings.Swaps,
            ReservedUntil = bookings.ReservedUntil,
            ReservedUnlessClaimedBy = bookings.ReleasedAt,
            NextBookingAt = bookings.NextAt,
            FreeInstead = instead ? FreeInstead(policy, rule, request, bookings) : null,
            InUseByOther = request.Occupied is { } other && other.Person != person?.Id,
            Working = request.Occupied is { Working: true },
            RunningElsewhere = RunningElsewhere(policy, rule, request),
            QuotaLeft = quotaLeft,
            QuotaUntil = quotaUntil,
            Project = Project(policy, person, request.Project),
        };
    }

    /// <summary>How far somebody may go by their trainings alone; what else a machine asks is not looked at.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="person">Who.</param>
    /// <param name="need">What is asked for; null = nothing.</param>
    /// <param name="now">When.</param>
    public static TrainingStanding Trained(LabPolicy policy, PersonId person, TrainingNeed? need, Instant now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Trained trained = TrainingsOf(policy, person, need, now);
        return new TrainingStanding(trained.Level, trained.Until, trained.Gap);
    }

    private static MachineFacts MachineFactsOf(MachineRule rule, AccessRequest request) => new()
    {
        Id = rule.Id,
        Code = rule.Code,
        Broken = rule.Broken,
        LockOut = LockOutThatCounts(rule, request),
        AgeAccompanied = rule.AgeAccompanied,
        AgeAlone = rule.AloneFrom(request.Options),
        Options = request.Options ?? [.. rule.Options.Where(option => option.Fitted).Select(option => option.Code)],
        NeedsMembership = rule.NeedsMembership,
        NeedsCheckIn = rule.NeedsCheckIn,
        NeedsProject = rule.NeedsProject,
        NeedsSecondPerson = rule.NeedsSecondPerson,
        LearnersWelcome = rule.LearnersWelcome,
        Attended = rule.Attended,
        Handover = rule.Handover,
        MaxSession = rule.MaxSession,
        BookingEnd = rule.BookingEnd,
        MaxPolicyAge = rule.MaxPolicyAge,
        MinAssurance = rule.MinAssurance,
    };

    /// <summary>A lock-out that waits for the end of the use lets this use go on and nothing else begin.</summary>
    private static LockOut? LockOutThatCounts(MachineRule rule, AccessRequest request)
    {
        LockOut? lockOut = request.LockOut ?? rule.LockOut;
        return lockOut is { Mode: LockOutMode.WhenIdle } && request.Purpose == AccessPurpose.Continue ? null : lockOut;
    }

    private static (BadgeFact Badge, BadgeRule? Rule, PersonRule? Person) Who(LabPolicy policy, BadgeMatch? match, PersonId? person)
    {
        switch (match)
        {
            case null:
                return (BadgeFact.None, null, person is { } id ? policy.Person(id) : null);
            case BadgeMatch.Ambiguous:
                return (BadgeFact.Ambiguous, null, null);
            case BadgeMatch.Known known when policy.Badge(known.Badge) is { Person: { } owner } rule:
                BadgeFact fact = rule.State switch
                {
                    BadgeState.Active => BadgeFact.Active,
                    BadgeState.Suspended => BadgeFact.Suspended,
                    _ => BadgeFact.Lost,
                };
                return (fact, rule, policy.Person(owner));
            case BadgeMatch.Known known:
                return (BadgeFact.Unknown, policy.Badge(known.Badge), null);
            default:
                return (BadgeFact.Unknown, null, null);
        }
    }

    private static PersonFacts PersonFactsOf(LabPolicy policy, TrainingNeed? need, PersonRule person, Instant now)
    {
        (bool adult, int? age) = Age(policy, person, now);
        Trained trained = TrainingsOf(policy, person.Id, need, now);
        return new PersonFacts
        {
            Id = person.Id,
            Active = person.Active,
            MembershipUntil = person.MembershipUntil,
            Adult = adult,
            Age = age,
            Present = policy.Presence(person.Id) is not null,
            Level = trained.Level,
            LevelUntil = trained.Until,
            Habilitations = trained.Used,
            Gap = trained.Gap,
        };
    }

    private static CompanionFacts? CompanionFactsOf(LabPolicy policy, MachineRule rule, PersonRule? person, AccessRequest request)
    {
        if (request.Purpose == AccessPurpose.Continue && rule.Attended && request.GroupSession is { } session && person is not null)
        {
            return StaysBeside(policy, rule, person, session, request);
        }

        if (request.CompanionBadge is null && request.Companion is null)
        {
            return request.Purpose == AccessPurpose.Start && person is not null ? OfGroupSession(policy, rule, person, request) : null;
        }

        (BadgeFact badge, BadgeRule? tapped, PersonRule? companion) = Who(policy, request.CompanionBadge, request.Companion);
        return companion is null
            ? new CompanionFacts { Badge = tapped?.Id }
            : Beside(policy, rule, companion, request) with
            {
                Badge = tapped?.Id,
                Active = companion.Active && badge is BadgeFact.Active or BadgeFact.None && companion.Id != person?.Id
                    && !(tapped?.Assurance < rule.MinAssurance),
            };
    }

    private static CompanionFacts Beside(LabPolicy policy, MachineRule rule, PersonRule companion, AccessRequest request)
    {
        (bool adult, _) = Age(policy, companion, request.Now);
        Trained trained = TrainingsOf(policy, companion.Id, rule.Needed(request.Options), request.Now);
        return new CompanionFacts
        {
            Id = companion.Id,
            Active = companion.Active,
            Adult = adult,
            Member = !rule.NeedsMembership || companion.MembershipUntil > request.Now,
            Present = policy.Presence(companion.Id) is not null,
            MustBePresent = request.Purpose == AccessPurpose.Continue
                ? rule.Attended && (rule.NeedsCheckIn || request.CompanionWasPresent)
                : rule.NeedsCheckIn,
            Level = trained.Level,
            LevelUntil = trained.Until,
            MayAccompany = companion.MayAccompany,
            Minors = request.MinorsWithCompanion,
            MinorsLimit = companion.MinorsLimit ?? policy.Site.MinorsPerAdult,
        };
    }

    /// <summary>
    /// The mentor of a séance who stands beside without a second badge: the one with the fewest minors at machines of those who may.
    /// None of them may: the machine asks for a second badge, as it always does.
    /// </summary>
    private static CompanionFacts? OfGroupSession(LabPolicy policy, MachineRule rule, PersonRule person, AccessRequest request)
    {
        foreach (GroupSessionCompanion one in GroupSessionCompanion.For(policy, rule.Id, person.Id, request.Companions, request.Now))
        {
            CompanionFacts facts = Beside(policy, rule, one, request);
            if (MayAccompany(facts))
            {
                return facts;
            }
        }

        return null;
    }

    /// <summary>Who stands beside while the use goes on; one who may not, when no mentor of the séance is left or it is over.</summary>
    private static CompanionFacts StaysBeside(LabPolicy policy, MachineRule rule, PersonRule person, GroupSessionId session, AccessRequest request) =>
        GroupSessionCompanion.Stays(policy, session, rule.Id, person.Id, request.Companion, request.Companions, request.Now) is { } one
            ? Beside(policy, rule, one, request)
            : new CompanionFacts { Id = request.Companion, GroupSession = session };

    private static CompanionFacts Beside(LabPolicy policy, MachineRule rule, GroupSessionCompanion one, AccessRequest request) =>
        Beside(policy, rule, one.Mentor, request) with
        {
            Minors = one.Minors,
            MinorsLimit = GroupSessionCompanion.LimitOf(policy, one.Session, one.Mentor),
            GroupSession = one.Session.Id,
            GroupSessionUntil = rule.Attended ? one.Session.Until : null,
        };

    private static (bool Adult, int? Age) Age(LabPolicy policy, PersonRule person, Instant now)
    {
        if (person.Adult || person.BirthDate is not { } born)
        {
            return (person.Adult, null);
        }

        LocalDate today = now.InZone(policy.Zone).Date;
        int age = born > today ? 0 : Period.Between(born, today, PeriodUnits.Years).Years;
        return (age >= 18, age);
    }

    /// <summary>How the hours stand for one person: what is theirs by right, and what their own bookings open besides.</summary>
    private static Hours HoursOf(LabPolicy policy, MachineRule rule, PersonRule? person, BookingsNow bookings, AccessPurpose purpose, Instant now)
    {
        if (rule.Opening is not OpeningRule.Within within || (within.RunsOn && purpose == AccessPurpose.Continue))
        {
            return new Hours(true, null, null, null);
        }

        OpenInterval? current = null;
        Instant? closes = null;
        foreach (OpenInterval interval in within.Intervals.AsSpan())
        {
            if (interval.Until <= now)
            {
                continue;
            }

            if (interval.From <= now)
            {
                current = interval;
            }

            // Somebody unknown has other reasons against them; the hours speak of everybody.
            bool everything = person is null || IsFor(interval, person);
            if (everything)
            {
                if (Reach(interval.From, interval.Until) is { } answer)
                {
                    return answer;
                }

                continue;
            }

            // A booking that a tap claims counts from that tap on, also when it comes a little early or from another machine of the pool.
            if (bookings.OwnUntil is { } ownUntil && Theirs(now, ownUntil, interval) is { } at)
            {
                return at;
            }

            foreach (BookingRule booking in policy.Bookings(rule.Id))
            {
                if (booking.IsFor(person) && Theirs(booking.Start, booking.End, interval) is { } answer)
                {
                    return answer;
                }
            }
        }

        return closes is null ? new Hours(current is not null, current?.Kind, null, null) : new Hours(true, null, Limit(closes), null);

        Hours? Theirs(Instant start, Instant end, OpenInterval interval)
        {
            Instant from = Instant.Max(start, interval.From);
            Instant until = Instant.Min(end, interval.Until);
            return from < until && until > now ? Reach(from, until) : null;
        }

        // The next stretch that this person may use, in order; an answer when it does not carry on what is open.
        Hours? Reach(Instant from, Instant until)
        {
            if (closes is { } end)
            {
                if (from > end)
                {
                    return new Hours(true, null, Limit(end), null);
                }

                closes = Instant.Max(end, until);
            }
            else if (from > now)
            {
                return new Hours(current is not null, current?.Kind, null, from);
            }
            else
            {
                closes = until;
            }

            return null;
        }

        Instant? Limit(Instant? end) => within.RunsOn ? null : end;
    }

    private static bool IsFor(OpenInterval interval, PersonRule person) => interval.Kind switch
    {
        OpeningKind.OpenLab => true,
        OpeningKind.Groups => person.Team || (interval.Group is { } group ? person.Groups.AsSpan().Contains(group) : person.Groups.Count > 0),
        OpeningKind.StaffOnly => person.Team,
        _ => false,
    };

    private readonly record struct Hours(bool Open, OpeningKind? KeptFor, Instant? ClosesAt, Instant? OpensAt);

    /// <summary>Another machine of the pool that would take the person at once. Only asked when this one does not.</summary>
    private static string? FreeInstead(LabPolicy policy, MachineRule rule, AccessRequest request, BookingsNow bookings)
    {
        bool taken = bookings.ReservedUntil is not null
            || (request.Occupied is { } other && (other.Working || !rule.Handover));
        if (!taken || rule.Pool is not { } pool || request.Purpose != AccessPurpose.Start)
        {
            return null;
        }

        foreach (MachineRule mate in policy.MachinesOf(pool))
        {
            if (mate.Id == rule.Id || Contains(request.NotFree, mate.Id))
            {
                continue;
            }

            AccessRequest there = request with { Machine = mate.Id, Occupied = null, LockOut = null, Reachable = true, Options = null };
            if (Decide(Gather(policy, there, instead: false)) is AccessDecision.Granted or AccessDecision.Denied { AsksForCompanion: true })
            {
                return mate.Code;
            }
        }

        return null;
    }

    private static (Duration? Left, Instant? Until) Quota(LabPolicy policy, MachineId machine, PersonId? person, Instant now)
    {
        Duration? least = null;
        Instant? until = null;
        if (person is { } id)
        {
            foreach (QuotaRule quota in policy.Quotas(id))
            {
                bool counts = quota.From <= now && now < quota.Until
                    && (quota.Machines.Count == 0 || Contains(quota.Machines, machine));
                if (!counts)
                {
                    continue;
                }

                Duration left = Duration.Max(Duration.Zero, quota.Allowed - quota.Used);
                if (!(left >= least))
                {
                    (least, until) = (left, quota.Until);
                }
            }
        }

        return (least, until);
    }

    private static string? RunningElsewhere(LabPolicy policy, MachineRule rule, AccessRequest request)
    {
        if (!policy.Site.OneMachineAtATime || !rule.Attended)
        {
            return null;
        }

        foreach (MachineId other in request.RunningElsewhere.AsSpan())
        {
            if (other != rule.Id && policy.Machine(other) is { Attended: true } running)
            {
                return running.Code;
            }
        }

        return null;
    }

    private static ProjectId? Project(LabPolicy policy, PersonRule? person, ProjectId? chosen) =>
        (chosen ?? person?.DefaultProject) is { } id && person is not null
        && policy.Project(id) is { } project && (project.People.Count == 0 || Contains(project.People, person.Id))
            ? id
            : null;

    private static bool Contains<T>(ValueList<T> list, T item)
        where T : struct, IEquatable<T> => list.AsSpan().Contains(item);

    private static Trained TrainingsOf(LabPolicy policy, PersonId person, TrainingNeed? need, Instant now) =>
        need is null
            ? new Trained(HabilitationLevel.Autonomous, null, [], null)
            : TrainingLevels.Of(policy, policy.Habilitations(person), need, now);
}
