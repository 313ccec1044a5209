using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>A passkey of an account: what is needed to check its signatures. Nothing here lets anybody sign.</summary>
public sealed class Passkey
{
    public const int MaxName = 60;

    public required Guid Id { get; init; }

    public required byte[] CredentialId { get; init; }

    public required PersonId AccountId { get; init; }

    /// <summary>What its owner calls it: "téléphone", "clé bleue".</summary>
    public string? Name { get; set; }

    public required byte[] PublicKey { get; init; }

    public long SignCount { get; set; }

    /// <summary>Between blanks.</summary>
    public required string Transports { get; init; }

    public bool IsUserVerified { get; set; }

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; set; }

    public required byte[] AttestationObject { get; init; }

    public required byte[] ClientDataJson { get; init; }

    public required Instant CreatedAt { get; init; }
}
