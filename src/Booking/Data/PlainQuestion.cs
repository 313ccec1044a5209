using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using NodaTime;

namespace FabLab.Booking.Data;

/// <summary>A question in SQL that both databases understand, for what is asked with every booking: EF takes several times as long as the answer.</summary>
/// <param name="Text">The question. Its values are <c>$1</c> and so on, in the order of <paramref name="Values"/>.</param>
/// <param name="Row">Takes each row of the answer, in its order.</param>
/// <param name="Values">Whole numbers, truths, texts, ids as Guid, bytes.</param>
internal sealed record PlainQuestion(string Text, Action<DbDataReader> Row, params object[] Values);

internal static class PlainQuestions
{
    private static readonly string[] Names = [.. Enumerable.Range(1, 16).Select(place => string.Create(CultureInfo.InvariantCulture, $"${place}"))];

    /// <summary>Asks, within the transaction of the context if there is one, what waits to go along too. PostgreSQL hears all of the questions at once.</summary>
    public static async Task AskAsync(this BookingDbContext db, CancellationToken cancellationToken, params IReadOnlyList<PlainQuestion> questions)
    {
        if (db.Along.Count > 0)
        {
            questions = [.. questions, .. db.Along];
            db.Along.Clear();
        }
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            if (db.Database.GetDbConnection() is SqliteConnection sqlite)
            {
                foreach (var question in questions)
                    await AskAsync(sqlite, (SqliteTransaction?)transaction, question, cancellationToken);
            }
            else
            {
                await AskTogetherAsync(db.Database.GetDbConnection(), transaction, questions, cancellationToken);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>An instant of a column, or null.</summary>
    public static Instant? InstantOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.InstantAt(column);

    /// <summary>An instant of a column.</summary>
    public static Instant InstantAt(this DbDataReader row, int column) => Instant.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static async Task AskAsync(SqliteConnection connection, SqliteTransaction? transaction, PlainQuestion question, CancellationToken cancellationToken)
    {
        await using var command = KeptStatements.Command(connection, question.Text);
        command.Transaction = transaction;
        for (var place = 0; place < question.Values.Length; place++)
            command.Parameters.Add(new SqliteParameter(Names[place], question.Values[place]));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            question.Row(row);
    }

    private static async Task AskTogetherAsync(DbConnection connection, DbTransaction? transaction, IReadOnlyList<PlainQuestion> questions, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var question in questions)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = question.Text;
            foreach (var value in question.Values)
            {
                var parameter = command.CreateParameter();
                parameter.Value = value;
                command.Parameters.Add(parameter);
            }
            batch.BatchCommands.Add(command);
        }
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var question in questions)
        {
            while (await row.ReadAsync(cancellationToken))
                question.Row(row);
            await row.NextResultAsync(cancellationToken);
        }
    }
}
