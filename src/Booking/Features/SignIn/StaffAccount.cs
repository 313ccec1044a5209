using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A person who may sign in. There is no default password: the first way in is a one-time link.</summary>
public sealed class StaffAccount
{
    public required PersonId Id { get; init; }

    /// <summary>What is typed to sign in, lower case, unique.</summary>
    public required string LoginName { get; set; }

    /// <summary>All roles together.</summary>
    public Role Role { get; set; }

    /// <summary>Null until a password is chosen.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Changes when the password or the role does: every older cookie is refused from then on.</summary>
    public Guid Stamp { get; set; }

    /// <summary>The key of one-time passwords, sealed with the key ring of the data folder; null when there is none.</summary>
    public string? TotpKey { get; set; }

    /// <summary>Whether a one-time password is asked for: from the first right one on.</summary>
    public bool TotpOn { get; set; }

    /// <summary>The half minute of the last one-time password that was used: none counts twice.</summary>
    public long TotpStep { get; set; }

    public bool Active { get; set; } = true;

    public Instant CreatedAt { get; init; }

    public long Version { get; set; }
}

/// <summary>A link that signs one account in, once. Only the hash of its secret is kept.</summary>
public sealed class OneTimeLink
{
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the secret. The secret has 256 random bits, so a fast hash is enough.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>SHA-256 of the short code that does the same for a few minutes; null when none was made.</summary>
    public byte[]? CodeHash { get; init; }

    public required PersonId AccountId { get; init; }

    public required Instant CreatedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    public Instant? UsedAt { get; set; }
}
