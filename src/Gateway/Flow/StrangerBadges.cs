using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;

namespace FabLab.Gateway.Flow;

/// <summary>
/// A badge that leads to nobody, or one tapped at a reader of no machine, may be one that the front desk is giving to somebody at
/// this moment; and one that is known under an old key is known under the key in use from then on. Booking knows whether it is and drops the rest; from here it hears keyed hashes only.
/// </summary>
internal static class StrangerBadges
{
    /// <param name="parts">What all machines share.</param>
    /// <param name="tap">The live tap.</param>
    /// <param name="taken">Whether a machine takes it.</param>
    /// <returns>The line for the journal; null when the tap is a machine's business alone, or there is no key to hash with.</returns>
    public static JournalEntry? Line(FlowParts parts, DeviceReport.BadgeRead tap, bool taken)
    {
        var policy = parts.Policy.Current;
        if (parts.Resolve.FindPrint(policy, tap.Number, tap.Profile) is not var (match, print, outdated))
            return null;
        if (taken && !outdated && GatherFacts.Person(policy, match) is not null)
            return null;
        var seen = new BadgeSeen(tap.Device, tap.Reader, print, tap.Profile.Truncates) { Renews = outdated && match is BadgeMatch.Known known ? known.Badge : null };
        return new JournalEntry(null, parts.Clock.FromSystem(tap.At), JournalKinds.Badge, JsonSerializer.Serialize(seen, CoreJson.Options));
    }
}
