using System.Security.Claims;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;

namespace FabLab.Booking.Features;

/// <summary>Who makes a change: it is written beside it in the audit.</summary>
public sealed record StaffActor(PersonId Id, StaffRole Role)
{
    public const string RoleClaim = ClaimTypes.Role;

    public bool IsManager => Role == StaffRole.Manager;

    /// <summary>The signed-in person, or null when nobody is.</summary>
    public static StaffActor? From(ClaimsPrincipal? user) =>
        user?.Identity is { IsAuthenticated: true, AuthenticationType: BookingAuth.CookieScheme }
            && Ids.TryParse<PersonId>(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            && Enum.TryParse<StaffRole>(user.FindFirstValue(RoleClaim), out var role)
                ? new StaffActor(id, role)
                : null;
}
