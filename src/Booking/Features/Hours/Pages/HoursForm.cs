using System.Globalization;
using System.Text.Json;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Hours.Pages;

/// <summary>Between the forms about hours and the rules of Core. What was written is never lost: a fault names its field.</summary>
internal static class HoursForm
{
    private const int FewRows = 3;
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    private static readonly (string Field, Func<BookingTerms, bool> Get, Func<BookingTerms, bool, BookingTerms> Set)[] Flags =
    [
        ("bookable", t => t.Bookable, (t, v) => t with { Bookable = v }),
        ("keepsHours", t => t.KeepsHours, (t, v) => t with { KeepsHours = v }),
        ("walkUp", t => t.WalkUpInBookedHours, (t, v) => t with { WalkUpInBookedHours = v }),
        ("inOpenLab", t => t.BookableInOpenLab, (t, v) => t with { BookableInOpenLab = v }),
        ("runsOn", t => t.RunsWhileClosed, (t, v) => t with { RunsWhileClosed = v }),
        ("accompanied", t => t.AccompaniedMayBook, (t, v) => t with { AccompaniedMayBook = v }),
        ("ownOverlap", t => t.OwnOverlapAllowed, (t, v) => t with { OwnOverlapAllowed = v }),
        ("refuseLate", t => t.RefuseLateCancellation, (t, v) => t with { RefuseLateCancellation = v }),
    ];

    /// <summary>A field, the path of its fault in Core, and how its number stands in the terms; null = empty.</summary>
    private static readonly (string Field, string Path, Func<BookingTerms, long?> Get, Func<BookingTerms, long?, BookingTerms> Set)[] Numbers =
    [
        ("step", "step", t => Minutes(t.Step), (t, v) => t with { Step = Minutes(v) }),
        ("minLength", "minLength", t => Minutes(t.MinLength), (t, v) => t with { MinLength = Minutes(v) ?? Duration.Zero }),
        ("maxLength", "maxLength", t => Minutes(t.MaxLength), (t, v) => t with { MaxLength = Minutes(v) }),
        ("horizon", "horizon", t => t.Horizon is { } ahead ? (long)ahead.TotalDays : null, (t, v) => t with { Horizon = v is { } days ? Duration.FromDays(days) : null }),
        ("notice", "notice", t => Minutes(t.Notice), (t, v) => t with { Notice = Minutes(v) ?? Duration.Zero }),
        ("changeBefore", "changeBefore", t => (long)t.ChangeBefore.TotalHours, (t, v) => t with { ChangeBefore = Duration.FromHours(v ?? 0) }),
        ("capacity", "capacity", t => t.Capacity, (t, v) => t with { Capacity = (int)(v ?? 1) }),
        ("setUp", "setUp", t => Minutes(t.SetUp), (t, v) => t with { SetUp = Minutes(v) ?? Duration.Zero }),
        ("maxUpcoming", "maxUpcoming", t => t.MaxUpcoming, (t, v) => t with { MaxUpcoming = (int?)v }),
        ("release", "noShow.releaseAfter", t => Minutes(t.NoShow.ReleaseAfter), (t, v) => t with { NoShow = t.NoShow with { ReleaseAfter = Minutes(v) } }),
        ("noShowLimit", "noShow.limit", t => t.NoShow.Limit, (t, v) => t with { NoShow = t.NoShow with { Limit = (int)(v ?? 0) } }),
    ];

    public static IReadOnlyList<WeekRow> Pad(IReadOnlyList<WeekRow> rows, int wanted) =>
        [.. rows, .. Enumerable.Repeat(WeekRow.Blank, Math.Clamp(wanted - rows.Count, Math.Min(FewRows, TimetableLimits.MostRules - rows.Count), Math.Max(0, TimetableLimits.MostRules - rows.Count)))];

    public static WeekRow Row(WeeklyOpening rule) => new(
        rule.Days, Clock.Format(rule.Window.Start), Clock.Format(rule.Window.End), rule.Window.Kind, rule.On, rule.Window.Group ?? "", rule.Window.Label ?? "", rule.From, rule.Until);

    public static ClosureRow Row(Closure closure) => new(Iso(closure.From.Date), Iso(closure.Until.Date), closure.Label ?? "");

    public static string Iso(LocalDate date) => LocalDatePattern.Iso.Format(date);

    public static LocalDate? Date(string? text) => LocalDatePattern.Iso.Parse(text ?? "") is { Success: true, Value: { Year: >= 1990 and < 2200 } date } ? date : null;

    public static LocalTime? Time(string? text) => Clock.Parse(text ?? "").TryGetValue(default, out var time) ? time : null;

    public static string Text(IFormCollection form, string field) => Features.Text.Clean(form[field].ToString(), TimetableLimits.LongestLabel);

    public static long Version(IFormCollection form) => long.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : -1;

    /// <summary>The rows of a form as they were written.</summary>
    public static List<WeekRow> ReadRows(IFormCollection form)
    {
        var rows = new List<WeekRow>();
        for (var i = 0; i < TimetableLimits.MostRules && form.ContainsKey($"row{i}from"); i++)
        {
            var days = WeekDays.None;
            foreach (var day in form[$"row{i}day"])
            {
                if (int.TryParse(day, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 7)
                    days |= (WeekDays)(1 << number);
            }
            rows.Add(new WeekRow(
                days, Text(form, $"row{i}from"), Text(form, $"row{i}until"), Choice(form, $"row{i}kind", OpeningKind.OpenLab), Choice(form, $"row{i}on", DayCondition.Always),
                Text(form, $"row{i}group"), Text(form, $"row{i}label"), Date(form[$"row{i}first"]), Date(form[$"row{i}last"])));
        }
        return rows;
    }

    /// <summary>The rules of the rows that are not blank, or the first fault with its field.</summary>
    public static (ValueList<WeeklyOpening> Rules, (string Field, Words Text)? Fault) Rules(IReadOnlyList<WeekRow> rows)
    {
        ValueList<WeeklyOpening> rules = [];
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (row.IsBlank)
                continue;
            if (row.Days == WeekDays.None)
                return (rules, ($"row{i}day", Both(HoursText.NoDays)));
            if (Time(row.From) is not { } from)
                return (rules, ($"row{i}from", Both(HoursText.BadTime)));
            if (Time(row.Until) is not { } until)
                return (rules, ($"row{i}until", Both(HoursText.BadTime)));
            rules = rules.Add(new WeeklyOpening
            {
                Days = row.Days,
                Window = new OpeningWindow(from, until, row.Kind, row is { Kind: OpeningKind.Groups, Group.Length: > 0 } ? row.Group : null, row.Label.Length > 0 ? row.Label : null),
                On = row.On,
                From = row.First,
                Until = row.Last,
            });
        }
        return (rules, null);
    }

    /// <summary>The field of a fault that Core found: its rules are those rows that are not blank.</summary>
    public static (string Field, Words Text)? Place(IReadOnlyList<TimetableFault> faults, IReadOnlyList<WeekRow> rows)
    {
        if (faults.Count == 0)
            return null;
        var fault = faults[0];
        var filled = Enumerable.Range(0, rows.Count).Where(i => !rows[i].IsBlank).ToList();
        if (fault.Path.StartsWith("weekly[", StringComparison.Ordinal)
            && int.TryParse(fault.Path["weekly[".Length..fault.Path.IndexOf(']', StringComparison.Ordinal)], CultureInfo.InvariantCulture, out var rule) && rule < filled.Count)
        {
            return ($"row{filled[rule]}{(fault.Path.EndsWith("days", StringComparison.Ordinal) ? "day" : fault.Path.EndsWith("group", StringComparison.Ordinal) ? "group" : "until")}", fault.Sentence);
        }
        return (fault.Path, fault.Sentence);
    }

    public static List<ClosureRow> ReadClosures(IFormCollection form)
    {
        var rows = new List<ClosureRow>();
        for (var i = 0; i < TimetableLimits.MostDates && form.ContainsKey($"closure{i}first"); i++)
            rows.Add(new ClosureRow(Text(form, $"closure{i}first"), Text(form, $"closure{i}reopens"), Text(form, $"closure{i}label")));
        return rows;
    }

    /// <summary>Closures of whole days; one that stood there with hours of the day keeps them while its dates stay.</summary>
    public static (ValueList<Closure> Closures, (string Field, Words Text)? Fault) Closures(IReadOnlyList<ClosureRow> rows, ValueList<Closure> before)
    {
        ValueList<Closure> closures = [];
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].IsBlank)
                continue;
            if (Date(rows[i].First) is not { } first)
                return (closures, ($"closure{i}first", Both(HoursText.BadDate)));
            if (Date(rows[i].Reopens) is not { } reopens)
                return (closures, ($"closure{i}reopens", Both(HoursText.BadDate)));
            var label = rows[i].Label.Length > 0 ? rows[i].Label : null;
            var was = before.FirstOrDefault(closure => closure.From.Date == first && closure.Until.Date == reopens);
            var closure = was is null ? Closure.Days(first, reopens, label) : was with { Label = label };
            if (closure.Until <= closure.From)
                return (closures, ($"closure{i}reopens", TimetableCheck.Faults(MachineTimetable.SameAsSite with { Closures = [closure] })[0].Sentence));
            closures = closures.Add(closure);
        }
        return (closures, null);
    }

    /// <summary>
    /// Single dates with the one of a form closed, at hours of its own, or as usual again, as its button says. A second window of the
    /// same day is added to what was entered for it before, when that is ticked.
    /// </summary>
    public static (ValueList<DateException> Dates, LocalDate Date, (string Field, Words Text)? Fault) ReadDay(IFormCollection form, ValueList<DateException> before)
    {
        if (Date(form["date"]) is not { } date)
            return (before, default, ("date", Both(HoursText.BadDate)));
        ValueList<DateException> others = [.. before.Where(own => own.Date != date)];
        var (label, act) = (Text(form, "label") is { Length: > 0 } text ? text : null, form["act"].ToString());
        if (act == "clear")
            return (others, date, null);
        if (act == "close" || (Text(form, "from").Length == 0 && Text(form, "until").Length == 0))
            return (others.Add(new DateException(date, [], label)), date, null);
        if (Time(form["from"]) is not { } from)
            return (before, date, ("from", Both(HoursText.BadTime)));
        if (Time(form["until"]) is not { } until)
            return (before, date, ("until", Both(HoursText.BadTime)));
        ValueList<OpeningWindow> windows = before.LastOrDefault(own => own.Date == date) is { } there && form.ContainsKey("also") ? there.Windows : [];
        return (others.Add(new DateException(date, windows.Add(new OpeningWindow(from, until, Choice(form, "kind", OpeningKind.OpenLab))), label)), date, null);
    }

    /// <summary>What was written into the fields of a single date.</summary>
    public static Dictionary<string, string> DayFields(IFormCollection form) => Entered(form, "date", "from", "until", "kind", "label");

    /// <summary>What was written into some fields.</summary>
    public static Dictionary<string, string> Entered(IFormCollection form, params string[] fields) =>
        fields.ToDictionary(field => field, field => Text(form, field), StringComparer.Ordinal);

    /// <summary>What was done to a date, and whom it concerns.</summary>
    public static Words DayDone(IFormCollection form, LocalDate date, ValueList<DateException> dates, Words told) => form["act"] == "clear"
        ? HoursPages.Filled(HoursText.DayUsual, SpokenTime.Date(date), told)
        : dates[^1].Windows.Count == 0 ? HoursPages.Filled(HoursText.DayClosed, SpokenTime.Date(date), told) : HoursPages.Filled(HoursText.Saved, told);

    public static TermsForm Terms(string scope, Words name, bool own, long version, BookingTerms terms) => new(
        scope, name, own, version,
        Flags.Where(flag => flag.Get(terms)).Select(flag => flag.Field).ToHashSet(StringComparer.Ordinal),
        Numbers.ToDictionary(number => number.Field, number => number.Get(terms)?.ToString(CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal))
    {
        Json = JsonSerializer.Serialize(terms, CoreJson.Options),
    };

    /// <summary>The terms as they were written, over those of before; a fault is in the form.</summary>
    public static (TermsForm Form, BookingTerms Terms) ReadTerms(IFormCollection form, TermsForm now, BookingTerms before)
    {
        var entered = now with
        {
            Version = Version(form),
            Flags = Flags.Select(flag => flag.Field).Where(form.ContainsKey).ToHashSet(StringComparer.Ordinal),
            Numbers = Numbers.ToDictionary(number => number.Field, number => Text(form, number.Field), StringComparer.Ordinal),
        };
        var terms = before;
        foreach (var flag in Flags)
            terms = flag.Set(terms, entered.Flags.Contains(flag.Field));
        foreach (var number in Numbers)
        {
            var text = entered.Of(number.Field);
            if (text.Length == 0)
                terms = number.Set(terms, null);
            else if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 1_000_000)
                terms = number.Get(terms) == value ? terms : number.Set(terms, value);
            else
                return (entered with { Fault = (number.Field, Both(BookingRulesText.BadNumber)) }, before);
        }
        return BookingTermsCheck.Faults(terms) is [var fault, ..]
            ? (entered with { Fault = (Numbers.FirstOrDefault(number => number.Path == fault.Path).Field ?? "step", fault.Sentence) }, before)
            : (entered, terms);
    }

    public static Words Both(Phrase phrase) => new(phrase.French, phrase.English);

    public static TChoice Choice<TChoice>(IFormCollection form, string field, TChoice otherwise)
        where TChoice : struct, Enum =>
        Enum.TryParse(form[field], out TChoice choice) && Enum.IsDefined(choice) ? choice : otherwise;

    private static long? Minutes(Duration? length) => length is { } some ? (long)some.TotalMinutes : null;

    private static Duration? Minutes(long? minutes) => minutes is { } some ? Duration.FromMinutes(some) : null;
}
