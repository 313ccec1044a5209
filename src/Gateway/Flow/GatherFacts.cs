using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Journal;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>
/// STEP 3. What the rules do not hold and the decision needs: who is where, how often this badge was refused, whether anything
/// can be written down. Call it under <see cref="FloorBoard.Gate"/> when the answer may start something.
/// </summary>
internal sealed class GatherFacts(FloorBoard floor, RefusedTaps refused, StorageHealth storage)
{
    /// <summary>The question of a tap.</summary>
    public AccessRequest ForTap(
        LabPolicy policy, MachineId machine, MachineState state, BadgeMatch match, BadgeHash? hash, LockOut? unfit, Instant now, bool storageHealthy = true)
    {
        var request = new AccessRequest
        {
            Now = now,
            Machine = machine,
            Purpose = AccessPurpose.Start,
            Badge = match,
            RecentRefusals = refused.Recent(hash, policy.Site.AttemptWindow),
            StorageHealthy = storageHealthy && storage.Fault is null,
            Claims = floor.ClaimsElsewhere(machine),
            NotFree = floor.NotFree(),
        };
        var asked = MachineSessions.Question(state, request, Person(policy, match));
        // At the second badge the question is about the one who waits, so who is elsewhere is asked only now.
        return Across(policy, machine, asked) with { LockOut = asked.LockOut ?? unfit };
    }

    /// <summary>The question whether a use may go on; null when nobody uses the machine.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="state">Its state.</param>
    /// <param name="now">The present.</param>
    /// <param name="unwritten">It may go on for a while though nothing can be written down.</param>
    public AccessRequest? ForHolder(LabPolicy policy, MachineId machine, MachineState state, Instant now, bool unwritten)
    {
        var request = new AccessRequest
        {
            Now = now, Machine = machine, StorageHealthy = unwritten || storage.Fault is null, Claims = floor.ClaimsElsewhere(machine),
        };
        return MachineSessions.QuestionAgain(state, request) is { } asked ? Across(policy, machine, asked) : null;
    }

    public static PersonId? Person(LabPolicy policy, BadgeMatch? match) =>
        match is BadgeMatch.Known { Badge: var badge } ? policy.Badge(badge)?.Person : null;

    private AccessRequest Across(LabPolicy policy, MachineId machine, AccessRequest asked)
    {
        var user = asked.Badge is null ? asked.Person : Person(policy, asked.Badge);
        var companion = asked.CompanionBadge is null ? asked.Companion : Person(policy, asked.CompanionBadge);
        return asked with
        {
            RunningElsewhere = floor.Elsewhere(machine, user),
            MinorsWithCompanion = floor.MinorsWith(machine, companion, policy),
            Companions = floor.Companions(machine, policy),
        };
    }
}
