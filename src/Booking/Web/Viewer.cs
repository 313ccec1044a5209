using FabLab.Booking.Features;
using FabLab.Core;

namespace FabLab.Booking.Web;

/// <summary>Who looks at the page. Nobody signed in sees no name.</summary>
public sealed record Viewer(StaffActor? Actor, string? LoginName)
{
    public static Viewer Nobody { get; } = new(null, null);

    public bool IsStaff => Actor is not null;

    /// <summary>Staff see everybody; anybody sees their own page.</summary>
    public bool MaySee(PersonId person) => IsStaff || Actor?.Id == person;
}
