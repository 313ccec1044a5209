using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core.Json;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;

namespace FabLab.Gateway.Flow;

/// <summary>
/// A badge that leads to nobody, or one tapped at a reader of no machine, may be one that the front desk is giving to somebody at
/// this moment. Booking knows whether it is and drops the rest; from here it hears keyed hashes only.
/// </summary>
internal static class StrangerBadges
{
    /// <param name="parts">What all machines share.</param>
    /// <param name="tap">The live tap.</param>
    /// <param name="taken">Whether a machine takes it.</param>
    /// <returns>The line for the journal; null when the tap is a machine's business alone, or there is no key to hash with.</returns>
    public static JournalEntry? Line(FlowParts parts, DeviceReport.BadgeRead tap, bool taken)
    {
        if (parts.Resolve.Print(tap.Number) is not { } print)
            return null;
        var policy = parts.Policy.Current;
        if (taken && GatherFacts.Person(policy, policy.Badges.Find(print, tap.Profile.Truncates)) is not null)
            return null;
        var seen = new BadgeSeen(tap.Device, tap.Reader, print, tap.Profile.Truncates);
        return new JournalEntry(null, parts.Clock.FromSystem(tap.At), JournalKinds.Badge, JsonSerializer.Serialize(seen, CoreJson.Options));
    }
}
