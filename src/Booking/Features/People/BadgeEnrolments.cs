using FabLab.Booking.Data;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>
/// What a tap means to a reader that waits for one. A tap counts by when it was made, not by when it is heard of: what a gateway
/// kept while the line was cut gives nobody a badge.
/// </summary>
internal static class BadgeEnrolments
{
    /// <summary>By how much the clocks of gateway and Booking may differ.</summary>
    public static readonly Duration Skew = Duration.FromSeconds(2);

    /// <summary>A badge of nobody, or any badge at a reader of no machine.</summary>
    /// <returns>Whether somebody was waiting for it there.</returns>
    public static async Task<bool> TapAsync(BookingWrite write, BadgeSeen seen, Instant at, CancellationToken cancellationToken)
    {
        var open = await write.Db.BadgeEnrolments.SingleOrDefaultAsync(
            wait => wait.State == BadgeEnrolmentState.Waiting && wait.DeviceId == seen.Device && wait.Reader == seen.Reader, cancellationToken);
        if (open is null || !IsIn(open, at))
            return false;
        var given = await EnrolBadge.GiveAsync(write, seen.Print, seen.Truncates, open.PersonId, open.Assurance, open.StartedBy, cancellationToken);
        (open.State, open.BadgeId) = given.Refusal?.Code switch
        {
            null => (BadgeEnrolmentState.Done, given.Value.Id),
            "badge_taken" or "badge_already_theirs" => (BadgeEnrolmentState.Taken, await KnownAsync(write, seen, cancellationToken)),
            _ => (BadgeEnrolmentState.Ambiguous, (BadgeId?)null),
        };
        if (open is { State: BadgeEnrolmentState.Taken, BadgeId: { } known })
            await ToWhomAsync(write, open, known, cancellationToken);
        open.Version++;
        return true;
    }

    /// <summary>A badge that has an owner was tapped at a machine's reader. The machine does what it does; who waits is told.</summary>
    public static async Task KnownTapAsync(
        BookingWrite write, MachineId machine, PersonId person, BadgeId badge, Instant at, CancellationToken cancellationToken)
    {
        // There is hardly ever one: the rest costs nothing then.
        var waiting = await write.Db.BadgeEnrolments.Where(wait => wait.State == BadgeEnrolmentState.Waiting).ToListAsync(cancellationToken);
        foreach (var open in waiting.Where(wait => IsIn(wait, at)))
        {
            if (!await write.Db.MachineDevices.AnyAsync(
                d => d.MachineId == machine && d.DeviceId == open.DeviceId && d.Channel == open.Reader && d.Role == DeviceRole.Reader, cancellationToken))
            {
                continue;
            }
            open.State = open.PersonId == person ? BadgeEnrolmentState.AlreadyTheirs : BadgeEnrolmentState.Taken;
            open.BadgeId = badge;
            open.OtherPerson = open.PersonId == person ? null : person;
            open.Version++;
        }
    }

    private static bool IsIn(BadgeEnrolment wait, Instant at) => at >= wait.StartedAt - Skew && at < wait.EndsAt + Skew;

    /// <summary>The badge that was seen, where it is known and no other could be meant; null when it is not.</summary>
    public static async Task<BadgeId?> KnownAsync(BookingWrite write, BadgeSeen seen, CancellationToken cancellationToken)
    {
        var print = seen.Print;
        var alike = await write.Db.Badges
            .Where(badge => badge.Full == print.Full || (print.Last4 != null && badge.Last4 == print.Last4) || badge.Last3 == print.Last3)
            .ToListAsync(cancellationToken);
        var index = Core.Badges.BadgeIndex.Of(alike.Select(badge => (badge.Id, badge.Print)));
        return index.Find(print, seen.Truncates) is Core.Badges.BadgeMatch.Known { Badge: var known } ? known : null;
    }

    private static async Task ToWhomAsync(BookingWrite write, BadgeEnrolment open, BadgeId known, CancellationToken cancellationToken)
    {
        var owner = await write.Db.Badges.Where(badge => badge.Id == known).Select(badge => badge.PersonId).SingleAsync(cancellationToken);
        if (owner == open.PersonId)
            open.State = BadgeEnrolmentState.AlreadyTheirs;
        else
            open.OtherPerson = owner;
    }
}
