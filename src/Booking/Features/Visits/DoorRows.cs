using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>A kiosk that may read what the door needs and hand in visits. Its key is kept here only as a hash.</summary>
public sealed class KioskAccount
{
    /// <summary>1 to 32 of a–z, 0–9 and '-', as of a gateway.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the bearer key. The key has 256 random bits.</summary>
    public required byte[] KeyHash { get; set; }

    public Instant CreatedAt { get; init; }

    /// <summary>When it last asked, to the minute; null when it never did.</summary>
    public Instant? LastSeenAt { get; set; }
}

/// <summary>An item a kiosk handed in: sent again it is answered from here. Forgotten after a month.</summary>
public sealed class DoorItem
{
    public required Guid Id { get; init; }

    public required string Kiosk { get; init; }

    public Instant ReceivedAt { get; init; }

    public required string Answer { get; init; }

    /// <summary>Of somebody who left without having come: their arrival may still be on its way from another kiosk. Null for everything else.</summary>
    public PersonId? PersonId { get; set; }

    /// <summary>When that one left.</summary>
    public Instant? LeftAt { get; init; }
}

/// <summary>Somebody at the door asked for a person of the team. Gone the day after.</summary>
public sealed class DoorRequest
{
    /// <summary>Longest first name.</summary>
    public const int MaxName = 40;

    public required Guid Id { get; init; }

    public required string Kiosk { get; init; }

    public required Instant At { get; init; }

    /// <summary>Left by somebody who comes for the first time; null for a call for help. It makes nobody a person of the lab.</summary>
    public string? FirstName { get; init; }

    /// <summary>When somebody of the team went; null while nobody has.</summary>
    public Instant? ClosedAt { get; set; }

    public PersonId? ClosedBy { get; set; }
}

/// <summary>What proves a member of the team at a kiosk, after the badge. It opens nothing else.</summary>
public sealed class DoorPinRow
{
    public required PersonId PersonId { get; init; }

    public required byte[] Salt { get; set; }

    public required byte[] Hash { get; set; }

    public required int Rounds { get; set; }

    public Instant SetAt { get; set; }
}
