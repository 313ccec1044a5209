using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What a signed-in person may do. A manager may do all that staff may, and hand out sign-ins.</summary>
public enum StaffRole
{
    Staff = 1,
    Manager = 2,
}

/// <summary>A person who may sign in. There is no default password: the first way in is a one-time link.</summary>
public sealed class StaffAccount
{
    public required PersonId Id { get; init; }

    /// <summary>What is typed to sign in, lower case, unique.</summary>
    public required string LoginName { get; set; }

    public StaffRole Role { get; set; }

    /// <summary>Null until a password is chosen.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Changes when the password or the role does: every older cookie is refused from then on.</summary>
    public Guid Stamp { get; set; }

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

    public required PersonId AccountId { get; init; }

    public required Instant CreatedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    public Instant? UsedAt { get; set; }
}
