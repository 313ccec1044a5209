using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>The hours of the place as they are to be.</summary>
/// <param name="Timetable">All of them.</param>
/// <param name="Version">The version they were read at; 0 while there are none.</param>
/// <param name="Preview">Changes nothing, tells which bookings it would concern.</param>
public sealed record SiteHoursToBe(SiteTimetable? Timetable, long Version, bool Preview = false);

/// <summary>Takes the last change back, when nothing was changed since.</summary>
/// <param name="Version">The version that the change gave.</param>
public sealed record HoursUndo(long Version);

/// <summary>
/// Sets when the place is open. Whoever may close a day changes closures and single dates; the weekly hours and the calendar they
/// go by are for who keeps the hours.
/// </summary>
internal sealed class SetSiteHours(BookingWriter writer, SchoolHolidays school)
{
    public static void Map(RouteGroupBuilder changes)
    {
        changes.MapPut("/hours", async (SiteHoursToBe request, HttpContext http, SetSiteHours handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetHours").WithTags("hours").WithSummary("Sets when the place is open, or tells which bookings that would concern.")
            .Produces<HoursSaved>().ProducesProblem(StatusCodes.Status409Conflict);
        changes.MapPost("/hours/undo", async (HoursUndo request, HttpContext http, SetSiteHours handler, CancellationToken cancellationToken) =>
                (await handler.UndoAsync(request.Version, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoHours").WithTags("hours").WithSummary("Takes back the last change of the hours of the place.")
            .Produces<HoursSaved>().ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<HoursSaved>> HandleAsync(SiteHoursToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<HoursSaved>(
            async (write, cancel) =>
            {
                if (request.Timetable is not { } wanted)
                    return Refusal.BadValue("timetable", "The hours are missing.");
                if (TimetableLimits.Fault(wanted) is { } fault)
                    return fault;
                var row = await write.Db.SiteTimetables.SingleOrDefaultAsync(cancel);
                if ((row?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                return await SetAsync(write, row, wanted, by, "hours.set", request.Preview, cancel);
            },
            cancellationToken);

    public Task<Outcome<HoursSaved>> UndoAsync(long version, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<HoursSaved>(
            async (write, cancel) =>
            {
                if (await write.Db.SiteTimetables.SingleOrDefaultAsync(cancel) is not { Previous: { } previous } row || row.Version != version)
                    return Refusal.Stale;
                return await SetAsync(write, row, previous, by, "hours.undone", preview: false, cancel);
            },
            cancellationToken);

    private async Task<Outcome<HoursSaved>> SetAsync(
        BookingWrite write, SiteTimetableRow? row, SiteTimetable wanted, StaffActor by, string act, bool preview, CancellationToken cancellationToken)
    {
        var before = await LabHours.ReadAsync(write.Db, school.Calendar, cancellationToken);
        var current = before.Schedule.Site;
        if (!by.Has(Right.KeepHours) && Bare(wanted) != Bare(current))
            return Refusal.NotAllowed;
        if (await TimetableLimits.UnknownGroupAsync(write.Db, wanted.Weekly, wanted.Exceptions, cancellationToken) is { } unknown)
            return unknown;
        var after = before.With(wanted);
        if (preview)
        {
            return new HoursSaved(
                row?.Version ?? 0, await HourChange.HitsAsync(write.Db, before, after, write.Now, null, cancellationToken),
                await HourChange.HitsAsync(write.Db, after, before, write.Now, null, cancellationToken));
        }
        if (row is null)
        {
            row = new SiteTimetableRow { Timetable = current };
            write.Db.SiteTimetables.Add(row);
        }
        (row.Previous, row.Timetable) = (current, wanted);
        row.Version++;
        if (await write.Db.Sites.SingleOrDefaultAsync(cancellationToken) is { } site && site.Rule.Zone != wanted.Zone)
        {
            site.Rule = site.Rule with { Zone = wanted.Zone };
            site.Version++;
        }
        var (hits, again) = await HourChange.TellAsync(write, before, after, by.Id, null, cancellationToken);
        write.Audit(by.Id, act, System.Guid.Empty, $"{hits.Count} bookings hit, {again.Count} fit again");
        return new HoursSaved(row.Version, hits, again);
    }

    private static SiteTimetable Bare(SiteTimetable timetable) => timetable with { Closures = [], Exceptions = [] };
}

/// <summary>What a timetable from outside may hold at most, and what Core finds wrong in it, as refusals.</summary>
internal static class TimetableLimits
{
    public const int MostRules = 60;
    public const int MostDates = 400;
    public const int LongestLabel = 100;

    private static readonly LocalDate First = new(1990, 1, 1);
    private static readonly LocalDate Last = new(2200, 1, 1);

    public static Refusal? Fault(SiteTimetable site) =>
        Shape(site.Weekly, site.Closures, site.Exceptions)
        ?? (Enum.IsDefined(site.Region) && (site.SchoolZone is null || Enum.IsDefined(site.SchoolZone.Value)) ? null : Refusal.BadValue("region", "There is no such region."))
        ?? Of(TimetableCheck.Faults(site));

    public static Refusal? Fault(MachineTimetable machine) =>
        Shape(machine.Weekly, machine.Closures, machine.Exceptions) ?? Of(TimetableCheck.Faults(machine));

    public static Refusal? Of(IReadOnlyList<TimetableFault> faults) =>
        faults.Count == 0 ? null : Refusal.BadValue(faults[0].Path, faults[0].Sentence.En);

    /// <summary>A group is named by its id.</summary>
    public static async Task<Refusal?> UnknownGroupAsync(
        BookingDbContext db, Core.ValueList<WeeklyOpening> weekly, Core.ValueList<DateException> exceptions, CancellationToken cancellationToken)
    {
        var named = weekly.Select(rule => rule.Window.Group).Concat(exceptions.SelectMany(e => e.Windows.Select(w => w.Group))).OfType<string>().Distinct().ToList();
        if (named.Count == 0)
            return null;
        var known = (await db.PersonGroups.Select(group => group.Id).ToListAsync(cancellationToken)).Select(id => id.ToString("D")).ToHashSet(StringComparer.Ordinal);
        return named.TrueForAll(known.Contains) ? null : Refusal.BadValue("weekly", "It names a group that is not there.");
    }

    // What the reader of JSON lets through although the types say that it cannot be.
    private static Refusal? Shape(Core.ValueList<WeeklyOpening>? weekly, Core.ValueList<Closure>? closures, Core.ValueList<DateException>? exceptions)
    {
        if (weekly is null || closures is null || exceptions is null)
            return Refusal.BadValue("timetable", "A list is missing.");
        if (weekly.Count > MostRules)
            return Refusal.BadValue("weekly", $"At most {MostRules} rules.");
        if (closures.Count > MostDates)
            return Refusal.BadValue("closures", $"At most {MostDates} closures.");
        if (exceptions.Count > MostDates)
            return Refusal.BadValue("exceptions", $"At most {MostDates} dates.");
        for (var i = 0; i < weekly.Count; i++)
        {
            if (weekly[i] is not { } rule || !IsGood(rule.Window) || !Enum.IsDefined(rule.On))
                return Refusal.BadValue($"weekly[{i}]", "It is not complete, or its label is too long.");
            if (rule.From < First || rule.From > Last || rule.Until < First || rule.Until > Last)
                return Refusal.BadValue($"weekly[{i}]", "Dates lie between 1990 and 2199.");
        }
        for (var i = 0; i < closures.Count; i++)
        {
            if (closures[i] is not { } closure || closure.Label?.Length > LongestLabel || !Enum.IsDefined(closure.Kind))
                return Refusal.BadValue($"closures[{i}]", "It is not complete, or its label is too long.");
            if (closure.From.Date < First || closure.Until.Date > Last)
                return Refusal.BadValue($"closures[{i}]", "Dates lie between 1990 and 2199.");
        }
        for (var i = 0; i < exceptions.Count; i++)
        {
            if (exceptions[i] is not { Windows: not null } exception || exception.Label?.Length > LongestLabel || exception.Windows.Count > 10 || !exception.Windows.All(IsGood))
                return Refusal.BadValue($"exceptions[{i}]", "It is not complete, or its label is too long.");
            if (exception.Date < First || exception.Date > Last)
                return Refusal.BadValue($"exceptions[{i}]", "Dates lie between 1990 and 2199.");
        }
        return null;
    }

    private static bool IsGood(OpeningWindow? window) =>
        window is not null && Enum.IsDefined(window.Kind) && !(window.Label?.Length > LongestLabel) && !(window.Group?.Length > LongestLabel);
}
