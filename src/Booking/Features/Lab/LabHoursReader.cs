using System.Globalization;
using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Lab;

/// <summary>The hours of the place, how machines are booked, limits and pools, as a lab description writes them.</summary>
internal static class LabHoursReader
{
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <summary>Null when the description says nothing of hours.</summary>
    public static SiteTimetable? Hours(LabFields site, string zone, LocalDate today)
    {
        if (site.Object("hours") is not { } fields)
            return null;
        var usual = new SiteTimetable { Zone = zone };
        var timetable = usual with
        {
            Region = fields.Choice("region", usual.Region),
            SchoolZone = fields.Take("schoolZone") is null ? null : fields.Choice("schoolZone", SchoolZone.A),
            ClosedOnPublicHolidays = fields.Flag("closedOnPublicHolidays", usual.ClosedOnPublicHolidays),
            Weekly = [.. fields.List("weekly").Select(item => Weekly(fields, item)).OfType<WeeklyOpening>()],
            Closures = [.. fields.List("closures").SelectMany(item => Closures(fields, item, today))],
        };
        foreach (var fault in TimetableCheck.Faults(timetable))
            fields.Fault(fields.Node, $"{fault.Path}: {fault.Sentence.En}");
        fields.Finish();
        return timetable;
    }

    /// <summary>Terms of the site first: what a narrower scope does not say is as there.</summary>
    public static List<LabTerms> Terms(LabFields top, Func<string, bool> isMachine)
    {
        var all = new List<LabTerms>();
        var site = new BookingTerms();
        foreach (var item in top.List("terms"))
        {
            if (top.Of(item) is not { } fields)
                continue;
            var (machineClass, machine) = (fields.TextOrNull("class", 32), fields.TextOrNull("machine", 16)?.ToUpperInvariant());
            if (machine is not null && !isMachine(machine))
                fields.Fault(fields.Node.Members["machine"], $"There is no machine '{machine}'.");
            var terms = Terms(fields, site);
            if (machineClass is null && machine is null)
                site = terms;
            foreach (var fault in BookingTermsCheck.Faults(terms))
                fields.Fault(fields.Node, $"{fault.Path}: {fault.Sentence.En}");
            if (all.Exists(one => one.Class == machineClass && one.Machine == machine))
                fields.Fault(fields.Node, "The terms of one scope are described twice.");
            all.Add(new LabTerms(machine is null ? machineClass : null, machine, terms));
            fields.Finish();
        }
        return all;
    }

    public static List<LabQuota> Quotas(LabFields top, Func<string, bool> isMachine)
    {
        var all = new List<LabQuota>();
        foreach (var item in top.List("quotas"))
        {
            if (top.Of(item) is not { } fields)
                continue;
            var quota = new BookingQuota
            {
                Period = fields.Choice("period", QuotaPeriod.Week),
                Time = Minutes(fields, "minutes", 44_640),
                Count = fields.Whole("count", 1, 1000),
                Classes = [.. fields.List("classes").Select(node => node.Text ?? "")],
                Plans = [.. fields.List("plans").Select(node => node.Text ?? "")],
                SameDayFree = fields.Flag("sameDayFree", false),
            };
            if (quota.Time is null && quota.Count is null)
                fields.Fault(fields.Node, "It limits nothing: give 'minutes' or 'count'.");
            all.Add(new LabQuota(quota, Machines(fields, isMachine)));
            fields.Finish();
        }
        return all;
    }

    public static List<LabPool> Pools(LabFields top, Func<string, bool> isMachine)
    {
        var all = new List<LabPool>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in top.List("pools"))
        {
            if (top.Of(item) is not { } fields)
                continue;
            var pool = new LabPool(fields.Text("nameFr", 100), fields.Text("nameEn", 100), Machines(fields, isMachine));
            foreach (var machine in pool.Machines.Where(machine => !taken.Add(machine)))
                fields.Fault(fields.Node, $"'{machine}' is in two pools.");
            if (pool.Machines.Count < 2)
                fields.Fault(fields.Node, "A pool has at least two machines.");
            all.Add(pool);
            fields.Finish();
        }
        return all;
    }

    private static List<string> Machines(LabFields fields, Func<string, bool> isMachine)
    {
        var codes = new List<string>();
        foreach (var node in fields.List("machines"))
        {
            var code = node.Text?.Trim().ToUpperInvariant() ?? "";
            if (!isMachine(code))
                fields.Fault(node, $"There is no machine '{code}'.");
            codes.Add(code);
        }
        return codes;
    }

    private static BookingTerms Terms(LabFields fields, BookingTerms usual) => usual with
    {
        Bookable = fields.Flag("bookable", usual.Bookable),
        Capacity = fields.Whole("capacity", 1, 1000) ?? usual.Capacity,
        SetUp = Minutes(fields, "setUpMinutes", 1440) ?? usual.SetUp,
        MinLength = Minutes(fields, "minMinutes", 44_640) ?? usual.MinLength,
        MaxLength = Minutes(fields, "maxMinutes", 44_640) ?? usual.MaxLength,
        Step = Minutes(fields, "stepMinutes", 1440) ?? usual.Step,
        Notice = Minutes(fields, "noticeMinutes", 525_600) ?? usual.Notice,
        Horizon = fields.Whole("horizonDays", 1, 732) is { } days ? Duration.FromDays(days) : usual.Horizon,
        ChangeBefore = Minutes(fields, "changeBeforeMinutes", 525_600) ?? usual.ChangeBefore,
        MaxUpcoming = fields.Whole("maxUpcoming", 1, 1000) ?? usual.MaxUpcoming,
        OwnOverlapAllowed = fields.Flag("ownOverlapAllowed", usual.OwnOverlapAllowed),
        BookableInOpenLab = fields.Flag("bookableInOpenLab", usual.BookableInOpenLab),
        RunsWhileClosed = fields.Flag("runsWhileClosed", usual.RunsWhileClosed),
        KeepsHours = fields.Flag("keepsHours", usual.KeepsHours),
        WalkUpInBookedHours = fields.Flag("walkUpInBookedHours", usual.WalkUpInBookedHours),
        NoShow = usual.NoShow with
        {
            ReleaseAfter = Minutes(fields, "releaseAfterMinutes", 1440) ?? usual.NoShow.ReleaseAfter,
            Limit = fields.Whole("noShowLimit", 0, 100) ?? usual.NoShow.Limit,
        },
    };

    private static Duration? Minutes(LabFields fields, string name, int most) =>
        fields.Whole(name, 0, most) is { } minutes ? Duration.FromMinutes(minutes) : null;

    private static WeeklyOpening? Weekly(LabFields hours, LocatedJson item)
    {
        if (hours.Of(item) is not { } fields)
            return null;
        var days = WeekDays.None;
        foreach (var node in fields.List("days"))
        {
            if (Enum.TryParse<WeekDays>(node.Text, ignoreCase: true, out var day) && day is not (WeekDays.None or WeekDays.All or WeekDays.WorkingDays) && !char.IsDigit(node.Text![0]))
                days |= day;
            else
                fields.Fault(node, "A day is monday, tuesday, wednesday, thursday, friday, saturday or sunday.");
        }
        var rule = new WeeklyOpening
        {
            Days = days,
            Window = new OpeningWindow(Time(fields, "from"), Time(fields, "until"), fields.Choice("kind", OpeningKind.OpenLab), null, fields.TextOrNull("label", 100)),
            On = fields.Choice("on", DayCondition.Always),
        };
        fields.Finish();
        return rule;
    }

    /// <summary>A closure between two dates; one written without a year ("08-03") comes back each year: this one and the next are taken.</summary>
    private static IEnumerable<Closure> Closures(LabFields hours, LocatedJson item, LocalDate today)
    {
        if (hours.Of(item) is not { } fields)
            yield break;
        var (from, until, label) = (fields.Text("from", 10), fields.Text("until", 10), fields.TextOrNull("label", 100));
        fields.Finish();
        for (var year = today.Year; year <= today.Year + 1; year++)
        {
            var (first, reopens) = (Date(from, year), Date(until, year));
            if (first is not { } start || reopens is not { } end)
            {
                fields.Fault(fields.Node, "A closure goes from 2026-08-03 to 2026-08-17, or each year from 08-03 to 08-17.");
                yield break;
            }
            var yearly = from.Length == 5;
            yield return Closure.Days(start, yearly && end <= start ? end.PlusYears(1) : end, label);
            if (!yearly)
                yield break;
        }
    }

    private static LocalDate? Date(string text, int year) =>
        LocalDatePattern.Iso.Parse(text.Length == 5 ? $"{year.ToString("0000", CultureInfo.InvariantCulture)}-{text}" : text)
            .TryGetValue(default, out var date) && date.Year is >= 1990 and < 2200 ? date : null;

    private static LocalTime Time(LabFields fields, string name)
    {
        var text = fields.Text(name, 5);
        if (text.Length == 0 || Clock.Parse(text).TryGetValue(default, out var time))
            return text.Length == 0 ? default : Clock.Parse(text).Value;
        fields.Fault(fields.Node.Members[name], "A time is written 14:00.");
        return time;
    }
}
