using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Json;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Bookings made by one rule.</summary>
[JsonConverter(typeof(GuidIdConverter<SeriesId>))]
public readonly record struct SeriesId(Guid Value) : IGuidId<SeriesId>
{
    public static SeriesId From(Guid value) => new(value);

    public static SeriesId New(Instant now) => Ids.New<SeriesId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>Somebody's place on the waiting list.</summary>
[JsonConverter(typeof(GuidIdConverter<WaitId>))]
public readonly record struct WaitId(Guid Value) : IGuidId<WaitId>
{
    public static WaitId From(Guid value) => new(value);

    public static WaitId New(Instant now) => Ids.New<WaitId>(now);

    public override string ToString() => Value.ToString("D");
}
