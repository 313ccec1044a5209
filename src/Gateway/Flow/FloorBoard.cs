using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;

namespace FabLab.Gateway.Flow;

/// <summary>
/// Who uses what now, across machines. Machines decide side by side; a decision that depends on the other machines is made and
/// noted under <see cref="Gate"/>, else one person could start two machines in the same millisecond.
/// </summary>
internal sealed class FloorBoard
{
    private readonly Dictionary<MachineId, (PersonId Person, PersonId? Companion)> _uses = [];

    public Lock Gate { get; } = new();

    public int Count
    {
        get { lock (Gate) return _uses.Count; }
    }

    public void Set(MachineId machine, OpenSession? session)
    {
        lock (Gate)
        {
            if (session is null)
                _uses.Remove(machine);
            else
                _uses[machine] = (session.Person, session.Companion);
        }
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
}
