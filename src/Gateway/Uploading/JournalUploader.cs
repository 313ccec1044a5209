using System.Text;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Uploading;

/// <summary>
/// Hands the journal to Booking: strictly in order, one batch at a time, as soon as a line is there. It may send a line twice and
/// never skips one: the key (gateway, epoch, number) makes the second time harmless. A line that can never be stored is set aside
/// with an alarm, and the rest goes on.
/// </summary>
public sealed partial class JournalUploader(
    GatewayJournal journal, IJournalIntake intake, AlarmBoard alarms, GatewayMetrics metrics, TimeProvider time, ILogger<JournalUploader> logger)
{
    /// <summary>A batch that is not understood is cut in half; a single line that is not understood this often is set aside.</summary>
    internal const int RefusalsBeforeSetAside = 3;

    /// <summary>Body bytes in one batch, well under what the intake takes.</summary>
    private const int BatchBytes = JournalBatch.MaxBytes / 2;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AlarmAfter = TimeSpan.FromMinutes(1);

    private readonly UploadLedger _ledger = new(journal);
    private long _cursor;
    private long _lastSuccess;

    /// <summary>Lines that Booking does not have yet.</summary>
    public long Waiting => Math.Max(0, journal.LastSequence - Interlocked.Read(ref _cursor));

    public long Acknowledged => Interlocked.Read(ref _cursor);

    public IReadOnlyList<SetAsideRow> SetAside(int limit) => _ledger.SetAside(limit);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _cursor = _ledger.Acknowledged();
        _lastSuccess = time.GetTimestamp();
        if (_ledger.SetAsideCount() > 0)
            RaiseSetAside();
        var wait = TimeSpan.Zero;
        var limit = JournalBatch.MaxRecords;
        var refusals = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken);
            await journal.WaitForAsync(_cursor, cancellationToken);
            var rows = journal.ReadAfter(_cursor, limit);
            if (rows.Count == 0)
            {
                // Numbers were given to lines that are gone (a file put back from a backup): go on after them.
                Interlocked.Exchange(ref _cursor, journal.LastSequence);
                continue;
            }
            var (sent, unsendable) = Compose(rows);
            var answer = sent.Count == 0
                ? new IntakeAnswer.Received(new JournalReceipt(unsendable[^1].Row.Sequence, []))
                : await intake.SendAsync(new JournalBatch(journal.Epoch, [.. sent.Select(s => new JournalRecord(s.Row.Sequence, s.Row.Machine, s.Row.At, s.Row.Kind, s.Body))]), cancellationToken);
            switch (answer)
            {
                case IntakeAnswer.Received received:
                    if (await AcceptAsync(received.Receipt, sent, unsendable))
                    {
                        metrics.Uploads.Add("accepted");
                        Reached();
                        (wait, limit, refusals) = (TimeSpan.Zero, Math.Min(limit * 2, JournalBatch.MaxRecords), 0);
                    }
                    else
                    {
                        metrics.Uploads.Add("no_progress");
                        wait = Longer(wait);
                    }
                    break;
                case IntakeAnswer.NotUnderstood refused when sent.Count > 1:
                    metrics.Uploads.Add("not_understood");
                    Log.Halved(logger, refused.Code, sent.Count);
                    limit = Math.Max(1, sent.Count / 2);
                    wait = TimeSpan.Zero;
                    break;
                case IntakeAnswer.NotUnderstood refused:
                    metrics.Uploads.Add("not_understood");
                    if (++refusals < RefusalsBeforeSetAside)
                        wait = Longer(wait);
                    else if (await SetAsideAsync(sent[0].Row, refused))
                        (wait, refusals) = (TimeSpan.Zero, 0);
                    break;
                case IntakeAnswer.NotLetIn notLetIn:
                    metrics.Uploads.Add("not_let_in");
                    alarms.Raise(AlarmCodes.BookingUnreachable, "booking", $"Booking does not let this gateway in: {notLetIn.Cause}");
                    wait = LongestWait;
                    break;
                case IntakeAnswer.Unavailable unavailable:
                    metrics.Uploads.Add("unavailable");
                    if (time.GetElapsedTime(_lastSuccess) >= AlarmAfter)
                        alarms.Raise(AlarmCodes.BookingUnreachable, "booking", $"Booking has not taken the journal for a minute ({unavailable.Cause}); everything is kept here.");
                    wait = Longer(wait);
                    break;
            }
        }
    }

    /// <summary>Removes lines that Booking has had for a long time.</summary>
    public Task<int> PruneAsync(Duration keep) => _ledger.PruneAsync(Now() - keep, 500);

    /// <summary>The lines that go into one request, and those that no request can carry.</summary>
    private static (List<(JournalRow Row, JsonElement Body)> Sent, List<(JournalRow Row, string Code, string Message)> Unsendable) Compose(
        IReadOnlyList<JournalRow> rows)
    {
        var sent = new List<(JournalRow Row, JsonElement Body)>(rows.Count);
        var unsendable = new List<(JournalRow Row, string Code, string Message)>();
        var bytes = 0;
        foreach (var row in rows)
        {
            var size = Encoding.UTF8.GetByteCount(row.Json);
            if (size > JournalRecord.MaxBodyBytes)
            {
                unsendable.Add((row, RecordRefusals.TooLarge, $"{size} bytes; Booking takes {JournalRecord.MaxBodyBytes}."));
                continue;
            }
            if (bytes + size > BatchBytes && sent.Count > 0)
                break;
            try
            {
                sent.Add((row, JsonElement.Parse(row.Json)));
                bytes += size;
            }
            catch (JsonException e)
            {
                unsendable.Add((row, RecordRefusals.Malformed, e.Message));
            }
        }
        // What was found unsendable beyond the last sent line waits for its turn: order.
        if (sent.Count > 0)
            unsendable.RemoveAll(u => u.Row.Sequence > sent[^1].Row.Sequence);
        return (sent, unsendable);
    }

    private async Task<bool> AcceptAsync(
        JournalReceipt receipt, List<(JournalRow Row, JsonElement Body)> sent, List<(JournalRow Row, string Code, string Message)> refused)
    {
        var last = sent.Count > 0 ? sent[^1].Row.Sequence : receipt.AcceptedUpTo;
        var upTo = Math.Min(receipt.AcceptedUpTo, last);
        if (upTo <= _cursor)
        {
            Log.NoProgress(logger, receipt.AcceptedUpTo, _cursor);
            return false;
        }
        foreach (var r in receipt.Refused)
        {
            if (sent.Find(s => s.Row.Sequence == r.Seq).Row is { } row)
                refused.Add((row, r.Code, r.Detail));
        }
        refused.RemoveAll(r => r.Row.Sequence > upTo);
        return await AdvanceAsync(upTo, refused);
    }

    private Task<bool> SetAsideAsync(JournalRow row, IntakeAnswer.NotUnderstood refused) =>
        AdvanceAsync(row.Sequence, [(row, refused.Code, refused.Cause)]);

    private async Task<bool> AdvanceAsync(long upTo, List<(JournalRow Row, string Code, string Message)> refused)
    {
        var fault = await _ledger.AdvanceAsync(upTo, refused, Now());
        if (fault is not null && refused.Count > 0)
        {
            // Going on would forget the refused lines. Sending the batch again costs nothing: its keys are known.
            Log.SetAsideFailed(logger, fault.Kind);
            return false;
        }
        // A cursor that could not be written is only old after a restart: some lines are then sent twice.
        Interlocked.Exchange(ref _cursor, upTo);
        foreach (var (row, code, message) in refused)
            Log.SetAsideLine(logger, row.Sequence, row.Kind, code, message);
        if (refused.Count > 0)
            RaiseSetAside();
        return true;
    }

    private void RaiseSetAside() => alarms.Raise(
        AlarmCodes.RecordSetAside, "journal", "Booking refused lines of the journal for good. They are kept in the gateway's file, in set_aside.");

    private void Reached()
    {
        _lastSuccess = time.GetTimestamp();
        alarms.Clear(AlarmCodes.BookingUnreachable, "booking");
    }

    private static TimeSpan Longer(TimeSpan wait) =>
        wait == TimeSpan.Zero ? FirstWait : wait * 2 < LongestWait ? wait * 2 : LongestWait;

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Warning, "Booking did not understand a batch of {Count} lines ({Code}); sending fewer at a time")]
        public static partial void Halved(ILogger logger, string code, int count);

        [LoggerMessage(4202, LogLevel.Error, "Line {Sequence} of the journal ({Kind}) was refused for good ({Code}: {Detail}); it is set aside")]
        public static partial void SetAsideLine(ILogger logger, long sequence, string kind, string code, string detail);

        [LoggerMessage(4203, LogLevel.Warning, "Booking accepted up to {Accepted}, which is not beyond {Cursor}; trying again")]
        public static partial void NoProgress(ILogger logger, long accepted, long cursor);

        [LoggerMessage(4204, LogLevel.Error, "Refused lines could not be set aside ({Kind}); the batch is sent again later")]
        public static partial void SetAsideFailed(ILogger logger, StorageFaultKind kind);
    }
}
