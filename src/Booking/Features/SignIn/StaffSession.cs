using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.SignIn;

/// <summary>How somebody came in.</summary>
public enum SignInWay
{
    Password = 1,

    /// <summary>A one-time link, or the short code that goes with it.</summary>
    Link = 2,

    Passkey = 3,

    /// <summary>Password and one-time password.</summary>
    PasswordAndCode = 4,

    /// <summary>A one-time link or code that the kiosk showed for a badge. It changes no other way in: a badge can be copied.</summary>
    Door = 5,
}

/// <summary>One browser that is signed in. The cookie names it; what ends here is over at the next request, whoever still has the cookie.</summary>
public sealed class StaffSession
{
    public required Guid Id { get; init; }

    public required PersonId AccountId { get; init; }

    public required SignInWay Way { get; init; }

    public required Instant CreatedAt { get; init; }

    public Instant? EndedAt { get; set; }
}
