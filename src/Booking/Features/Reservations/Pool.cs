using FabLab.Core;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Machines that stand in for one another; which one it is is settled at the tap.</summary>
public sealed class Pool
{
    public const int MaxName = 100;

    public required PoolId Id { get; init; }

    public required string NameFr { get; set; }

    public required string NameEn { get; set; }

    public bool Retired { get; set; }

    public List<PoolMember> Members { get; init; } = [];

    public long Version { get; set; }
}

/// <summary>One machine of a pool. A machine is in one pool at most.</summary>
public sealed class PoolMember
{
    public required PoolId PoolId { get; init; }

    public required MachineId MachineId { get; init; }

    /// <summary>Which one is taken first when all else is equal.</summary>
    public int Position { get; set; }
}
