using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FabLab.Booking.Data;

/// <summary>
/// Statements that stay prepared on a connection that stays open. EF makes a command for every question, and SQLite would read and plan
/// its text each time, which takes longer than most answers. What is asked a second time with the same text is kept from then on.
/// </summary>
internal sealed class KeptStatements : DbCommandInterceptor
{
    private static readonly ConditionalWeakTable<DbConnection, Statements> Known = [];

    private KeptStatements()
    {
    }

    public static KeptStatements Instance { get; } = new();

    /// <summary>From now on keeps statements for this connection, which one thread uses at a time.</summary>
    /// <param name="connection">It; whoever closes it says <see cref="Drop"/> before.</param>
    /// <param name="most">How many; when there are more, those unused for longest go.</param>
    public static void Of(SqliteConnection connection, int most) => Known.AddOrUpdate(connection, new Statements(connection, most));

    /// <summary>Gives them all up.</summary>
    public static void Drop(SqliteConnection connection)
    {
        if (!Known.TryGetValue(connection, out var statements))
            return;
        Known.Remove(connection);
        statements.Clear();
    }

    /// <summary>A command for a text that is asked often: the one that is kept on the connection, or a new one. Its parameters are to be added.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string text)
    {
        if (Known.TryGetValue(connection, out var statements) && statements.Take(text) is { } kept)
            return kept;
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants, or made of the model.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }

    /// <inheritdoc/>
    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        if (result is not SqliteCommand { Connection: { } connection } asked || !Known.TryGetValue(connection, out var statements)
            || statements.Take(asked.CommandText) is not { } kept)
        {
            return result;
        }
        kept.Transaction = asked.Transaction;
        kept.CommandTimeout = asked.CommandTimeout;
        foreach (SqliteParameter parameter in asked.Parameters)
            kept.Parameters.Add(parameter);
        asked.Parameters.Clear();
        asked.Dispose();
        return kept;
    }

    private sealed class Statements(SqliteConnection connection, int most)
    {
        private readonly Dictionary<string, Kept?> _byText = new(StringComparer.Ordinal);
        private long _turn;

        /// <returns>The statement with this text; null the first time, and while it is in use.</returns>
        public Kept? Take(string text)
        {
            if (!_byText.TryGetValue(text, out var kept))
            {
                // Texts asked once (a list of a length of its own) must not grow without end either.
                if (_byText.Count >= 4 * most)
                    Clear();
                _byText.Add(text, null);
                return null;
            }
            if (kept is { InUse: true })
                return null;
            if (kept is null)
            {
                MakeRoom();
                _byText[text] = kept = new Kept(text, connection);
            }
            kept.InUse = true;
            kept.LastTurn = ++_turn;
            return kept;
        }

        public void Clear()
        {
            foreach (var kept in _byText.Values)
                kept?.End();
            _byText.Clear();
        }

        private void MakeRoom()
        {
            var there = _byText.Where(one => one.Value is { InUse: false }).ToList();
            if (there.Count < most)
                return;
            foreach (var (text, kept) in there.OrderBy(one => one.Value!.LastTurn).Take((most / 4) + 1))
            {
                kept!.End();
                _byText.Remove(text);
            }
        }
    }

    /// <summary>A command that whoever asked may throw away, and that is ready for the next.</summary>
    private sealed class Kept(string text, SqliteConnection connection) : SqliteCommand(text, connection)
    {
        public bool InUse { get; set; }

        public long LastTurn { get; set; }

        private bool Ended { get; set; }

        public void End()
        {
            Ended = true;
            // Otherwise whoever uses it ends it.
            if (!InUse)
                Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            var used = InUse;
            InUse = false;
            if (used && !Ended)
            {
                Parameters.Clear();
                Transaction = null;
                return;
            }
            base.Dispose(disposing);
        }
    }
}
