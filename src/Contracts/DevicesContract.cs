using FabLab.Core;

namespace FabLab.Contracts;

/// <summary>All devices a gateway looks after, as they stand. It tells when something changes, when the rules change, and every few seconds.</summary>
/// <param name="Devices">At most <see cref="Most"/>.</param>
public sealed record DevicesNow(IReadOnlyList<DeviceNow> Devices)
{
    /// <summary>Most devices in one message.</summary>
    public const int Most = 1000;
}

/// <summary>One device of a gateway.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Driver">Which driver speaks with it.</param>
/// <param name="Online">Whether it answers.</param>
/// <param name="Firmware">Its firmware as it says, at most 64 characters; null when it has not said.</param>
public sealed record DeviceNow(DeviceId Device, string Driver, bool Online, string? Firmware);

/// <summary>What Booking wants of a gateway's devices.</summary>
/// <param name="Withdrawn">Devices of the message whose keys must go now: their relays open, their rights end, their keys are forgotten.</param>
public sealed record DeviceOrders(IReadOnlyList<DeviceId> Withdrawn);
