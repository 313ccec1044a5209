using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>One day as a page shows it.</summary>
/// <param name="Date">The date.</param>
/// <param name="Periods">Its open periods, by the clock on the wall.</param>
/// <param name="Notes">What is to be said of it: a public holiday, a closure, school holidays.</param>
public sealed record DayLine(LocalDate Date, IReadOnlyList<DayPeriod> Periods, IReadOnlyList<Words> Notes);

/// <summary>An open period of a day.</summary>
public sealed record DayPeriod(LocalTime From, LocalTime Until, OpeningKind Kind, string? Label);

/// <summary>What the public page shows.</summary>
public sealed record HoursSheet(string Zone, bool HasHours, IReadOnlyList<DayLine> Days);

/// <summary>A day that can be closed in one tap.</summary>
/// <param name="Date">The date.</param>
/// <param name="Exception">Its hours of its own; null when it has none.</param>
/// <param name="Hits">How many bookings closing it would concern.</param>
public sealed record CloseChoice(LocalDate Date, DateException? Exception, int Hits);

/// <summary>A booking that a change concerns, as it is shown.</summary>
/// <param name="Code">The machine.</param>
/// <param name="When">When it is.</param>
/// <param name="Who">Whose; null when it is nobody's by name or not the viewer's to see.</param>
public sealed record HitLine(string Code, Words When, string? Who);

/// <summary>What the page for who keeps the hours shows.</summary>
public sealed record ManageSheet
{
    public required SiteTimetable Timetable { get; init; }

    public required long Version { get; init; }

    public bool HasHours { get; init; }

    public required IReadOnlyList<CloseChoice> Next { get; init; }

    public required LocalDate Today { get; init; }

    public required IReadOnlyList<(PublicHoliday Day, bool Open)> Holidays { get; init; }

    /// <summary>Until when the school calendar knows the zone of the place; null without a zone.</summary>
    public LocalDate? SchoolKnownUntil { get; init; }

    public bool SchoolIsOwn { get; init; }

    public IReadOnlyList<string> SchoolFaults { get; init; } = [];

    public IReadOnlyList<(string Key, string Name)> Groups { get; init; } = [];

    /// <summary>The field at fault and what is wrong with it.</summary>
    public (string Field, Words Text)? Fault { get; init; }

    public Phrase? Problem { get; init; }

    /// <summary>What would be concerned; null when nobody asked.</summary>
    public IReadOnlyList<HitLine>? Preview { get; init; }

    /// <summary>The form of a date or of a closure, as it was written.</summary>
    public IReadOnlyDictionary<string, string> Entered { get; init; } = new Dictionary<string, string>();

    public string Of(string field) => Entered.GetValueOrDefault(field, "");
}

/// <summary>A window of the week as it is written in the form.</summary>
public sealed record WeekRow(WeekDays Days, string From, string Until, OpeningKind Kind, DayCondition On, string Group, string Label, LocalDate? First, LocalDate? Last)
{
    public static WeekRow Blank { get; } = new(WeekDays.None, "", "", OpeningKind.OpenLab, DayCondition.Always, "", "", null, null);

    public bool IsBlank => Days == WeekDays.None && From.Length == 0 && Until.Length == 0;
}

/// <summary>A closure as it is written in the form: whole days.</summary>
public sealed record ClosureRow(string First, string Reopens, string Label)
{
    public bool IsBlank => First.Length == 0 && Reopens.Length == 0;
}

/// <summary>The form of the week.</summary>
public sealed record WeekSheet
{
    public required IReadOnlyList<WeekRow> Rows { get; init; }

    public required long Version { get; init; }

    public HolidayRegion Region { get; init; }

    public SchoolZone? School { get; init; }

    public bool ClosedOnPublicHolidays { get; init; }

    public string Department { get; init; } = "";

    public IReadOnlyList<(string Key, string Name)> Groups { get; init; } = [];

    public (string Field, Words Text)? Fault { get; init; }

    public Phrase? Problem { get; init; }

    public IReadOnlyList<HitLine>? Preview { get; init; }
}

/// <summary>The form of a machine's hours and terms.</summary>
public sealed record MachineHoursSheet
{
    public required MachineId Id { get; init; }

    public required string Code { get; init; }

    public required Words Name { get; init; }

    /// <summary>The page that leads here: the machine's, or the list a room, a desk or a kit stands in.</summary>
    public required string Back { get; init; }

    public required MachineHours Mode { get; init; }

    public required IReadOnlyList<WeekRow> Rows { get; init; }

    public required IReadOnlyList<ClosureRow> Closures { get; init; }

    /// <summary>Its single dates from today on.</summary>
    public IReadOnlyList<DateException> Dates { get; init; } = [];

    public required long Version { get; init; }

    public required TermsForm Terms { get; init; }

    /// <summary>What it does at the end of a booking, as it was written; null for what has no relay.</summary>
    public BookingEndForm? End { get; init; }

    public IReadOnlyList<(string Key, string Name)> Groups { get; init; } = [];

    public (string Field, Words Text)? Fault { get; init; }

    public Phrase? Problem { get; init; }

    public IReadOnlyList<HitLine>? Preview { get; init; }

    /// <summary>The form of a single date, as it was written.</summary>
    public IReadOnlyDictionary<string, string> Entered { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a machine does at the end of a booking, as it is written in the form.</summary>
/// <param name="End">What.</param>
/// <param name="Cap">After how many minutes it is stopped in any case.</param>
/// <param name="Version">The version of the machine it was read at.</param>
public sealed record BookingEndForm(BookingEnd End, string Cap, long Version);

/// <summary>Terms as they are written in the form.</summary>
/// <param name="Scope">Of which scope.</param>
/// <param name="Name">What the scope is called.</param>
/// <param name="Own">Whether the scope has terms of its own.</param>
/// <param name="Version">The version they were read at.</param>
/// <param name="Flags">The boxes that are ticked.</param>
/// <param name="Numbers">What stands in the fields.</param>
public sealed record TermsForm(string Scope, Words Name, bool Own, long Version, IReadOnlySet<string> Flags, IReadOnlyDictionary<string, string> Numbers)
{
    /// <summary>The terms that count now, whole, for the undo.</summary>
    public string Json { get; init; } = "";

    public (string Field, Words Text)? Fault { get; init; }

    /// <summary>Bookings that could not be made by what is written; null when nobody asked.</summary>
    public IReadOnlyList<HitLine>? Preview { get; init; }

    public string Of(string field) => Numbers.GetValueOrDefault(field, "");
}

/// <summary>What the page of the booking rules shows.</summary>
public sealed record BookingRulesSheet
{
    public required IReadOnlyList<(string Scope, Words Name, bool Own)> Scopes { get; init; }

    public required IReadOnlyList<QuotaLine> Quotas { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>How many minutes before its start a tap claims a booking.</summary>
    public int ClaimMinutes { get; init; }

    public long SiteVersion { get; init; }

    public (string Field, Phrase Text)? Fault { get; init; }

    public IReadOnlyDictionary<string, string> Entered { get; init; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Ticked { get; init; } = new HashSet<string>();

    public Phrase? Problem { get; init; }

    public string Of(string field) => Entered.GetValueOrDefault(field, "");
}

/// <summary>A quota as it is shown.</summary>
public sealed record QuotaLine(Core.QuotaId Id, BookingQuota Quota, long Version, IReadOnlyList<string> Machines);

/// <summary>What the page of rooms, desks, kits and pools shows.</summary>
public sealed record ResourcesSheet
{
    public required IReadOnlyList<ResourceLine> Things { get; init; }

    public required IReadOnlyList<ResourceLine> Machines { get; init; }

    public required IReadOnlyList<PoolLine> Pools { get; init; }

    /// <summary>The form at fault, its field, and what is wrong.</summary>
    public (string Form, string Field, Phrase Text)? Fault { get; init; }

    public IReadOnlyDictionary<string, string> Entered { get; init; } = new Dictionary<string, string>();

    public Phrase? Problem { get; init; }
}

/// <summary>Something that is booked.</summary>
public sealed record ResourceLine(MachineId Id, Features.Machines.ResourceKind Kind, string Code, string NameFr, string NameEn, int Capacity, int SetUpMinutes, MachineId? Room, long Version);

/// <summary>A pool.</summary>
public sealed record PoolLine(Core.PoolId Id, string NameFr, string NameEn, IReadOnlyList<MachineId> Machines, long Version);
