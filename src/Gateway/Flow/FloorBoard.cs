using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;

namespace FabLab.Gateway.Flow;

/// <summary>
/// Who uses what now, across machines. Machines decide side by side; a decision that depends on the other machines is made and
/// noted under <see cref="Gate"/>, else one person could start two machines in the same millisecond.
/// </summary>
internal sealed class FloorBoard
{
    private readonly Dictionary<MachineId, (PersonId Person, PersonId? Companion, GroupSessionId? Session)> _uses = [];
    private readonly Dictionary<MachineId, ValueList<BookingClaim>> _claims = [];
    private readonly HashSet<MachineId> _notFree = [];

    public Lock Gate { get; } = new();

    public int Count
    {
        get { lock (Gate) return _uses.Count; }
    }

    /// <summary>How a machine stands.</summary>
    public void Set(MachineId machine, MachineState state)
    {
        lock (Gate)
        {
            if (state.Session is { } session)
                _uses[machine] = (session.Person, session.Companion, session.GroupSession);
            else
                _uses.Remove(machine);
            if (state.Tracks.Claims.Count > 0)
                _claims[machine] = state.Tracks.Claims;
            else
                _claims.Remove(machine);
            if (state is MachineState.Idle or MachineState.CoolingDown && !state.Tracks.LinkDown)
                _notFree.Remove(machine);
            else
                _notFree.Add(machine);
        }
    }

    /// <summary>The bookings claimed at other machines.</summary>
    public ValueList<BookingClaim> ClaimsElsewhere(MachineId here)
    {
        lock (Gate)
            return _claims.Count == 0 ? [] : [.. _claims.Where(c => c.Key != here).SelectMany(c => c.Value)];
    }

    /// <summary>The machines that nobody could start now, whoever it is.</summary>
    public ValueList<MachineId> NotFree()
    {
        lock (Gate)
            return [.. _notFree];
    }

    /// <summary>The other machines that a person uses.</summary>
    public ValueList<MachineId> Elsewhere(MachineId here, PersonId? person)
    {
        if (person is null)
            return [];
        lock (Gate)
            return [.. _uses.Where(u => u.Key != here && u.Value.Person == person).Select(u => u.Key)];
    }

    /// <summary>How many minors a person accompanies at other machines.</summary>
    public int MinorsWith(MachineId here, PersonId? companion, LabPolicy policy)
    {
        if (companion is null)
            return 0;
        lock (Gate)
            return _uses.Where(u => u.Key != here && u.Value.Companion == companion)
                .Select(u => u.Value.Person).Distinct().Count(p => policy.Person(p) is { Adult: false });
    }

    /// <summary>Who accompanies minors at other machines, and under which séance.</summary>
    public ValueList<CompanionLoad> Companions(MachineId here, LabPolicy policy)
    {
        lock (Gate)
        {
            return
            [
                .. from use in _uses
                   where use.Key != here && use.Value.Companion is not null && policy.Person(use.Value.Person) is { Adult: false }
                   group use.Value.Person by (use.Value.Companion!.Value, use.Value.Session) into minors
                   select new CompanionLoad(minors.Key.Item1, minors.Key.Session, minors.Distinct().Count()),
            ];
        }
    }
}
