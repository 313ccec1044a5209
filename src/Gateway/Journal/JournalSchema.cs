namespace FabLab.Gateway.Journal;

/// <summary>The gateway's own file. <c>user_version</c> says which schema it holds; each step of <see cref="Steps"/> raises it by one.</summary>
internal static class JournalSchema
{
    // One statement each: see JournalStatements.
    private static readonly string[][] Steps =
    [
        [
            // AUTOINCREMENT: a number is never given twice, even after uploaded lines were removed.
            """
            CREATE TABLE journal (
              seq     INTEGER PRIMARY KEY AUTOINCREMENT,
              machine TEXT,
              at      INTEGER NOT NULL,
              kind    TEXT NOT NULL,
              json    TEXT NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE device_record (
              device TEXT NOT NULL,
              boot   INTEGER NOT NULL,
              seq    INTEGER NOT NULL,
              at     INTEGER NOT NULL,
              PRIMARY KEY (device, boot, seq)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE machine_state (
              machine TEXT PRIMARY KEY,
              at      INTEGER NOT NULL,
              json    TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE policy (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, at INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE policy_rule (
              kind INTEGER NOT NULL,
              id   TEXT NOT NULL,
              json TEXT NOT NULL,
              PRIMARY KEY (kind, id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "CREATE TABLE set_aside (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL) STRICT",
            "CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT",
        ],
    ];

    public static void Apply(JournalStatements statements)
    {
        var version = statements.Pragma("user_version");
        if (version > Steps.Length)
            throw new InvalidOperationException($"The gateway's file was written by a newer FabLab (schema {version}; this one knows {Steps.Length}).");
        for (; version < Steps.Length; version++)
        {
            statements.Execute("BEGIN IMMEDIATE");
            foreach (var statement in Steps[version])
                statements.Execute(statement);
            statements.Pragma($"user_version={version + 1}");
            statements.Execute("COMMIT");
        }
    }
}
