using FabLab.Core.Visits;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.GroupSessions.Pages;

/// <summary>What stands in tables, in words.</summary>
public static class GroupSessionWords
{
    /// <summary>Every theme there is, in the order of activity reports.</summary>
    public static IReadOnlyList<SessionThemes> Themes { get; } = [.. Enum.GetValues<SessionThemes>().Where(theme => theme != SessionThemes.None)];

    /// <summary>Every kind of material there is.</summary>
    public static IReadOnlyList<SessionMaterials> Materials { get; } = [.. Enum.GetValues<SessionMaterials>().Where(one => one != SessionMaterials.None)];

    public static (Phrase Word, Tone Tone, string Icon) Of(GroupSessionState state) => state switch
    {
        GroupSessionState.Planned => (GroupSessionText.StatePlanned, Tone.Waiting, Icons.Clock),
        GroupSessionState.Open => (GroupSessionText.StateOpen, Tone.On, Icons.Running),
        GroupSessionState.Done => (GroupSessionText.StateDone, Tone.Free, Icons.Done),
        GroupSessionState.Locked => (GroupSessionText.StateLocked, Tone.Free, Icons.Locked),
        GroupSessionState.Proposed => (GroupSessionText.StateProposed, Tone.Waiting, Icons.Question),
        GroupSessionState.Cancelled => (GroupSessionText.StateCancelled, Tone.Fault, Icons.Missing),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Phrase Of(GroupSessionKind kind) => kind switch
    {
        GroupSessionKind.Discovery => GroupSessionText.KindDiscovery,
        GroupSessionKind.Project => GroupSessionText.KindProject,
        GroupSessionKind.Awareness => GroupSessionText.KindAwareness,
        GroupSessionKind.Workshop => GroupSessionText.KindWorkshop,
        GroupSessionKind.Course => GroupSessionText.KindCourse,
        GroupSessionKind.Event => GroupSessionText.KindEvent,
        _ => GroupSessionText.KindOther,
    };

    public static Phrase Of(PlaceKind kind) => kind switch
    {
        PlaceKind.Elsewhere => GroupSessionText.WhereElsewhere,
        PlaceKind.Remote => GroupSessionText.WhereRemote,
        _ => GroupSessionText.WhereLab,
    };

    public static Phrase Of(SessionLevel level) => level switch
    {
        SessionLevel.Beginner => GroupSessionText.LevelBeginner,
        SessionLevel.Intermediate => GroupSessionText.LevelIntermediate,
        SessionLevel.Advanced => GroupSessionText.LevelAdvanced,
        _ => GroupSessionText.LevelNotSaid,
    };

    public static Phrase Of(AttendanceStatus status) => status switch
    {
        AttendanceStatus.Present => GroupSessionText.Present,
        AttendanceStatus.Excused => GroupSessionText.Excused,
        AttendanceStatus.Absent => GroupSessionText.Absent,
        _ => GroupSessionText.Expected,
    };

    public static Phrase Of(Gender gender) => gender switch
    {
        Gender.Female => GroupSessionText.GenderFemale,
        Gender.Male => GroupSessionText.GenderMale,
        _ => GroupSessionText.GenderNotSaid,
    };

    public static Phrase Of(Occupation occupation) => occupation switch
    {
        Occupation.School => GroupSessionText.OccupationSchool,
        Occupation.Jobless => GroupSessionText.OccupationJobless,
        Occupation.Employed => GroupSessionText.OccupationEmployed,
        Occupation.Retired => GroupSessionText.OccupationRetired,
        _ => GroupSessionText.OccupationNotSaid,
    };

    public static Phrase Of(AgeBand band) => band switch
    {
        AgeBand.Under12 => GroupSessionText.BandUnder12,
        AgeBand.From12To17 => GroupSessionText.Band12,
        AgeBand.From18To24 => GroupSessionText.Band18,
        AgeBand.From25To39 => GroupSessionText.Band25,
        AgeBand.From40To59 => GroupSessionText.Band40,
        AgeBand.From60To69 => GroupSessionText.Band60,
        AgeBand.From70 => GroupSessionText.Band70,
        _ => GroupSessionText.BandNotSaid,
    };

    /// <summary>One theme.</summary>
    public static Phrase Of(SessionThemes theme) => theme switch
    {
        SessionThemes.Creating => GroupSessionText.ThemeCreating,
        SessionThemes.Computer => GroupSessionText.ThemeComputer,
        SessionThemes.PhoneOrTablet => GroupSessionText.ThemePhone,
        SessionThemes.Internet => GroupSessionText.ThemeInternet,
        SessionThemes.Mail => GroupSessionText.ThemeMail,
        SessionThemes.Office => GroupSessionText.ThemeOffice,
        SessionThemes.Work => GroupSessionText.ThemeWork,
        SessionThemes.Security => GroupSessionText.ThemeSecurity,
        SessionThemes.Culture => GroupSessionText.ThemeCulture,
        SessionThemes.Paperwork => GroupSessionText.ThemePaperwork,
        SessionThemes.School => GroupSessionText.ThemeSchool,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>One kind of material.</summary>
    public static Phrase Of(SessionMaterials material) => material switch
    {
        SessionMaterials.Computer => GroupSessionText.MaterialComputer,
        SessionMaterials.Phone => GroupSessionText.MaterialPhone,
        SessionMaterials.Tablet => GroupSessionText.MaterialTablet,
        _ => GroupSessionText.MaterialOther,
    };

    /// <summary>A half-day in words.</summary>
    public static string Of(PageText text, SheetHalf half)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"{text.Date(half.Day)}, {text[half.Half == HalfDay.Morning ? GroupSessionText.Morning : GroupSessionText.Afternoon]}";
    }
}
