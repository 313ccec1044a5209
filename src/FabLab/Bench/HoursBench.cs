using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Host.Cli;
using NodaTime;

namespace FabLab.Host.Bench;

/// <summary>
/// How long the open periods of a year take for all machines of a lab, from the rules alone. Beside it the floor: the same number of
/// windows turned from the clock on the wall into instants, which nothing that honours summer time can leave out.
/// </summary>
internal static class HoursBench
{
    private const int Days = 365;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var machines = invocation.Number("--machines", 60, 1, 10_000);
        var runs = invocation.Number("--runs", 50, 1, 10_000);
        var result = Measure(machines, runs, cancellationToken);
        invocation.Out.WriteLine(invocation.Has("--json")
            ? JsonSerializer.Serialize(result, HoursBenchJson.Default.HoursBenchResult)
            : $"a year of {machines} machines, {result.Periods:N0} open periods: first time {result.FirstMs} ms, then p50 {result.P50Ms} ms, p95 {result.P95Ms} ms; floor (clock to instant) p50 {result.FloorP50Ms} ms.");
        return Task.FromResult(ExitCodes.Success);
    }

    internal static HoursBenchResult Measure(int machines, int runs, CancellationToken cancellationToken)
    {
        var (site, own) = Lab(machines);
        var (times, floor) = (new Percentiles(), new Percentiles());
        var first = 0.0;
        var periods = 0;
        // A fifth more for warming up; the two take turns, so that a busy moment of the computer falls on both.
        for (var run = -Math.Max(2, runs / 5); run < runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            periods = Expand(site, own);
            var expanded = Stopwatch.GetTimestamp();
            Resolve(site, periods);
            var resolved = Stopwatch.GetTimestamp();
            if (first == 0)
                first = Stopwatch.GetElapsedTime(start, expanded).TotalMilliseconds;
            if (run < 0)
                continue;
            times.Add(Stopwatch.GetElapsedTime(start, expanded));
            floor.Add(Stopwatch.GetElapsedTime(expanded, resolved));
        }
        return new HoursBenchResult(machines, Days, periods, runs, Math.Round(first, 1), Ms(times, 0.5), Ms(times, 0.95), Ms(floor, 0.5), Ms(floor, 0.95));
    }

    private static double Ms(Percentiles times, double share) => Math.Round(times.At(share) / 1000, 1);

    private static int Expand(SiteTimetable site, MachineTimetable[] own)
    {
        var schedule = new SiteSchedule(site, SchoolCalendar.Shipped);
        var first = new LocalDate(2026, 9, 1);
        var days = schedule.Over(schedule.Days(first, first.PlusDays(Days)));
        var periods = 0;
        foreach (var machine in own)
            periods += days.ForMachine(machine).Count;
        return periods;
    }

    private static void Resolve(SiteTimetable site, int windows)
    {
        var zone = DateTimeZoneProviders.Tzdb[site.Zone];
        var first = new LocalDate(2026, 9, 1);
        var ticks = 0L;
        for (var i = 0; i < windows; i++)
            ticks ^= LocalClock.Window(first.PlusDays(i % Days), new LocalTime(14, 0), new LocalTime(18, 0), zone).Start.ToUnixTimeTicks();
        GC.KeepAlive(ticks);
    }

    /// <summary>A week as labs have it, closures, single dates; every third machine has hours of its own, every tenth a repair.</summary>
    private static (SiteTimetable Site, MachineTimetable[] Own) Lab(int machines)
    {
        var site = new SiteTimetable
        {
            Zone = "Europe/Paris",
            SchoolZone = SchoolZone.A,
            Weekly =
            [
                Weekly(WeekDays.Tuesday | WeekDays.Wednesday | WeekDays.Thursday | WeekDays.Friday, 10, 12, OpeningKind.Groups),
                Weekly(WeekDays.Tuesday | WeekDays.Thursday | WeekDays.Friday, 14, 18, OpeningKind.Booked),
                Weekly(WeekDays.Wednesday, 14, 19, OpeningKind.OpenLab),
                Weekly(WeekDays.Thursday, 18, 21, OpeningKind.OpenLab),
                Weekly(WeekDays.Saturday, 10, 13, OpeningKind.OpenLab, DayCondition.SchoolTime),
            ],
            Closures =
            [
                Closure.Days(new LocalDate(2026, 12, 24), new LocalDate(2027, 1, 2), "Noël"),
                Closure.Days(new LocalDate(2027, 8, 2), new LocalDate(2027, 8, 16), "Été"),
            ],
            Exceptions = [.. Enumerable.Range(0, 12).Select(i => new DateException(new LocalDate(2026, 9, 15).PlusMonths(i), [new OpeningWindow(new LocalTime(9, 0), new LocalTime(17, 0), OpeningKind.OpenLab)]))],
        };
        var own = Enumerable.Range(0, machines).Select(i => new MachineTimetable
        {
            Hours = i % 6 == 0 ? MachineHours.Instead : MachineHours.Over,
            Weekly = i % 3 == 0 ? [Weekly(WeekDays.Wednesday | WeekDays.Friday, 9, 20, OpeningKind.Booked)] : [],
            Closures = i % 10 == 0 ? [Closure.Days(new LocalDate(2027, 2, 1), new LocalDate(2027, 2, 8), "Entretien")] : [],
        });
        return (site, [.. own]);
    }

    private static WeeklyOpening Weekly(WeekDays days, int from, int until, OpeningKind kind, DayCondition on = DayCondition.Always) =>
        new() { Days = days, Window = new OpeningWindow(new LocalTime(from, 0), new LocalTime(until, 0), kind), On = on };
}

/// <summary>What <c>bench hours --json</c> prints. Times in milliseconds.</summary>
internal sealed record HoursBenchResult(int Machines, int Days, int Periods, int Runs, double FirstMs, double P50Ms, double P95Ms, double FloorP50Ms, double FloorP95Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HoursBenchResult))]
internal sealed partial class HoursBenchJson : JsonSerializerContext;
