namespace FabLab.Core.Visits;

/// <summary>How it became known that somebody left.</summary>
public enum LeftHow
{
    /// <summary>They said so: at the door or to somebody of the team.</summary>
    Said = 1,

    /// <summary>Nobody said so, and the place closed.</summary>
    Closing = 2,

    /// <summary>Somebody of the team put it right.</summary>
    Corrected = 3,
}
