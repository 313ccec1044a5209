using Microsoft.Data.Sqlite;

namespace FabLab.Gateway.Journal;

/// <summary>
/// One connection and its prepared commands. One statement per command, always: Microsoft.Data.Sqlite forgets the error of a
/// later statement once an earlier one of the same command has returned a row.
/// </summary>
internal sealed class JournalStatements : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    private JournalStatements(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <param name="path">The file.</param>
    /// <param name="reader">A reader's connection cannot write, and never checkpoints.</param>
    public static JournalStatements Open(string path, bool reader)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            connection.Open();
            var statements = new JournalStatements(connection);
            // Checkpoints are made by the writer thread alone, when it has nothing else to do. In SQLite before 3.51.3 two
            // connections that write or checkpoint at once can damage a WAL.
            statements.Pragma("wal_autocheckpoint=0");
            statements.Pragma("mmap_size=0");
            if (reader)
            {
                statements.Pragma("query_only=1");
                return statements;
            }
            statements.Pragma("journal_mode=WAL");
            statements.Pragma("synchronous=FULL");
            statements.Pragma("foreign_keys=ON");
            return statements;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement; parameters are $1, $2, …</summary>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar();

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var reader = Bind(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>A pragma is not kept: it is compiled anew when asked, and some return rows.</summary>
    public long Pragma(string pragma)
    {
        using var command = Connection.CreateCommand();
#pragma warning disable CA2100 // Every pragma comes from this folder, with numbers at most.
        command.CommandText = $"PRAGMA {pragma}";
#pragma warning restore CA2100
        return command.ExecuteScalar() is long value ? value : 0;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        _commands.Clear();
        Connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
#pragma warning disable CA2100 // Statements are constants of this folder; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = ParameterName(i) });
            _commands.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    private static string ParameterName(int i) => i switch
    {
        1 => "$1", 2 => "$2", 3 => "$3", 4 => "$4", 5 => "$5", 6 => "$6", 7 => "$7", 8 => "$8",
        _ => throw new ArgumentOutOfRangeException(nameof(i)),
    };
}
