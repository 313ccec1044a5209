using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Journal;

/// <summary>
/// Takes the events of a machine into what is shown and counted: strictly in their order, each once, whatever the order in which
/// they came. An event after a gap waits for the missing one, but not for ever.
/// </summary>
internal sealed partial class MachineRecords(FloorChanges floor, ILogger<MachineRecords> log)
{
    /// <summary>How long events wait for a missing one. A gateway sends in order, so a gap means that its file was lost or a record set aside.</summary>
    public static readonly Duration Patience = Duration.FromHours(1);

    private const string TapDecided = "{\"t\":\"tap_decided\"";

    /// <summary>Takes in what has become complete.</summary>
    /// <param name="write">The write that stored the records.</param>
    /// <param name="gateway">Whose journal.</param>
    /// <param name="epoch">Which journal of it.</param>
    /// <param name="fresh">The records of machines that were not stored before, those that were refused among them. They are saved.</param>
    /// <param name="cancellationToken">Ends the work before the commit.</param>
    public async Task TakeInAsync(BookingWrite write, string gateway, long epoch, IReadOnlyList<ReadRecord> fresh, CancellationToken cancellationToken)
    {
        if (fresh.Count == 0)
            return;
        var byMachine = fresh.ToLookup(record => record.Machine!.Value);
        var (progress, now) = await StandingAsync(write.Db, gateway, epoch, [.. byMachine.Select(machine => machine.Key)], cancellationToken);
        foreach (var machine in byMachine)
        {
            var before = progress.GetValueOrDefault(machine.Key)
                ?? new MachineProgress { Gateway = gateway, Epoch = epoch, MachineId = machine.Key, State = Json(MachineState.New) };
            await TakeInAsync(write, before, now.GetValueOrDefault(machine.Key), [.. machine], cancellationToken);
        }
    }

    /// <summary>Goes on with a machine whose events have waited long enough for a missing one.</summary>
    /// <param name="write">The write.</param>
    /// <param name="gateway">Whose journal.</param>
    /// <param name="epoch">Which journal of it.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="cancellationToken">Ends the work before the commit.</param>
    public async Task GoOnAsync(BookingWrite write, string gateway, long epoch, MachineId machine, CancellationToken cancellationToken)
    {
        var (progress, now) = await StandingAsync(write.Db, gateway, epoch, [machine], cancellationToken);
        if (progress.TryGetValue(machine, out var waiting))
            await TakeInAsync(write, waiting, now.GetValueOrDefault(machine), [], cancellationToken);
    }

    private async Task TakeInAsync(BookingWrite write, MachineProgress progress, MachineNow? now, List<ReadRecord> fresh, CancellationToken cancellationToken)
    {
        var (gateway, epoch, machine) = (progress.Gateway, progress.Epoch, progress.MachineId);
        var state = JsonSerializer.Deserialize<MachineState>(progress.State, CoreJson.Options) ?? MachineState.New;
        // What comes after its place was passed may change what is counted already.
        var touched = fresh.Where(record => record.Session is not null && record.MachineSeq <= progress.LastSeq).Select(record => record.Session!.Value).ToHashSet();
        var flags = new List<string>();
        var moved = false;
        MachineEvent? last = null;

        foreach (var (place, happened) in await WaitingAsync(write.Db, progress, fresh, cancellationToken))
        {
            if (place <= progress.LastSeq)
                continue;
            if (place > progress.LastSeq + 1)
            {
                progress.WaitingSince ??= write.Now;
                if (write.Now - progress.WaitingSince < Patience)
                    break;
                Log.GapSkipped(log, gateway, progress.LastSeq + 1, place - 1);
                flags.Add(LedgerFlags.Gap);
            }
            progress.WaitingSince = null;
            progress.LastSeq = place;
            moved = true;
            // A refused record keeps its place and says nothing.
            if (happened is null)
                continue;
            last = happened;
            state = After(state, happened);
            await LockOutsAsync(write.Db, gateway, machine, happened, cancellationToken);
            if (IsBeginning(happened))
                continue;
            if (RecordReader.SessionOf(happened) is { } session)
                touched.Add(session);
            else
                await NobodysTimeAsync(write, gateway, epoch, happened, cancellationToken);
        }

        progress.State = Json(state);
        write.Db.Rows.Put(progress);
        if (moved)
            Show(write, progress, now, state, last);
        foreach (var session in touched)
            await CountAsync(write, gateway, epoch, machine, session, progress.LastSeq, flags, cancellationToken);
    }

    private static async Task<(Dictionary<MachineId, MachineProgress> Progress, Dictionary<MachineId, MachineNow> Now)> StandingAsync(
        BookingDbContext db, string gateway, long epoch, List<MachineId> machines, CancellationToken cancellationToken)
    {
        var (progress, now) = (new Dictionary<MachineId, MachineProgress>(), new Dictionary<MachineId, MachineNow>());
        var questions = new List<PlainQuestion>();
        foreach (var machine in machines)
        {
            questions.Add(new PlainQuestion(
                "SELECT last_seq, waiting_since, state FROM machine_progress WHERE gateway = $1 AND epoch = $2 AND machine_id = $3",
                row => progress[machine] = new MachineProgress
                {
                    Gateway = gateway, Epoch = epoch, MachineId = machine, LastSeq = row.GetInt64(0), WaitingSince = row.InstantOrNull(1), State = row.GetString(2),
                },
                gateway, epoch, machine.Value));
            questions.Add(new PlainQuestion(
                "SELECT gateway, epoch, seq, at FROM machine_now WHERE machine_id = $1",
                row => now[machine] = new MachineNow
                {
                    MachineId = machine, Gateway = row.GetString(0), Epoch = row.GetInt64(1), Seq = row.GetInt64(2), At = row.InstantAt(3), Code = "", State = "",
                },
                machine.Value));
        }
        await db.AskAsync(cancellationToken, questions);
        return (progress, now);
    }

    /// <summary>What comes after what was taken in, by its place; null for what was refused.</summary>
    private static async Task<IReadOnlyList<(long Place, MachineEvent? Happened)>> WaitingAsync(
        BookingDbContext db, MachineProgress progress, List<ReadRecord> fresh, CancellationToken cancellationToken)
    {
        // While nothing waits, all that came before is taken in, and what follows has just come.
        if (progress.WaitingSince is null)
        {
            return [.. fresh.OrderBy(record => record.MachineSeq).ThenBy(record => record.Seq)
                .Select(record => (record.MachineSeq!.Value, record.Kept))];
        }
        // Read whole: PostgreSQL answers no second question while a first answer is still being read.
        var rows = await db.Journal.AsNoTracking()
            .Where(row => row.Gateway == progress.Gateway && row.Epoch == progress.Epoch && row.MachineId == progress.MachineId && row.MachineSeq > progress.LastSeq)
            .OrderBy(row => row.MachineSeq).ThenBy(row => row.Seq).ToListAsync(cancellationToken);
        return [.. rows.Select(row => (
            row.MachineSeq!.Value,
            row.Refused is null && row.Kind == Contracts.JournalKinds.Event ? JsonSerializer.Deserialize<MachineEvent>(row.Body, CoreJson.Options) : null))];
    }

    /// <summary>What comes in its place and leaves a use unfinished: there is nothing to count yet.</summary>
    private static bool IsBeginning(MachineEvent happened) => happened is
        MachineEvent.TapDecided or MachineEvent.SessionStarted or MachineEvent.StretchOpened or MachineEvent.WorkBegan or MachineEvent.LimitChanged or MachineEvent.EndAnnounced;

    private MachineState After(MachineState state, MachineEvent happened)
    {
        try
        {
            return MachineSessions.Evolve(state, happened);
        }
        catch (Exception fault)
        {
            // What is shown may be wrong until the next event; what is counted is not touched by it.
            Log.NotUnderstood(log, happened.Seq, fault);
            return state;
        }
    }

    private void Show(BookingWrite write, MachineProgress progress, MachineNow? before, MachineState state, MachineEvent? last)
    {
        if (before is not null && before.Gateway == progress.Gateway && (before.Epoch > progress.Epoch || (before.Epoch == progress.Epoch && before.Seq >= progress.LastSeq)))
            return;
        write.Db.Rows.Put(new MachineNow
        {
            MachineId = progress.MachineId,
            Gateway = progress.Gateway,
            Epoch = progress.Epoch,
            Seq = progress.LastSeq,
            At = last?.At ?? before?.At ?? default,
            Code = state.Code,
            PersonId = state.Session?.Person,
            SessionId = state.Session?.Id,
            StartedAt = state.Session?.StartedAt,
            LinkLost = state.Tracks.LinkDown,
            State = progress.State,
        });
        write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.State, progress.MachineId)));
    }

    /// <summary>Lock-outs a gateway set by itself are shown and released here like any other.</summary>
    private static async Task LockOutsAsync(BookingDbContext db, string gateway, MachineId machine, MachineEvent happened, CancellationToken cancellationToken)
    {
        var set = happened switch
        {
            MachineEvent.LockOutSet e => e.LockOut,
            MachineEvent.FaultRaised e => e.LockOut,
            _ => null,
        };
        if (set is not null && await db.LockOuts.FindAsync([set.Id], cancellationToken) is null)
        {
            if (!await db.Machines.AnyAsync(m => m.Id == machine, cancellationToken))
                return;
            db.LockOuts.Add(new LockOutRow
            {
                Id = set.Id,
                MachineId = machine,
                Cause = Text.Clean(set.Cause, LockOutRow.MaxCause),
                Author = set.Author,
                Since = set.Since,
                Release = set.Release,
                Mode = set.Mode,
                Gateway = gateway,
            });
        }
        if (happened is MachineEvent.LockOutLifted lifted
            && await db.LockOuts.FindAsync([lifted.LockOut], cancellationToken) is { ReleasedAt: null } open)
        {
            open.ReleasedAt = happened.At;
            open.ReleasedBy = lifted.By;
            open.Version++;
        }
    }

    private async Task NobodysTimeAsync(BookingWrite write, string gateway, long epoch, MachineEvent happened, CancellationToken cancellationToken)
    {
        foreach (var entry in LedgerProjection.Of([happened]).Entries())
            await LedgerBooks.RecordAsync(write, floor, gateway, epoch, entry, [], cancellationToken);
    }

    /// <summary>Counts a use once all of it is known, and corrects it when a late event changes it after all.</summary>
    private async Task CountAsync(
        BookingWrite write, string gateway, long epoch, MachineId machine, SessionId session, long upTo, IEnumerable<string> flags, CancellationToken cancellationToken)
    {
        var events = new List<MachineEvent>();
        await write.Db.AskAsync(cancellationToken, new PlainQuestion(
            "SELECT body FROM journal WHERE session_id = $1 AND gateway = $2 AND epoch = $3 AND machine_id = $4 AND machine_seq <= $5 AND refused IS NULL AND kind = $6",
            row =>
            {
                var body = row.GetString(0);
                // A tap is the longest record of a use, and takes no time.
                if (!body.StartsWith(TapDecided, StringComparison.Ordinal))
                    events.Add(JsonSerializer.Deserialize<MachineEvent>(body, CoreJson.Options)!);
            },
            session.Value, gateway, epoch, machine.Value, upTo, Contracts.JournalKinds.Event));
        var projection = LedgerProjection.Of(events);
        if (projection.Entry(session) is { Settled: true, EndedAt: not null } entry)
            await LedgerBooks.RecordAsync(write, floor, gateway, epoch, entry, flags, cancellationToken);
    }

    private static string Json(MachineState state) => JsonSerializer.Serialize(state, CoreJson.Options);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5411, Level = LogLevel.Warning, Message = "Gateway {Gateway}: the events {From} to {To} of a machine never came; going on without them.")]
        public static partial void GapSkipped(ILogger logger, string gateway, long from, long to);

        [LoggerMessage(EventId = 5412, Level = LogLevel.Error, Message = "Event {Seq} of a machine could not be followed; its shown state may be wrong.")]
        public static partial void NotUnderstood(ILogger logger, long seq, Exception fault);
    }
}
