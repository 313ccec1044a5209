using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>
/// The machine as a state machine. <see cref="Decide"/> says what happens on a signal, <see cref="Evolve"/> what that makes of the state.
/// Both are pure: the same arguments give the same answer, and a state read back from the journal goes on as before.
/// </summary>
public static partial class MachineSessions
{
    /// <summary>
    /// Completes the question that a tap puts to <see cref="AccessRules"/>: who uses the machine, whether it is locked out,
    /// and, while a second badge is awaited, who waits and who stands beside.
    /// </summary>
    /// <param name="state">The state of the machine.</param>
    /// <param name="request">The question with the badge tapped; other machines, refusals and storage filled in by the caller.</param>
    /// <param name="tapped">Whose badge it is; null when it leads to nobody.</param>
    public static AccessRequest Question(MachineState state, AccessRequest request, PersonId? tapped)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        AccessRequest asked = request with
        {
            LockOut = state.ActiveLockOut,
            Reachable = !state.Tracks.LinkDown,
            Occupied = state.Session is { } session ? new Occupancy(session.Person, IsWorking(state)) : null,
            Claims = [.. request.Claims, .. state.Tracks.Claims],
        };
        if (state is MachineState.AwaitingSecondBadge { Waiting: var waiting } && tapped != waiting.Person && request.Now < waiting.Until)
        {
            BadgeMatch? badge = waiting.Badge is { } known ? new BadgeMatch.Known(known) : null;
            return asked with
            {
                Badge = badge, Person = waiting.Person, CompanionBadge = request.Badge, Companion = request.Person,
            };
        }

        return asked;
    }

    /// <summary>The question whether the one who uses the machine may go on; null when nobody does.</summary>
    /// <param name="state">The state of the machine.</param>
    /// <param name="request">Now, the machine, storage and the companion's minors; the rest is filled in.</param>
    public static AccessRequest? QuestionAgain(MachineState state, AccessRequest request)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        return state.Session is not { } session
            ? null
            : request with
            {
                Purpose = AccessPurpose.Continue,
                Badge = session.Badge is { } badge ? new BadgeMatch.Known(badge) : null,
                Person = session.Person,
                CompanionBadge = session.CompanionBadge is { } second ? new BadgeMatch.Known(second) : null,
                Companion = session.Companion,
                CompanionWasPresent = session.CompanionWasPresent,
                GroupSession = session.GroupSession,
                Project = session.Project,
                LockOut = state.ActiveLockOut,
                Occupied = null,
                Claims = [.. request.Claims, .. state.Tracks.Claims],
            };
    }

    /// <summary>
    /// Whether the question of <see cref="QuestionAgain"/> is due because time has passed: a booking that concerns who uses the machine
    /// has come near or begun, so that they claim it or their time has another end.
    /// </summary>
    /// <param name="policy">The rules.</param>
    /// <param name="state">The state of the machine.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="asked">When it was asked last.</param>
    /// <param name="now">The present instant.</param>
    public static bool IsDueAgain(LabPolicy policy, MachineState state, MachineId machine, Instant asked, Instant now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(state);
        return state.Session is { } session && policy.Machine(machine) is { } rule && BookingsNow.Begins(policy, rule, session.Person, asked, now);
    }

    /// <summary>Whether the machine works, as the meter says, or as a device says that knows of its jobs.</summary>
    /// <param name="state">The state of the machine.</param>
    public static bool IsWorking(MachineState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state is MachineState.Running or MachineState.LockOutPending { Use: MachineState.Running }
            || (state.Session is not null && state.Tracks.Jobs is { Works: true });
    }

    /// <summary>What happens when a machine in a state is told something.</summary>
    /// <param name="state">The state.</param>
    /// <param name="signal">What it is told.</param>
    /// <param name="rule">The rule of the machine.</param>
    /// <param name="now">The present instant.</param>
    public static MachineTurn Decide(MachineState state, MachineSignal signal, MachineRule rule, Instant now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(signal);
        ArgumentNullException.ThrowIfNull(rule);
        Turn turn = new(state, rule, now);
        turn.Take(signal);
        return turn.End();
    }
}
