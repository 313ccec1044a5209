namespace FabLab.Core.Scheduling;

/// <summary>
/// When a site is open, as rules. Nothing here is an instant: the rules say what the clock on the wall shows, and
/// <see cref="SiteSchedule"/> turns them into intervals when somebody reads them.
/// <para>Of two windows that overlap on one day the later in the list counts; a window that runs past midnight gives way to those of the next day.</para>
/// </summary>
public sealed record SiteTimetable
{
    /// <summary>The IANA zone of the clock on the wall, such as "Europe/Paris" or "Pacific/Noumea".</summary>
    public required string Zone { get; init; }

    /// <summary>Which public holidays the site has.</summary>
    public HolidayRegion Region { get; init; } = HolidayRegion.Metropole;

    /// <summary>Which school holidays; null = weekly rules that ask for them count as in school time.</summary>
    public SchoolZone? SchoolZone { get; init; }

    /// <summary>Whether public holidays are closed but for rules made <see cref="DayCondition.PublicHolidays"/>; false = they are days like others.</summary>
    public bool ClosedOnPublicHolidays { get; init; } = true;

    /// <summary>The weekly hours.</summary>
    public ValueList<WeeklyOpening> Weekly { get; init; } = [];

    /// <summary>The closures.</summary>
    public ValueList<Closure> Closures { get; init; } = [];

    /// <summary>The hours of single dates; of two for one date the later in the list counts.</summary>
    public ValueList<DateException> Exceptions { get; init; } = [];
}

/// <summary>What one machine adds to the hours of its site. Without rules a machine is open when its site is.</summary>
public sealed record MachineTimetable
{
    /// <summary>A machine that is open when its site is.</summary>
    public static MachineTimetable SameAsSite { get; } = new();

    /// <summary>How the weekly rules below stand to those of the site.</summary>
    public MachineHours Hours { get; init; }

    /// <summary>The machine's own weekly rules.</summary>
    public ValueList<WeeklyOpening> Weekly { get; init; } = [];

    /// <summary>Closures of this machine, such as a planned repair.</summary>
    public ValueList<Closure> Closures { get; init; } = [];

    /// <summary>The machine's hours on single dates.</summary>
    public ValueList<DateException> Exceptions { get; init; } = [];
}
