namespace FabLab.Core.Scheduling;

/// <summary>What a stretch of time is for.</summary>
public enum OpeningKind
{
    /// <summary>Nobody may use the machine.</summary>
    Closed,

    /// <summary>Only staff: maintenance, preparation, stock-taking.</summary>
    StaffOnly,

    /// <summary>Kept for a partner's group, or for groups in general (créneau réservé).</summary>
    Groups,

    /// <summary>For those who have booked; free when nobody has.</summary>
    Booked,

    /// <summary>Open to all without booking (openlab).</summary>
    OpenLab,
}

/// <summary>Days of the week, any number of them.</summary>
[Flags]
public enum WeekDays
{
    /// <summary>No day.</summary>
    None = 0,

    /// <summary>Lundi.</summary>
    Monday = 1,

    /// <summary>Mardi.</summary>
    Tuesday = 2,

    /// <summary>Mercredi.</summary>
    Wednesday = 4,

    /// <summary>Jeudi.</summary>
    Thursday = 8,

    /// <summary>Vendredi.</summary>
    Friday = 16,

    /// <summary>Samedi.</summary>
    Saturday = 32,

    /// <summary>Dimanche.</summary>
    Sunday = 64,

    /// <summary>Monday to Friday.</summary>
    WorkingDays = Monday | Tuesday | Wednesday | Thursday | Friday,

    /// <summary>Every day.</summary>
    All = WorkingDays | Saturday | Sunday,
}

/// <summary>On which dates a weekly rule counts, beside its day of the week.</summary>
public enum DayCondition
{
    /// <summary>On all.</summary>
    Always,

    /// <summary>Only during school holidays of the site's zone.</summary>
    SchoolHolidays,

    /// <summary>Only outside them. A date the school calendar says nothing about counts as outside.</summary>
    SchoolTime,

    /// <summary>Only on public holidays: the hours of a lab that opens on them.</summary>
    PublicHolidays,
}

/// <summary>How a machine's own weekly hours stand to those of its site.</summary>
public enum MachineHours
{
    /// <summary>The machine's rules are laid over the site's: where one applies it counts, elsewhere the site's do.</summary>
    Over,

    /// <summary>The machine's rules take the place of the site's; with none the machine is never open.</summary>
    Instead,
}
