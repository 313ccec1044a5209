namespace FabLab.Gateway.Drivers;

/// <summary>What became of a command on this side of the wire.</summary>
public enum SendOutcome
{
    /// <summary>Handed to the link while it was up. Not yet a proof that the device obeyed.</summary>
    Sent = 0,

    /// <summary>The link or the device is away; nothing is kept for later, because a late command is worse than none.</summary>
    LinkDown,

    /// <summary>The device has no such ability or channel.</summary>
    NotSupported,

    /// <summary>The device has been closed.</summary>
    Closed,

    /// <summary>The driver does not send it: the use is over on this relay, and nothing starts by itself.</summary>
    Over,
}
