using FabLab.Gateway.Journal;
using NodaTime;

namespace FabLab.Gateway.Uploading;

/// <summary>A line that Booking said it can never store. It is kept here, with the reason, until somebody looks.</summary>
public sealed record SetAsideRow(long Sequence, Instant At, string Code, string Message, string Kind, string Json);

/// <summary>How far the journal has been handed over, in the gateway's own file.</summary>
internal sealed class UploadLedger(GatewayJournal journal)
{
    private const string Cursor = "upload-cursor";

    /// <summary>The last line that Booking has, or has refused for good.</summary>
    public long Acknowledged() => journal.Read(s => s.Scalar("SELECT value FROM counter WHERE name = $1", Cursor) as long?) ?? 0;

    /// <summary>Moves the cursor and sets refused lines aside, together.</summary>
    public async Task<StorageFault?> AdvanceAsync(long upTo, IReadOnlyList<(JournalRow Row, string Code, string Message)> refused, Instant now)
    {
        var (_, fault) = await journal.WriteAsync(s =>
        {
            foreach (var (row, code, message) in refused)
                s.Execute(
                    "INSERT INTO set_aside (seq, at, code, message, kind, json) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    row.Sequence, now.ToUnixTimeTicks(), code, message, row.Kind, row.Json);
            return s.Execute(
                "INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = max(value, $2)", Cursor, upTo);
        });
        return fault;
    }

    public IReadOnlyList<SetAsideRow> SetAside(int limit) => journal.Read(s => s.Query(
        "SELECT seq, at, code, message, kind, json FROM set_aside ORDER BY seq DESC LIMIT $1",
        r => new SetAsideRow(r.GetInt64(0), Instant.FromUnixTimeTicks(r.GetInt64(1)), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5)),
        (long)limit));

    public long SetAsideCount() => journal.Read(s => (long)s.Scalar("SELECT count(*) FROM set_aside")!);

    /// <summary>Removes lines that were handed over before a moment, a few at a time so that no tap waits behind it.</summary>
    /// <returns>How many went; 0 when there are none left or the file cannot be written.</returns>
    public async Task<int> PruneAsync(Instant before, int limit)
    {
        var (count, _) = await journal.WriteAsync(s =>
        {
            var lines = s.Execute(
                """
                DELETE FROM journal WHERE seq IN (
                  SELECT seq FROM journal WHERE at < $1 AND seq <= (SELECT value FROM counter WHERE name = $2) ORDER BY seq LIMIT $3)
                """,
                before.ToUnixTimeTicks(), Cursor, (long)limit);
            return lines + s.Execute(
                "DELETE FROM device_record WHERE (device, boot, seq) IN (SELECT device, boot, seq FROM device_record WHERE at < $1 LIMIT $2)",
                before.ToUnixTimeSeconds(), (long)limit);
        });
        return count;
    }
}
