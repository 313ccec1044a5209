namespace FabLab.Core.Visits;

/// <summary>How it became known that somebody came.</summary>
public enum VisitWay
{
    /// <summary>A badge at the door.</summary>
    Badge = 1,

    /// <summary>The short code, typed at the door.</summary>
    ShortCode = 2,

    /// <summary>A QR code, held before the scanner of the door.</summary>
    Qr = 3,

    /// <summary>Counted without a name.</summary>
    NoName = 4,

    /// <summary>Somebody of the team said so.</summary>
    Desk = 5,

    /// <summary>On the list of a session.</summary>
    Session = 6,
}
