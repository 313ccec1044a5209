using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>
/// Who stands beside somebody of a séance when no second badge was tapped. Whoever it is must be allowed to as any companion is:
/// that is asked by <see cref="AccessRules.Decide"/>, with the number of the séance as the limit of minors.
/// </summary>
/// <param name="Session">The séance.</param>
/// <param name="Mentor">The mentor.</param>
/// <param name="Minors">Minors the mentor has at other machines, those included whose mentor has left and whom no other has room for.</param>
internal sealed record GroupSessionCompanion(GroupSessionRule Session, PersonRule Mentor, int Minors)
{
    /// <summary>The mentors who could stand beside the person at the machine now: first who has the fewest minors at machines.</summary>
    public static IEnumerable<GroupSessionCompanion> For(
        LabPolicy policy, MachineId machine, PersonId person, ValueList<CompanionLoad> loads, Instant now)
    {
        List<GroupSessionCompanion> found = [];
        foreach (GroupSessionRule session in policy.GroupSessions(machine))
        {
            if (Holds(session, machine, person, now))
            {
                found.AddRange(session.Mentors.Where(mentor => mentor != person).Select(policy.Person).OfType<PersonRule>()
                    .Select(mentor => new GroupSessionCompanion(session, mentor, Alone(loads, mentor.Id) + Left(policy, session, mentor, loads))));
            }
        }

        return found.OrderBy(one => one.Minors >= LimitOf(policy, one.Session, one.Mentor)).ThenBy(one => one.Minors).ThenBy(one => one.Mentor.Id.Value).ThenBy(one => one.Session.Id.Value);
    }

    /// <summary>
    /// Who stands beside somebody who is at the machine under a séance: the same mentor, or another who is there. Minors whose mentor
    /// has left are counted by none: each of them is asked for by their own use.
    /// </summary>
    public static GroupSessionCompanion? Stays(
        LabPolicy policy, GroupSessionId session, MachineId machine, PersonId person, PersonId? mentor, ValueList<CompanionLoad> loads, Instant now) =>
        policy.GroupSession(session) is { } rule && Holds(rule, machine, person, now)
            ? rule.Mentors.Where(one => one != person).Select(policy.Person).OfType<PersonRule>()
                .Select(one => new GroupSessionCompanion(rule, one, Alone(loads, one.Id)))
                .OrderBy(one => one.Mentor.Id != mentor).ThenBy(one => one.Minors).ThenBy(one => one.Mentor.Id.Value).FirstOrDefault()
            : null;

    private static bool Holds(GroupSessionRule session, MachineId machine, PersonId person, Instant now) =>
        now < session.Until && session.Machines.AsSpan().Contains(machine) && session.People.AsSpan().Contains(person);

    /// <summary>The minors of one mentor, under whatever they are.</summary>
    private static int Alone(ValueList<CompanionLoad> loads, PersonId mentor) =>
        loads.Where(load => load.Companion == mentor).Sum(load => load.Minors);

    /// <summary>Those of the séance whose mentor has left and for whom the other mentors have no room.</summary>
    private static int Left(LabPolicy policy, GroupSessionRule session, PersonRule mentor, ValueList<CompanionLoad> loads)
    {
        int left = loads.Where(load => load.Session == session.Id && !session.Mentors.AsSpan().Contains(load.Companion)).Sum(load => load.Minors);
        int room = session.Mentors.Where(other => other != mentor.Id).Select(policy.Person).OfType<PersonRule>()
            .Sum(other => Math.Max(0, LimitOf(policy, session, other) - Alone(loads, other.Id)));
        return Math.Max(0, left - room);
    }

    /// <summary>How many minors a mentor may have at machines under the séance.</summary>
    public static int LimitOf(LabPolicy policy, GroupSessionRule session, PersonRule mentor) =>
        session.PerMentor ?? mentor.MinorsLimit ?? policy.Site.MinorsPerAdult;
}
