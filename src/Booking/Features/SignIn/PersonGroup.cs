using FabLab.Core;

namespace FabLab.Booking.Features.SignIn;

/// <summary>People who come together: a class, a programme, those whom a partner brings.</summary>
public sealed class PersonGroup
{
    public const int MaxName = 80;

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    /// <summary>Over: nobody sees anybody through it any more.</summary>
    public bool Closed { get; set; }

    public long Version { get; set; }
}

/// <summary>What a person is in a group.</summary>
public enum GroupPart
{
    Member = 1,

    /// <summary>Encadrant·e, or the account of the partner: sees its members.</summary>
    LooksAfter = 2,
}

/// <summary>A person's place in a group.</summary>
public sealed class GroupPlace
{
    public required Guid GroupId { get; init; }

    public required PersonId PersonId { get; init; }

    public required GroupPart Part { get; init; }
}
