using System.Text.Json.Serialization;

namespace FabLab.Core.Badges;

/// <summary>Whose badge a read number is. A closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(Known), "known")]
[JsonDerivedType(typeof(Unknown), "unknown")]
[JsonDerivedType(typeof(Ambiguous), "ambiguous")]
public abstract record BadgeMatch
{
    private BadgeMatch()
    {
    }

    /// <summary>Exactly one badge has that number.</summary>
    /// <param name="Badge">The badge.</param>
    /// <param name="BySuffix">Whether it was found only by the end of its number.</param>
    public sealed record Known(BadgeId Badge, bool BySuffix = false) : BadgeMatch;

    /// <summary>No badge of the lab has that number.</summary>
    public sealed record Unknown : BadgeMatch;

    /// <summary>The reader drops bytes, and what is left fits more than one badge.</summary>
    public sealed record Ambiguous : BadgeMatch;
}
