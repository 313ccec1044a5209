using System.Data.Common;
using FabLab.Booking.Features;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace FabLab.Booking.Data;

/// <summary>What the database refuses by its own rules, as refusals: the last word when two people act at once.</summary>
internal static class DatabaseRefusals
{
    /// <summary>Name of the PostgreSQL constraint, and text the SQLite trigger raises.</summary>
    public const string Overlap = "booking_overlap";

    /// <summary>Text the triggers of the append-only tables raise.</summary>
    public const string AppendOnly = "append_only";

    public static Refusal? Of(DbException fault) => fault switch
    {
        SqliteException { SqliteErrorCode: 19 } sqlite => OfSqlite(sqlite.Message),
        PostgresException postgres => OfPostgres(postgres),
        _ => null,
    };

    /// <summary>Whether the database or its disk is in trouble, rather than the write being wrong.</summary>
    public static bool IsTrouble(Exception? fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsTrouble(inner),
        // Read-only, I/O error, corrupt, full, cannot open, not a database.
        SqliteException sqlite => sqlite.SqliteErrorCode is 8 or 10 or 11 or 13 or 14 or 26,
        // Insufficient resources, system error.
        PostgresException postgres => postgres.SqlState is ['5', '3' or '8', ..],
        NpgsqlException or IOException => true,
        _ => false,
    };

    /// <summary>Two bookings that overlap. Core says it first, with the time that is in the way; this is for two people at the same moment.</summary>
    public static readonly Refusal Overlaps = Refusal.Conflict(Overlap, "Somebody has booked the machine in that time.") with
    {
        Sentence = new("Quelqu'un vient de réserver la machine à ce moment-là.", "Somebody has just booked the machine in that time."),
        NextStep = new("Choisissez un autre moment.", "Choose another time."),
    };
    private static readonly Refusal Taken = Refusal.Conflict("already_there", "There is one like it already, or somebody was faster. Read it again.");
    private static readonly Refusal Unknown = new("reference_unknown", 400, "It names something that is not there.");

    private static Refusal? OfSqlite(string message) =>
        message.Contains(Overlap, StringComparison.Ordinal) ? Overlaps
        : message.Contains("UNIQUE constraint failed", StringComparison.Ordinal) ? Taken
        : message.Contains("FOREIGN KEY constraint failed", StringComparison.Ordinal) ? Unknown
        : null;

    private static Refusal? OfPostgres(PostgresException fault) => fault.SqlState switch
    {
        PostgresErrorCodes.ExclusionViolation => Overlaps,
        PostgresErrorCodes.UniqueViolation => Taken,
        PostgresErrorCodes.ForeignKeyViolation => Unknown,
        _ => null,
    };
}
