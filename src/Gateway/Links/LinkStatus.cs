namespace FabLab.Gateway.Links;

/// <summary>Where a link stands; for health pages and the doctor.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Fault">Why the last connection ended or did not come about.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="Attempts">Attempts since it last stood.</param>
public sealed record LinkStatus(LinkPhase Phase, LinkFault Fault, string? Detail, int Attempts);

public enum LinkPhase
{
    Stopped = 0,
    Connecting,
    Up,

    /// <summary>Waiting before the next attempt.</summary>
    Waiting,
}

public enum LinkFault
{
    None = 0,

    /// <summary>Nobody answers there.</summary>
    Unreachable,

    /// <summary>Somebody answers and says no: name, password or rights.</summary>
    NotAuthorised,

    /// <summary>Somebody answers who does not speak our language.</summary>
    Refused,

    /// <summary>Another client signed in under our name.</summary>
    TakenOver,

    /// <summary>It stood, and broke.</summary>
    Lost,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The certificate or the handshake.</summary>
    Tls,

    /// <summary>Serial: somebody else has the port.</summary>
    Busy,

    /// <summary>Serial: the port is not there.</summary>
    Missing,
}
