using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace FabLab.Booking.Data;

/// <summary>
/// Rows that are only added, in the hundreds a second: slots, traces, messages, marks. EF would watch each of them for changes, sort them
/// and put a statement together for each, which costs ten times as much as adding the row. They are saved with the rest, after it and in
/// their order, by statements made once of the same model. What is added here is not tracked: nothing that is to be changed again within
/// the same write belongs here.
/// </summary>
internal sealed class NewRows(BookingDbContext db)
{
    // Sent at once to PostgreSQL.
    private const int Together = 500;

    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<(Type Row, bool Put), Shape>> Shapes = [];

    private readonly List<(object Row, bool Put)> _rows = [];
    private int _saved;

    /// <summary>Those of this write, saved or not.</summary>
    public IEnumerable<object> OfThisWrite => _rows.Select(one => one.Row);

    /// <summary>Those that are not saved yet.</summary>
    public IEnumerable<object> Waiting => _rows.Skip(_saved).Select(one => one.Row);

    /// <summary>Adds a row at the next save. One with the same key must not be there.</summary>
    public void Add(object row) => _rows.Add((row, false));

    /// <summary>Adds a row at the next save, or writes over the one with the same key.</summary>
    public void Put(object row) => _rows.Add((row, true));

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        _rows.Clear();
        _saved = 0;
    }

    /// <summary>Writes those that are not saved yet.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="DbUpdateException">The database refuses one of them.</exception>
    public async Task<int> SaveAsync(CancellationToken cancellationToken)
    {
        if (_saved == _rows.Count)
            return 0;
        var rows = _rows[_saved..];
        _saved = _rows.Count;
        var connection = db.Database.GetDbConnection();
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        try
        {
            if (connection is SqliteConnection sqlite)
            {
                foreach (var (row, put) in rows)
                    await SaveOneAsync(sqlite, (SqliteTransaction?)transaction, ShapeOf(row, put), row, cancellationToken);
            }
            else
            {
                foreach (var some in rows.Chunk(Together))
                    await SaveTogetherAsync(connection, transaction, some, cancellationToken);
            }
        }
        catch (DbException fault)
        {
            throw new DbUpdateException("The database refuses a new row.", fault);
        }
        return rows.Count;
    }

    private static async Task SaveOneAsync(SqliteConnection connection, SqliteTransaction? transaction, Shape shape, object row, CancellationToken cancellationToken)
    {
        await using var command = KeptStatements.Command(connection, shape.Text);
        command.Transaction = transaction;
        shape.Fill(command, command.Parameters, row, named: true);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task SaveTogetherAsync(DbConnection connection, DbTransaction? transaction, (object Row, bool Put)[] rows, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        // Makes parameters of the kinds that the columns have.
        await using var maker = connection.CreateCommand();
        foreach (var (row, put) in rows)
        {
            var shape = ShapeOf(row, put);
            var command = batch.CreateBatchCommand();
            command.CommandText = shape.Text;
            shape.Fill(maker, command.Parameters, row, named: false);
            batch.BatchCommands.Add(command);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private Shape ShapeOf(object row, bool put) =>
        Shapes.GetValue(db.Model, _ => new()).GetOrAdd((row.GetType(), put), (key, model) => new Shape(model.FindEntityType(key.Row)!, key.Put), db.Model);

    /// <summary>The statement of one table, and how its values are read from a row.</summary>
    private sealed class Shape
    {
        private readonly (string Name, Func<object, object?> Value, RelationalTypeMapping Mapping, bool Nullable)[] _columns;

        public Shape(IEntityType type, bool put)
        {
            var properties = type.GetProperties().ToArray();
            if (properties.Any(property => property.IsShadowProperty()))
                throw new NotSupportedException($"{type.Name} has columns that no row carries.");
            _columns = [.. properties.Select((property, place) => (
                string.Create(CultureInfo.InvariantCulture, $"${place + 1}"), (Func<object, object?>)property.GetGetter().GetClrValue, property.GetRelationalTypeMapping(), property.IsNullable))];
            Text = $"INSERT INTO {type.GetTableName()} ({string.Join(", ", properties.Select(Column))}) VALUES ({string.Join(", ", _columns.Select(column => column.Name))})";
            if (!put)
                return;
            var key = type.FindPrimaryKey()!.Properties;
            Text += $" ON CONFLICT ({string.Join(", ", key.Select(Column))}) DO UPDATE SET {string.Join(", ", properties.Except(key).Select(property => $"{Column(property)} = excluded.{Column(property)}"))}";
        }

        /// <summary>Its parameters are <c>$1</c> and so on, which both databases understand.</summary>
        public string Text { get; }

        public void Fill(DbCommand maker, DbParameterCollection parameters, object row, bool named)
        {
            foreach (var (name, value, mapping, nullable) in _columns)
            {
                var parameter = mapping.CreateParameter(maker, name, value(row), nullable);
                // PostgreSQL takes them by their places.
                if (!named)
                    parameter.ParameterName = "";
                parameters.Add(parameter);
            }
        }

        private static string Column(IProperty property) => $"\"{property.GetColumnName()}\"";
    }
}
