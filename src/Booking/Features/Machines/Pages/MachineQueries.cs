using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>Reads what a machine's page shows.</summary>
public sealed class MachineQueries(BookingDbContext db, FloorQueries floor, LedgerQueries ledger, JobQueries jobs)
{
    private const int RecentUses = 12;
    private const int RecentJobs = 5;
    private const int RecentRefusals = 8;

    /// <summary>Refusals are told for so long: after that they help nobody at the machine.</summary>
    private static readonly Duration PublicRefusals = Duration.FromMinutes(30);
    private static readonly Duration StaffRefusals = Duration.FromDays(7);

    /// <summary>The page of one machine; null when there is none of that code.</summary>
    public async Task<MachineSheet?> SheetAsync(Viewer viewer, string code, Instant now, DateTimeZone zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(zone);
        Machine? machine = await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired && m.Kind == ResourceKind.Machine, cancellationToken);
        if (machine is null)
            return null;
        MachineGlance glance = (await floor.MachinesAsync(viewer, now, machine.Code, cancellationToken))[0];
        List<TrainingId> trainings = [.. TrainingsOf(machine.Rule.Requirement)];
        List<LockOutRow> lockOuts = await db.LockOuts
            .Where(l => l.MachineId == machine.Id && l.ReleasedAt == null).OrderBy(l => l.Since).ToListAsync(cancellationToken);
        Dictionary<PersonId, PersonGlance> authors = viewer.May(Right.SeeUsers, machine.Id)
            ? await floor.PeopleAsync(lockOuts.Select(l => l.Author), cancellationToken)
            : [];
        var mine = new HashSet<LockOutId>();
        foreach (LockOutRow lockOut in lockOuts)
        {
            if (viewer.Actor is { } actor && viewer.May(Right.LockOut, machine.Id) && await ReleaseRights.MayAsync(db, machine.Id, lockOut.Release, lockOut.Author, actor, now, cancellationToken))
                mine.Add(lockOut.Id);
        }

        Instant soon = now + Duration.FromDays(14);
        LocalDate today = now.InZone(zone).Date;
        return new MachineSheet
        {
            Id = machine.Id,
            Glance = glance,
            Rule = machine.Rule,
            Trainings = trainings.Count == 0
                ? []
                : [.. (await db.Trainings.Where(t => trainings.Contains(t.Id)).OrderBy(t => t.Code).ToListAsync(cancellationToken)).Select(t => new Words(t.NameFr, t.NameEn))],
            Devices = viewer.May(Right.LockOut, machine.Id)
                ? [.. (await db.MachineDevices.Where(d => d.MachineId == machine.Id).ToListAsync(cancellationToken))
                    .OrderBy(d => d.Role).ThenBy(d => d.Channel).Select(d => new DeviceBinding(d.Role, d.DeviceId, d.Channel, d.Reader))]
                : [],
            Uses = await ledger.RecentAsync(viewer, machine.Id, RecentUses, cancellationToken),
            Jobs = await jobs.OfMachineAsync(viewer, machine.Id, now, RecentJobs, cancellationToken),
            Refusals = await RefusalsAsync(viewer, machine.Id, now, cancellationToken),
            LockOuts = [.. lockOuts.Select(l => new OpenLockOut(
                l.Id, l.Cause, l.Since, l.Mode, l.Release, l.Author is { } author ? authors.GetValueOrDefault(author) : null, l.Gateway is not null, mine.Contains(l.Id)))],
            NextBookings = [.. (await db.Reservations
                .Where(b => b.MachineId == machine.Id && b.CancelledAt == null && b.NoShowAt == null && (b.ReleasedAt == null || b.ReleasedAt > now) && b.End > now && b.Start < soon)
                .OrderBy(b => b.Start).Take(5).ToListAsync(cancellationToken)).Select(b => (b.Start, b.End))],
            Today = await ledger.TotalsAsync(
                new LedgerFilter { Machine = machine.Id, From = today, Through = today }, zone, cancellationToken),
            Booked = await ledger.BookedAsync(
                new LedgerFilter { Machine = machine.Id, From = today, Through = today }, zone, now, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<RefusalLine>> RefusalsAsync(Viewer viewer, MachineId machine, Instant now, CancellationToken cancellationToken)
    {
        bool told = viewer.May(Right.SeeUsers, machine);
        Instant since = now - (told ? StaffRefusals : PublicRefusals);
        List<RefusedTap> taps = await db.RefusedTaps.Where(t => t.MachineId == machine && t.At >= since)
            .OrderByDescending(t => t.At).Take(RecentRefusals).ToListAsync(cancellationToken);
        Dictionary<PersonId, PersonGlance> people = told
            ? await floor.PeopleAsync(taps.Select(t => t.PersonId), cancellationToken)
            : [];
        return [.. taps.Select(tap =>
        {
            (Words sentence, Words next) = Refusals.Tell(tap, told || (tap.PersonId is { } who && viewer.MaySee(who)));
            return new RefusalLine(tap.At, sentence, next, tap.PersonId is { } person ? people.GetValueOrDefault(person) : null, Refusals.IsTrainingMissing(tap));
        })];
    }

    /// <summary>Every training a requirement names.</summary>
    public static IEnumerable<TrainingId> TrainingsOf(TrainingNeed? need) => need switch
    {
        TrainingNeed.One one => [one.Training],
        TrainingNeed.All all => all.Needs.SelectMany(TrainingsOf),
        TrainingNeed.Any any => any.Needs.SelectMany(TrainingsOf),
        _ => [],
    };
}

/// <summary>Tells why a tap was refused, as Core says it, and to the public only what says nothing of the person.</summary>
public static class Refusals
{
    /// <summary>Reasons that say something of the person who stood there: their age, membership or badge. Staff and the person read them; bystanders do not.</summary>
    private static readonly AccessReason[] Personal =
    [
        AccessReason.UnknownBadge, AccessReason.AmbiguousBadge, AccessReason.BadgeLost, AccessReason.BadgeSuspended, AccessReason.BadgeTooWeak,
        AccessReason.PersonInactive, AccessReason.MembershipEnded, AccessReason.AgeUnknown, AccessReason.TooYoung,
        AccessReason.TooYoungAlone, AccessReason.HabilitationSuspended, AccessReason.TooManyAttempts, AccessReason.QuotaUsed,
        AccessReason.RunningElsewhere, AccessReason.SupervisionRatio, AccessReason.CompanionMayNot,
    ];

    /// <param name="tap">The tap.</param>
    /// <param name="told">Whether the reader may know whom it is about.</param>
    public static (Words Sentence, Words NextStep) Tell(RefusedTap tap, bool told)
    {
        ArgumentNullException.ThrowIfNull(tap);
        AccessDecision.Denied? denied = Read(tap.Decision);
        bool personal = denied is null || Personal.Contains(denied.Reason);
        if (denied is null || (personal && !told))
            return (Pair(MachineText.PersonalReason), Pair(MachineText.AskTheTeam));
        return (denied.Sentence, denied.NextStep);
    }

    /// <summary>Whether a habilitation would have made it a yes, as far as the tap was asked.</summary>
    public static bool IsTrainingMissing(RefusedTap tap)
    {
        ArgumentNullException.ThrowIfNull(tap);
        return Read(tap.Decision) is { Reason: AccessReason.TrainingMissing or AccessReason.TrainingExpired };
    }

    private static Words Pair(Ui.Text.Phrase phrase) => new(phrase.French, phrase.English);

    private static AccessDecision.Denied? Read(string decision)
    {
        try
        {
            return JsonSerializer.Deserialize<AccessDecision>(decision, CoreJson.Options) as AccessDecision.Denied;
        }
        catch (JsonException)
        {
            // Written by a newer gateway: the page says less instead of failing. The intake has flagged the record.
            return null;
        }
    }
}
