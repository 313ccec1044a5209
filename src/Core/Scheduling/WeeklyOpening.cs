using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>A window on a wall clock, and what it is for.</summary>
/// <param name="Start">When it opens.</param>
/// <param name="End">When it closes: the next time the clock shows it. Not later than the start = the next day; the same = 24 hours.</param>
/// <param name="Kind">What the time is for.</param>
/// <param name="Group">For <see cref="OpeningKind.Groups"/>: the key of the one group it is kept for; null = any group.</param>
/// <param name="Label">What to show, such as "Mission locale"; null = the words of the kind.</param>
public sealed record OpeningWindow(
    LocalTime Start, LocalTime End, OpeningKind Kind, string? Group = null, string? Label = null);

/// <summary>A window that comes back every week. It belongs to the day on which it opens, also when it closes after midnight.</summary>
public sealed record WeeklyOpening
{
    /// <summary>The days on which it opens.</summary>
    public required WeekDays Days { get; init; }

    /// <summary>The window.</summary>
    public required OpeningWindow Window { get; init; }

    /// <summary>The first date it counts on; null = since ever.</summary>
    public LocalDate? From { get; init; }

    /// <summary>The date from which it counts no more, excluded; null = without end.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>On which of these dates.</summary>
    public DayCondition On { get; init; }

    /// <summary>Whether the rule counts on a date, going by the day of the week and its validity alone.</summary>
    /// <param name="date">The date, in the ISO calendar.</param>
    public bool RunsOn(LocalDate date) =>
        (Days & (WeekDays)(1 << ((int)date.DayOfWeek - 1))) != 0
        && (From is not { } from || date >= from)
        && (Until is not { } until || date < until);
}

/// <summary>A closure (fermeture): it takes away what the weekly hours give, between two points of the wall clock.</summary>
/// <param name="From">Its start, included.</param>
/// <param name="Until">Its end, excluded; not after the start = it closes nothing.</param>
/// <param name="Label">Why, shown to everybody: "Fermeture d'été".</param>
/// <param name="Kind">What is left of the open time: nothing, or time for staff.</param>
public sealed record Closure(LocalDateTime From, LocalDateTime Until, string? Label = null, OpeningKind Kind = OpeningKind.Closed)
{
    /// <summary>A closure of whole days.</summary>
    /// <param name="first">The first day that is closed.</param>
    /// <param name="reopens">The day on which the lab is open again.</param>
    /// <param name="label">Why.</param>
    public static Closure Days(LocalDate first, LocalDate reopens, string? label = null) =>
        new(first.AtMidnight(), reopens.AtMidnight(), label);
}

/// <summary>The hours of one date, instead of those the weekly rules would give it.</summary>
/// <param name="Date">The date on which the windows open.</param>
/// <param name="Windows">The windows; none = closed all day.</param>
/// <param name="Label">Why, shown to everybody.</param>
public sealed record DateException(LocalDate Date, ValueList<OpeningWindow> Windows, string? Label = null);
