using FabLab.Core.Policy;

namespace FabLab.Booking.Features.Machines;

/// <summary>What holds for the whole place. There is one row.</summary>
public sealed class Site
{
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public required SiteRule Rule { get; set; }

    public long Version { get; set; }
}
