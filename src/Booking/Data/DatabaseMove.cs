using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Numerics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace FabLab.Booking.Data;

/// <summary>One table that was moved.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows; counted on both sides.</param>
public sealed record MovedTable(string Name, long Rows);

/// <summary>Why a lab was not moved. The message says what to do.</summary>
public sealed class DatabaseMoveException(string message) : Exception(message);

/// <summary>
/// Moves a lab from the SQLite file in its data folder to an empty PostgreSQL: every table, what is referred to before what refers to
/// it, in one transaction that is kept only when the rows and the sums of every column are the same on both sides. The file is only
/// read. docs/adr/0078.
/// </summary>
public static class DatabaseMove
{
    // Tables that a new database fills by itself, or whose rows say nothing of a lab.
    private static readonly string[] OfALab = ["person", "machine", "reservation", "journal", "machine_time", "audit", "staff_account"];

    /// <summary>Moves.</summary>
    /// <param name="dataFolder">The folder of the lab; nothing may run on it.</param>
    /// <param name="to">Where to, as a PostgreSQL connection string.</param>
    /// <param name="cancellationToken">Stops; the target then holds no rows.</param>
    /// <returns>The tables, in the order in which they were written.</returns>
    /// <exception cref="DatabaseMoveException">Nothing was moved.</exception>
    public static async Task<IReadOnlyList<MovedTable>> RunAsync(string dataFolder, string to, CancellationToken cancellationToken)
    {
        var file = Path.Combine(dataFolder, "booking.db");
        if (!File.Exists(file))
            throw new DatabaseMoveException($"There is no database {file}.");
        using var held = Take(Path.Combine(dataFolder, "booking.lock"));
        await using var source = new SqliteConnection(SqliteFile.ConnectionString(file, pooled: false));
        await source.OpenAsync(cancellationToken);
        SqliteFile.PrepareReader(source);
        await using var from = BookingDbContext.ForWriting(new DbContextOptionsBuilder<BookingDbContext>().UseSqlite(source).Options);
        if ((await from.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            throw new DatabaseMoveException("The file is of an older version. Start FabLab on it once, stop it, then move.");

        await using var target = new NpgsqlConnection(to);
        try
        {
            await target.OpenAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is NpgsqlException or System.Net.Sockets.SocketException)
        {
            throw new DatabaseMoveException($"The target cannot be reached: {fault.Message}");
        }
        await RefuseUnlessEmptyAsync(target, cancellationToken);
        var builder = new DbContextOptionsBuilder<BookingDbContext>().UseNpgsql(target);
        await BookingDatabase.MigrateAsync(builder, cancellationToken);
        await using var model = BookingDbContext.ForWriting(builder.Options);
        var tables = InOrder(model.Model);

        // One state of the source for all tables.
        await using var reading = source.BeginTransaction(IsolationLevel.Serializable, deferred: true);
        await using var writing = await target.BeginTransactionAsync(cancellationToken);
        await EmptyAsync(target, tables, cancellationToken);
        var moved = new List<MovedTable>();
        foreach (var table in tables)
        {
            var sums = await CopyAsync(source, target, table, cancellationToken);
            var there = await SumsAsync(target, table, cancellationToken);
            if (!sums.SequenceEqual(there))
                throw new DatabaseMoveException($"Table {table.Name} is not the same on both sides: {string.Join(' ', sums)} and {string.Join(' ', there)}. Nothing was kept.");
            moved.Add(new MovedTable(table.Name, (long)sums[0]));
        }
        await writing.CommitAsync(cancellationToken);
        return moved;
    }

    private static FileStream Take(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new DatabaseMoveException("FabLab runs on this folder. Stop it first.");
        }
    }

    private static async Task RefuseUnlessEmptyAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'", target))
        await using (var reader = await list.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                tables.Add(reader.GetString(0));
        }
        if (tables.Count > 0 && !tables.Contains("__EFMigrationsHistory"))
            throw new DatabaseMoveException("The target holds tables of something else. Make a database for FabLab alone (createdb).");
        foreach (var table in OfALab.Where(tables.Contains))
        {
            if (await ScalarAsync(target, $"SELECT EXISTS (SELECT 1 FROM \"{table}\")", cancellationToken) is true)
                throw new DatabaseMoveException("The target is not empty: there is a lab in it. Make a new database (createdb).");
        }
    }

    /// <summary>A new database has rows of its own (a place, counters); they give way to those of the lab.</summary>
    private static async Task EmptyAsync(NpgsqlConnection target, IEnumerable<Table> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables.Reverse())
        {
            if (await ScalarAsync(target, $"SELECT EXISTS (SELECT 1 FROM {table.Quoted})", cancellationToken) is true)
                await ScalarAsync(target, $"DELETE FROM {table.Quoted}", cancellationToken);
        }
    }

    /// <returns>The number of rows, then the sum of each column.</returns>
    private static async Task<BigInteger[]> CopyAsync(SqliteConnection source, NpgsqlConnection target, Table table, CancellationToken cancellationToken)
    {
        var sums = new BigInteger[table.Columns.Count + 1];
        var columns = string.Join(", ", table.Columns.Select(column => column.Quoted));
        await using var read = source.CreateCommand();
#pragma warning disable CA2100 // Names of our own model.
        read.CommandText = $"SELECT {columns} FROM {table.Quoted}";
#pragma warning restore CA2100
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        await using var copy = await target.BeginBinaryImportAsync($"COPY {table.Quoted} ({columns}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            sums[0]++;
            await copy.StartRowAsync(cancellationToken);
            for (var i = 0; i < table.Columns.Count; i++)
            {
                if (rows.IsDBNull(i))
                    await copy.WriteNullAsync(cancellationToken);
                else
                    sums[i + 1] += await WriteAsync(copy, rows, i, table.Columns[i].Type, cancellationToken);
            }
        }
        await copy.CompleteAsync(cancellationToken);
        return sums;
    }

    /// <returns>What the value adds to the sum of its column: itself, or how long it is.</returns>
    private static async Task<BigInteger> WriteAsync(NpgsqlBinaryImporter copy, DbDataReader rows, int column, Type type, CancellationToken cancellationToken)
    {
        if (type == typeof(Guid))
        {
            await copy.WriteAsync(rows.GetFieldValue<Guid>(column), cancellationToken);
            return 1;
        }
        if (type == typeof(bool))
        {
            var flag = rows.GetFieldValue<bool>(column);
            await copy.WriteAsync(flag, cancellationToken);
            return flag ? 1 : 0;
        }
        if (type == typeof(int))
        {
            var number = rows.GetFieldValue<int>(column);
            await copy.WriteAsync(number, cancellationToken);
            return number;
        }
        if (type == typeof(long))
        {
            var number = rows.GetFieldValue<long>(column);
            await copy.WriteAsync(number, cancellationToken);
            return number;
        }
        if (type == typeof(byte[]))
        {
            var bytes = rows.GetFieldValue<byte[]>(column);
            await copy.WriteAsync(bytes, cancellationToken);
            return bytes.Length;
        }
        if (type == typeof(string))
        {
            var text = rows.GetString(column);
            await copy.WriteAsync(text, cancellationToken);
            return text.EnumerateRunes().Count();
        }
        throw new NotSupportedException($"A column of {type} cannot be moved yet.");
    }

    private static async Task<BigInteger[]> SumsAsync(NpgsqlConnection target, Table table, CancellationToken cancellationToken)
    {
        var parts = table.Columns.Select(column => column.Type switch
        {
            var type when type == typeof(Guid) => $"count({column.Quoted})",
            var type when type == typeof(bool) => $"count(*) FILTER (WHERE {column.Quoted})",
            var type when type == typeof(byte[]) => $"coalesce(sum(octet_length({column.Quoted})), 0)",
            var type when type == typeof(string) => $"coalesce(sum(char_length({column.Quoted})), 0)",
            _ => $"coalesce(sum({column.Quoted}), 0)",
        }).Prepend("count(*)").Select(part => $"({part})::text");
#pragma warning disable CA2100 // Names of our own model.
        await using var command = new NpgsqlCommand($"SELECT {string.Join(", ", parts)} FROM {table.Quoted}", target);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return [.. Enumerable.Range(0, row.FieldCount).Select(i => BigInteger.Parse(row.GetString(i), CultureInfo.InvariantCulture))];
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Names of our own model.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The tables of the model, each after those it refers to.</summary>
    private static List<Table> InOrder(IModel model)
    {
        var waiting = model.GetEntityTypes().Where(type => type.GetTableName() is not null).OrderBy(type => type.GetTableName(), StringComparer.Ordinal).ToList();
        var placed = new HashSet<IEntityType>();
        var order = new List<Table>();
        while (waiting.Count > 0)
        {
            var next = waiting.FirstOrDefault(type => type.GetForeignKeys().All(key => key.PrincipalEntityType == type || placed.Contains(key.PrincipalEntityType)))
                ?? throw new InvalidOperationException("The tables refer to one another in a circle.");
            waiting.Remove(next);
            placed.Add(next);
            order.Add(new Table(next.GetTableName()!, [.. next.GetProperties().Select(property => new Column(
                property.GetColumnName(), Plain(property.GetRelationalTypeMapping().Converter?.ProviderClrType ?? property.ClrType)))]));
        }
        return order;
    }

    private static Type Plain(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare.IsEnum ? Enum.GetUnderlyingType(bare) : bare;
    }

    private sealed record Table(string Name, IReadOnlyList<Column> Columns)
    {
        public string Quoted => $"\"{Name}\"";
    }

    private sealed record Column(string Name, Type Type)
    {
        public string Quoted => $"\"{Name}\"";
    }
}
