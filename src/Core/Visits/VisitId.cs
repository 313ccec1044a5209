using System.Text.Json.Serialization;
using FabLab.Core.Json;
using NodaTime;

namespace FabLab.Core.Visits;

/// <summary>One visit of the place by somebody, with or without a name. Made where the visit is noted, so that what is sent twice is one visit.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<VisitId>))]
public readonly record struct VisitId(Guid Value) : IGuidId<VisitId>
{
    /// <inheritdoc/>
    public static VisitId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static VisitId New(Instant now) => Ids.New<VisitId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}
