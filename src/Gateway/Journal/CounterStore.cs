namespace FabLab.Gateway.Journal;

/// <summary>
/// Numbers that may never come twice, across restarts: what the gateway signs its messages to a device with. A block is made
/// durable before the first of its numbers is used, so a crash skips numbers and never repeats one.
/// </summary>
public sealed class CounterStore(GatewayJournal journal)
{
    /// <summary>Reserves <paramref name="count"/> numbers.</summary>
    /// <returns>The first of them, or null when the file cannot be written: then nothing may be signed.</returns>
    public async Task<long?> ReserveAsync(string name, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (next, fault) = await journal.WriteAsync(s => (long)s.Scalar(
            "INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = value + $2 RETURNING value",
            name, (long)count)!);
        return fault is null ? next - count + 1 : null;
    }

    /// <summary>Remembers the highest number seen from the other side; a lower one changes nothing.</summary>
    /// <returns>False when it could not be made durable.</returns>
    public async Task<bool> RaiseAsync(string name, long value)
    {
        var (_, fault) = await journal.WriteAsync(s => s.Execute(
            "INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = max(value, $2)", name, value));
        return fault is null;
    }

    /// <summary>The last value; 0 when there is none.</summary>
    public long Read(string name) => journal.Read(s => s.Scalar("SELECT value FROM counter WHERE name = $1", name) as long?) ?? 0;
}
