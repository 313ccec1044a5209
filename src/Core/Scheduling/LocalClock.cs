using NodaTime;
using NodaTime.TimeZones;

namespace FabLab.Core.Scheduling;

/// <summary>
/// One way to turn what a clock on the wall shows into an instant, used for hours, closures and series alike.
/// A time that the change to summer time skips means the first instant after the gap; a time that comes twice in autumn
/// means the first of the two. Windows that touch on the wall therefore touch in time too, and never overlap.
/// </summary>
public static class LocalClock
{
    private static readonly ZoneLocalMappingResolver Resolver =
        Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    /// <summary>The instant at which the clocks of a zone show a local time.</summary>
    /// <param name="local">What the clock shows.</param>
    /// <param name="zone">Whose clock.</param>
    public static Instant ToInstant(LocalDateTime local, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return zone.ResolveLocal(local, Resolver).ToInstant();
    }

    /// <summary>The first instant of a date in a zone; not always midnight.</summary>
    /// <param name="date">The date.</param>
    /// <param name="zone">Whose calendar.</param>
    public static Instant StartOf(LocalDate date, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return zone.AtStartOfDay(date).ToInstant();
    }

    /// <summary>The date that a calendar in a zone shows at an instant.</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="zone">Whose calendar.</param>
    public static LocalDate DateOf(Instant instant, DateTimeZone zone) => instant.InZone(zone).Date;

    /// <summary>A zone by its IANA name, or null when there is none of that name.</summary>
    /// <param name="id">Such as "Europe/Paris" or "Indian/Reunion".</param>
    public static DateTimeZone? Find(string? id) => id is null ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(id);

    /// <summary>A window on a date: from <paramref name="start"/> to the next time the wall clock shows <paramref name="end"/>, which is the next day when it is not later. Empty when the change to summer time skips all of it.</summary>
    /// <param name="date">The date on which the window opens.</param>
    /// <param name="start">When it opens.</param>
    /// <param name="end">When it closes; the same time as the start means 24 hours later by the wall clock.</param>
    /// <param name="zone">Whose clock.</param>
    public static Interval Window(LocalDate date, LocalTime start, LocalTime end, DateTimeZone zone)
    {
        LocalDate last = end > start ? date : date.PlusDays(1);
        Instant from = ToInstant(date + start, zone);
        Instant until = ToInstant(last + end, zone);
        return new Interval(from, Instant.Max(from, until));
    }
}
