using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Ledger;

/// <summary>Writes the ledger: time as recorded, and corrections.</summary>
internal static class LedgerBooks
{
    public const string LateRecord = "late_record";
    private static readonly Instant FirstBelievable = Instant.FromUtc(2020, 1, 1, 0, 0);

    /// <summary>
    /// Records an entry once. When it is there already and says something else now, because an event came very late, the
    /// row is taken back and replaced; a row that staff have corrected is left to them.
    /// </summary>
    public static async Task RecordAsync(
        BookingWrite write, FloorChanges floor, string gateway, long epoch, LedgerEntry entry, IEnumerable<string> flags, CancellationToken cancellationToken)
    {
        var (known, odd) = await StandingAsync(write, gateway, epoch, entry, cancellationToken);
        if (!known)
        {
            Add(write, floor, From(entry, gateway, epoch, write.Now, LedgerFlags.Join(flags.Concat(odd))));
            return;
        }
        var rows = await write.Db.Ledger
            .Where(row => row.Gateway == gateway && row.Epoch == epoch && row.EntryKey == entry.Key).ToListAsync(cancellationToken);
        if (rows.Any(row => row.Author is not null) || Standing(rows) is not { } standing || Same(standing, entry))
            return;
        Add(write, floor, Reversal(standing, null, LateRecord, write.Now));
        Add(write, floor, Replacement(standing, From(entry, gateway, epoch, write.Now, standing.Flags), null, LateRecord, write.Now));
    }

    /// <summary>The row of a chain that counts: neither taken back nor a reversal. Null when all was taken back.</summary>
    public static MachineTimeEntry? Standing(IReadOnlyCollection<MachineTimeEntry> chain)
    {
        var takenBack = chain.Where(row => row.Kind == LedgerKind.Reversal).Select(row => row.Corrects).ToHashSet();
        return chain.SingleOrDefault(row => row.Kind != LedgerKind.Reversal && !takenBack.Contains(row.Id));
    }

    public static void Add(BookingWrite write, FloorChanges floor, MachineTimeEntry row)
    {
        write.Db.Rows.Add(row);
        write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Ledger, row.MachineId)));
    }

    /// <summary>The same row with the other sign.</summary>
    public static MachineTimeEntry Reversal(MachineTimeEntry row, PersonId? author, string reason, Instant now) =>
        Copy(row, LedgerKind.Reversal, row, row.PersonId, row.ProjectId, -1, author, reason, now);

    /// <summary>What stands for a row from now on: the figures of <paramref name="figures"/>, in the place of <paramref name="old"/>.</summary>
    public static MachineTimeEntry Replacement(MachineTimeEntry old, MachineTimeEntry figures, PersonId? author, string reason, Instant now) =>
        Copy(figures, LedgerKind.Replacement, old, figures.PersonId, figures.ProjectId, 1, author, reason, now);

    /// <summary>The row as staff say it should read. Work cannot be longer than the machine was on.</summary>
    public static MachineTimeEntry Instead(
        MachineTimeEntry old, PersonId? person, ProjectId? project, long poweredMs, PersonId author, string reason, Instant now) =>
        Copy(old, LedgerKind.Replacement, old, person, project, 1, author, reason, now, poweredMs);

    private static MachineTimeEntry Copy(
        MachineTimeEntry from, LedgerKind kind, MachineTimeEntry corrects, PersonId? person, ProjectId? project, int sign, PersonId? author,
        string reason, Instant now, long? poweredMs = null) => new()
        {
            Id = Guid.CreateVersion7(now.ToDateTimeOffset()),
            Kind = kind,
            EntryKey = corrects.EntryKey,
            MachineId = from.MachineId,
            SessionId = from.SessionId,
            PersonId = person,
            BadgeId = from.BadgeId,
            AccompaniedBy = from.AccompaniedBy,
            ProjectId = project,
            BookingId = from.BookingId,
            Start = from.Start,
            End = from.End,
            PoweredMs = sign * (poweredMs ?? from.PoweredMs),
            WorkingMs = sign * Math.Min(from.WorkingMs, poweredMs ?? long.MaxValue),
            CoolDownMs = sign * from.CoolDownMs,
            ExhaustMs = sign * from.ExhaustMs,
            UnknownMs = sign * from.UnknownMs,
            EnergyMwh = sign * from.EnergyMwh,
            Offline = from.Offline,
            EndReason = from.EndReason,
            Flags = from.Flags,
            Corrects = corrects.Id,
            Author = author,
            Reason = reason,
            RecordedAt = now,
            Gateway = corrects.Gateway,
            Epoch = corrects.Epoch,
        };

    private static MachineTimeEntry From(LedgerEntry entry, string gateway, long epoch, Instant now, string flags) => new()
    {
        Id = Guid.CreateVersion7(now.ToDateTimeOffset()),
        Kind = LedgerKind.Recorded,
        EntryKey = entry.Key,
        MachineId = entry.Machine,
        SessionId = entry.Session,
        PersonId = entry.Person,
        BadgeId = entry.Badge,
        AccompaniedBy = entry.Companion,
        ProjectId = entry.Project,
        BookingId = entry.Booking,
        Start = entry.StartedAt,
        End = entry.EndedAt ?? entry.StartedAt,
        PoweredMs = entry.PoweredMs,
        WorkingMs = entry.WorkingMs,
        CoolDownMs = entry.CoolDownMs,
        ExhaustMs = entry.ExhaustMs,
        UnknownMs = entry.UnknownMs,
        EnergyMwh = Energy(entry),
        Offline = entry.Offline,
        EndReason = Reason(entry),
        Flags = flags,
        RecordedAt = now,
        Gateway = gateway,
        Epoch = epoch,
    };

    private static bool Same(MachineTimeEntry row, LedgerEntry entry) =>
        row.PersonId == entry.Person && row.AccompaniedBy == entry.Companion && row.ProjectId == entry.Project && row.BookingId == entry.Booking
        && row.Start == entry.StartedAt && row.End == entry.EndedAt && row.PoweredMs == entry.PoweredMs && row.WorkingMs == entry.WorkingMs
        && row.CoolDownMs == entry.CoolDownMs && row.ExhaustMs == entry.ExhaustMs && row.UnknownMs == entry.UnknownMs
        && row.EnergyMwh == Energy(entry) && row.Offline == entry.Offline && row.EndReason == Reason(entry);

    private static long Energy(LedgerEntry entry) => double.IsFinite(entry.Wh) ? (long)Math.Round(Math.Clamp(entry.Wh, 0, 1e12) * 1000) : 0;

    private static string? Reason(LedgerEntry entry) => entry.Why is { } why ? JsonNamingPolicy.SnakeCaseLower.ConvertName(why.ToString()) : null;

    /// <summary>Whether the entry is in the books, and what is odd about it.</summary>
    private static async Task<(bool Known, List<string> Odd)> StandingAsync(BookingWrite write, string gateway, long epoch, LedgerEntry entry, CancellationToken cancellationToken)
    {
        var (known, machine, project) = (false, false, false);
        (bool? active, BadgeState? badge) = (null, null);
        await write.Db.AskAsync(
            cancellationToken,
            new PlainQuestion(
                """
                SELECT EXISTS (SELECT 1 FROM machine_time WHERE gateway = $1 AND epoch = $2 AND entry_key = $3), EXISTS (SELECT 1 FROM machine WHERE id = $4),
                    (SELECT active FROM person WHERE id = $5), (SELECT state FROM badge WHERE id = $6), EXISTS (SELECT 1 FROM project WHERE id = $7)
                """,
                row =>
                {
                    (known, machine, project) = (row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(4));
                    active = row.IsDBNull(2) ? null : row.GetBoolean(2);
                    badge = row.IsDBNull(3) ? null : (BadgeState)row.GetInt64(3);
                },
                gateway, epoch, entry.Key, entry.Machine.Value, entry.Person?.Value ?? Guid.Empty, entry.Badge?.Value ?? Guid.Empty, entry.Project?.Value ?? Guid.Empty));
        var odd = new List<string>();
        if (!machine)
            odd.Add(LedgerFlags.UnknownMachine);
        if (entry.Person is not null)
        {
            if (active is null)
                odd.Add(LedgerFlags.UnknownPerson);
            else if (active is false || (entry.Badge is not null && badge is not BadgeState.Active))
                odd.Add(LedgerFlags.NoLongerAllowed);
        }
        else if (entry.Session is not null)
        {
            odd.Add(LedgerFlags.UnknownPerson);
        }
        if (entry.Project is not null && !project)
            odd.Add(LedgerFlags.UnknownProject);
        if (entry.StartedAt < FirstBelievable || entry.EndedAt > write.Now + Duration.FromDays(1))
            odd.Add(LedgerFlags.ClockWrong);
        return (known, odd);
    }
}
