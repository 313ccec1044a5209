using NodaTime;

namespace FabLab.Contracts;

/// <summary>What anybody may know of the place right now. No person, no name.</summary>
/// <param name="Name">Name of the place; empty when none was set.</param>
/// <param name="Zone">IANA time zone in which its times are meant.</param>
/// <param name="At">When this was true.</param>
/// <param name="Open">Whether at least one machine is within its opening hours; null when no opening hours are set.</param>
/// <param name="OpenChangesAt">When <paramref name="Open"/> changes next; null when that is not known.</param>
/// <param name="Machines">Its machines, in the order of their codes.</param>
public sealed record PlaceNow(
    string Name, string Zone, Instant At, bool? Open, Instant? OpenChangesAt, IReadOnlyList<PlaceMachine> Machines)
{
    /// <summary>Where Booking answers it.</summary>
    public const string Path = "/api/v1/place";
}

/// <summary>One machine of the place.</summary>
/// <param name="Code">The code painted on it.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="Availability">Whether somebody could start it.</param>
public sealed record PlaceMachine(string Code, string NameFr, string NameEn, PlaceAvailability Availability);

/// <summary>Whether a machine could be started now by somebody who may.</summary>
public enum PlaceAvailability
{
    /// <summary>Nobody uses it.</summary>
    Free,

    /// <summary>Somebody uses it, or it cools down.</summary>
    InUse,

    /// <summary>Locked out, broken, or its devices do not answer.</summary>
    NotAvailable,

    /// <summary>Outside its opening hours.</summary>
    Closed,
}
