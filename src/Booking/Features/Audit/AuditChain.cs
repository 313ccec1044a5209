using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Audit;

/// <summary>How links hang together, and the one place that adds some.</summary>
internal static class AuditChain
{
    /// <summary>What the first link names as the one before it.</summary>
    public static readonly string Beginning = new('0', 64);

    public const string By = "by";
    public const string Subject = "subject";
    public const string Detail = "detail";

    /// <summary>
    /// Adds acts at the end of the chain. The head's row is the last lock that a group of writes takes, so two copies of Booking
    /// wait for each other here and never across.
    /// </summary>
    public static async Task AppendAsync(BookingDbContext db, IReadOnlyList<AuditAct> acts, CancellationToken cancellationToken)
    {
        var (last, hash) = (0L, "");
        await db.AskAsync(
            cancellationToken,
            new PlainQuestion(
                "UPDATE audit_head SET seq = seq + $1 RETURNING seq, hash", row => (last, hash) = (row.GetInt64(0), row.GetString(1)), (long)acts.Count));
        var seq = last - acts.Count;
        foreach (var act in acts)
        {
            var value = new AuditValue { Seq = ++seq };
            string? by = null, subject = null, detail = null;
            if (act.By is { } person)
                (value.By, (value.BySalt, by)) = (person, Commit(By, person.ToString()));
            if (act.Subject != Guid.Empty)
                (value.Subject, (value.SubjectSalt, subject)) = (act.Subject, Commit(Subject, act.Subject.ToString()));
            if (act.Detail.Length > 0)
                (value.Detail, (value.DetailSalt, detail)) = (act.Detail, Commit(Detail, act.Detail));
            var entry = new AuditEntry
            {
                Seq = seq,
                At = act.At,
                Action = act.Action,
                Fact = act.Fact,
                ByCommitment = by,
                SubjectCommitment = subject,
                DetailCommitment = detail,
                ValuesErased = act.ValuesErased,
                Previous = hash,
                Hash = "",
            };
            hash = HashOf(entry);
            db.Rows.Add(Sealed(entry, hash));
            db.Rows.Add(value);
        }
        // With the links, so that PostgreSQL gets it together with them.
        db.Rows.Put(new AuditHead { Id = AuditHead.OnlyId, Seq = last, Hash = hash });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Hash over everything in a link but the hash itself. Each part carries its length, so no two links read alike.</summary>
    public static string HashOf(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, "fablab audit link 1");
        Add(hash, entry.Seq);
        Add(hash, entry.At.ToUnixTimeMilliseconds());
        Add(hash, entry.Action);
        Add(hash, entry.Fact);
        Add(hash, entry.ByCommitment ?? "");
        Add(hash, entry.SubjectCommitment ?? "");
        Add(hash, entry.DetailCommitment ?? "");
        Add(hash, entry.ValuesErased);
        Add(hash, entry.Previous);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What a value and its salt commit to.</summary>
    public static string CommitmentOf(string kind, string salt, string value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, "fablab audit value 1");
        Add(hash, kind);
        Add(hash, salt);
        Add(hash, value);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static (string Salt, string Commitment) Commit(string kind, string value)
    {
        // As long as the hash: without the salt nobody can try out who it might have been.
        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (salt, CommitmentOf(kind, salt, value));
    }

    private static AuditEntry Sealed(AuditEntry entry, string hash) => new()
    {
        Seq = entry.Seq,
        At = entry.At,
        Action = entry.Action,
        Fact = entry.Fact,
        ByCommitment = entry.ByCommitment,
        SubjectCommitment = entry.SubjectCommitment,
        DetailCommitment = entry.DetailCommitment,
        ValuesErased = entry.ValuesErased,
        Previous = entry.Previous,
        Hash = hash,
    };

    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
