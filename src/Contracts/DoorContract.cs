using FabLab.Core;
using FabLab.Core.Badges;
using NodaTime;

namespace FabLab.Contracts;

/// <summary>What a kiosk keeps in order to go on when Booking does not answer.</summary>
/// <param name="ServerTime">Booking's clock when it made this answer.</param>
/// <param name="Name">Name of the place; empty when none was set.</param>
/// <param name="Zone">IANA time zone of the place.</param>
/// <param name="Version">Of <paramref name="People"/> and <paramref name="Reasons"/>: asked with it, an answer leaves out what has not changed.</param>
/// <param name="People">Everybody who may come in by badge, code or QR; null when it is as the kiosk has it.</param>
/// <param name="Reasons">The reasons of a visit in the order of the tiles; null when they are as the kiosk has them.</param>
/// <param name="Hours">When the place is open in the days to come; null when it has no hours.</param>
/// <param name="Present">Who is in now.</param>
/// <param name="WithoutName">How many are in now who gave no name.</param>
/// <param name="Today">Visits of today.</param>
public sealed record DoorNow(
    Instant ServerTime, string Name, string Zone, string Version, IReadOnlyList<DoorPerson>? People, IReadOnlyList<DoorReason>? Reasons,
    IReadOnlyList<DoorHours>? Hours, IReadOnlyList<DoorPresent> Present, int WithoutName, DoorCounts Today)
{
    /// <summary>Where Booking answers it.</summary>
    public const string Path = "/api/v1/door";

    /// <summary>How long a kiosk may keep what it was told of people, from <see cref="ServerTime"/> on.</summary>
    public static Duration GoodFor { get; } = Duration.FromHours(72);
}

/// <summary>Somebody whom the door may know.</summary>
/// <param name="Id">Who.</param>
/// <param name="FirstName">What they are greeted by; null when they gave no name.</param>
/// <param name="Code">The hash of the short code, see <see cref="DoorCodes.HashOf"/>.</param>
/// <param name="Badges">The hashes of their badges that are in use.</param>
/// <param name="Pin">What proves a member of the team at the kiosk; null for everybody else.</param>
public sealed record DoorPerson(PersonId Id, string? FirstName, string Code, IReadOnlyList<BadgePrint> Badges, DoorPin? Pin);

/// <summary>The hash of a PIN: PBKDF2 with SHA-256.</summary>
/// <param name="Salt">16 random bytes.</param>
/// <param name="Hash">32 bytes.</param>
/// <param name="Rounds">How often it was hashed.</param>
public sealed record DoorPin(byte[] Salt, byte[] Hash, int Rounds);

/// <summary>A reason of a visit.</summary>
/// <param name="Code">Its stable code.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="Pictogram">The name of its picture.</param>
public sealed record DoorReason(string Code, string NameFr, string NameEn, string Pictogram);

/// <summary>A stretch of time in which the place is open.</summary>
/// <param name="From">Included.</param>
/// <param name="Until">Excluded.</param>
public sealed record DoorHours(Instant From, Instant Until);

/// <summary>Somebody who is in.</summary>
/// <param name="Person">Who.</param>
/// <param name="Since">Since when.</param>
public sealed record DoorPresent(PersonId Person, Instant Since);

/// <summary>How many visits there were today.</summary>
/// <param name="Visits">All of them.</param>
/// <param name="WithoutName">Of those, without a name.</param>
/// <param name="First">Of those, first visits.</param>
public sealed record DoorCounts(int Visits, int WithoutName, int First);

/// <summary>What a person reads after a badge. It is fetched for that moment and kept nowhere.</summary>
/// <param name="Bookings">Their bookings of today and the next days, the nearest first, at most <see cref="MostBookings"/>.</param>
/// <param name="Machines">What they may use alone now.</param>
/// <param name="Lines">What else is for them: messages nobody has read, the session of their group.</param>
public sealed record DoorNews(IReadOnlyList<DoorBooking> Bookings, IReadOnlyList<DoorMachine> Machines, IReadOnlyList<Words> Lines)
{
    /// <summary>Most bookings in one answer.</summary>
    public const int MostBookings = 3;
}

/// <summary>Somebody whose badge the kiosk has just read asks for a way in on their own phone.</summary>
/// <param name="Badge">What the reader wrote: Booking looks itself for whose badge that is.</param>
/// <param name="Reader">The <see cref="ReaderProfile.Code"/> of the kiosk's reader; null or empty when any may be meant.</param>
public sealed record DoorSignInFor(string Badge, string? Reader)
{
    /// <summary>Where Booking makes it.</summary>
    public const string Path = DoorNow.Path + "/sign-ins";

    /// <summary>The code of a refusal: the badge is nobody's, or off.</summary>
    public const string Unknown = "badge_unknown";

    /// <summary>The code of a refusal: this account signs in by its own password or key, or with the help of the team.</summary>
    public const string Elsewhere = "sign_in_elsewhere";
}

/// <summary>A way in that works once, for minutes. It is shown once and kept by nobody.</summary>
/// <param name="Code">Eight signs to type.</param>
/// <param name="Site">Where they are typed.</param>
/// <param name="Qr">The dark modules of a QR code as the path of an SVG, for a camera; null where the address is one of this computer only.</param>
/// <param name="QrSide">Width and height of the QR code in modules, its quiet zone included.</param>
/// <param name="ExpiresAt">When it stops working.</param>
public sealed record DoorSignIn(string Code, string Site, string? Qr, int QrSide, Instant ExpiresAt);

/// <summary>A booking, for its owner.</summary>
/// <param name="Code">Code of the machine.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
public sealed record DoorBooking(string Code, string NameFr, string NameEn, Instant Start, Instant End);

/// <summary>A machine somebody may use.</summary>
/// <param name="Code">Its code.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
public sealed record DoorMachine(string Code, string NameFr, string NameEn);

/// <summary>Somebody at the door asks for a person of the team.</summary>
/// <param name="Id">Made at the door: sent twice it is one call.</param>
/// <param name="FirstName">A first name left by somebody who comes for the first time; null for a call for help. At most 40 characters.</param>
public sealed record DoorCall(Guid Id, string? FirstName);
