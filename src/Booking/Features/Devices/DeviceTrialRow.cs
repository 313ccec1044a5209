using FabLab.Contracts;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Devices;

/// <summary>A trial of a device's relay that took place, and what came of it. Rows are added and stay.</summary>
public sealed class DeviceTrialRow
{
    public required Guid Id { get; init; }

    public required DeviceId DeviceId { get; init; }

    public required TrialKind Kind { get; init; }

    public required Instant At { get; init; }

    /// <summary>The firmware the device ran; null when it did not say.</summary>
    public string? Firmware { get; init; }

    public required TrialOutcome Outcome { get; init; }

    /// <summary>Whether the meter has seen it too.</summary>
    public bool ByPower { get; init; }
}
