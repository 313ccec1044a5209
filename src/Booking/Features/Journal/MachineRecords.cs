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

    /// <summary>Takes in what has become complete.</summary>
    /// <param name="write">The write that stored the events.</param>
    /// <param name="gateway">Whose journal.</param>
    /// <param name="epoch">Which journal of it.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="arrived">Uses of which an event has just come; those already counted are looked at again.</param>
    /// <param name="cancellationToken">Ends the work before the commit.</param>
    public async Task TakeInAsync(
        BookingWrite write, string gateway, long epoch, MachineId machine, IReadOnlySet<SessionId> arrived, CancellationToken cancellationToken)
    {
        var db = write.Db;
        var progress = await db.MachineProgress.FindAsync([gateway, epoch, machine], cancellationToken);
        if (progress is null)
        {
            progress = new MachineProgress { Gateway = gateway, Epoch = epoch, MachineId = machine, State = Json(MachineState.New) };
            db.MachineProgress.Add(progress);
        }
        var state = JsonSerializer.Deserialize<MachineState>(progress.State, CoreJson.Options) ?? MachineState.New;
        var touched = new HashSet<SessionId>(arrived);
        var flags = new List<string>();
        var moved = false;
        MachineEvent? last = null;

        // Read whole: PostgreSQL answers no second question while a first answer is still being read.
        var waiting = await db.Journal.AsNoTracking()
            .Where(row => row.Gateway == gateway && row.Epoch == epoch && row.MachineId == machine && row.MachineSeq > progress.LastSeq)
            .OrderBy(row => row.MachineSeq).ThenBy(row => row.Seq).ToListAsync(cancellationToken);
        foreach (var row in waiting)
        {
            var place = row.MachineSeq!.Value;
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
            if (row.Refused is not null || row.Kind != Contracts.JournalKinds.Event)
                continue;
            var happened = JsonSerializer.Deserialize<MachineEvent>(row.Body, CoreJson.Options)!;
            last = happened;
            state = After(state, happened);
            await LockOutsAsync(db, gateway, machine, happened, cancellationToken);
            if (RecordReader.SessionOf(happened) is { } session)
                touched.Add(session);
            else
                await NobodysTimeAsync(write, gateway, epoch, happened, cancellationToken);
        }

        progress.State = Json(state);
        if (moved)
            await ShowAsync(write, progress, state, last, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var session in touched)
            await CountAsync(write, gateway, epoch, machine, session, progress.LastSeq, flags, cancellationToken);
    }

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

    private async Task ShowAsync(BookingWrite write, MachineProgress progress, MachineState state, MachineEvent? last, CancellationToken cancellationToken)
    {
        var now = await write.Db.MachinesNow.FindAsync([progress.MachineId], cancellationToken);
        if (now is not null && now.Gateway == progress.Gateway && (now.Epoch > progress.Epoch || (now.Epoch == progress.Epoch && now.Seq >= progress.LastSeq)))
            return;
        if (now is null)
        {
            now = new MachineNow { MachineId = progress.MachineId, Gateway = "", Epoch = 0, Seq = 0, At = default, Code = "", State = "" };
            write.Db.MachinesNow.Add(now);
        }
        now.Gateway = progress.Gateway;
        now.Epoch = progress.Epoch;
        now.Seq = progress.LastSeq;
        now.At = last?.At ?? now.At;
        now.Code = state.Code;
        now.PersonId = state.Session?.Person;
        now.SessionId = state.Session?.Id;
        now.StartedAt = state.Session?.StartedAt;
        now.LinkLost = state.Tracks.LinkDown;
        now.State = progress.State;
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
        var bodies = await write.Db.Journal.AsNoTracking()
            .Where(row => row.SessionId == session && row.Gateway == gateway && row.Epoch == epoch && row.MachineId == machine
                && row.MachineSeq <= upTo && row.Refused == null && row.Kind == Contracts.JournalKinds.Event)
            .Select(row => row.Body).ToListAsync(cancellationToken);
        var projection = LedgerProjection.Of(bodies.Select(body => JsonSerializer.Deserialize<MachineEvent>(body, CoreJson.Options)!));
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
