using FabLab.Core.Scheduling;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Interval = NodaTime.Interval;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>Laws, tried on random cases; a failure prints the seed and the smallest case found.</summary>
public sealed class SchedulePropertyTests
{
    private static readonly Instant Origin = At("2026-10-20 00:00");

    // Instants on a grid of 24 quarters of an hour, so that a set is 24 bits and every law can be checked bit by bit.
    private static readonly Gen<Interval> SmallInterval =
        from a in Gen.Choose(0, 24)
        from b in Gen.Choose(0, 24)
        select new Interval(Quarter(Math.Min(a, b)), Quarter(Math.Max(a, b)));

    private static readonly Gen<Interval[]> Intervals = SmallInterval.ArrayOf();

    private static readonly Gen<WeeklyOpening> Rule =
        from days in Gen.Choose(1, 127)
        from start in Gen.Choose(0, 47)
        from end in Gen.Choose(0, 47)
        from kind in Gen.Elements(Enum.GetValues<OpeningKind>())
        from condition in Gen.Elements(Enum.GetValues<DayCondition>())
        from first in Gen.Choose(0, 12)
        from length in Gen.Choose(1, 12)
        select new WeeklyOpening
        {
            Days = (WeekDays)days,
            Window = new OpeningWindow(HalfHour(start), HalfHour(end), kind),
            On = condition,
            From = first < 4 ? Date("2026-10-18").PlusDays(first) : null,
            Until = length < 6 ? Date("2026-10-18").PlusDays(first + length) : null,
        };

    private static readonly Gen<Closure> SomeClosure =
        from begin in Gen.Choose(0, 500)
        from length in Gen.Choose(0, 100)
        from kind in Gen.Elements(OpeningKind.Closed, OpeningKind.StaffOnly)
        select new Closure(Date("2026-10-18").AtMidnight().PlusHours(begin), Date("2026-10-18").AtMidnight().PlusHours(begin + length), "x", kind);

    private static readonly Gen<DateException> SomeException =
        from day in Gen.Choose(0, 20)
        from windows in Rule.Select(r => r.Window).ArrayOf(2)
        from count in Gen.Choose(0, 2)
        select new DateException(Date("2026-10-18").PlusDays(day), [.. windows.Take(count)]);

    private static readonly Gen<SiteTimetable> SomeSite =
        from zone in Gen.Elements("Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "America/Miquelon")
        from weekly in Rule.ArrayOf()
        from closures in SomeClosure.ArrayOf(3)
        from exceptions in SomeException.ArrayOf(3)
        select new SiteTimetable
        {
            Zone = zone,
            Weekly = [.. weekly],
            Closures = [.. closures],
            Exceptions = [.. exceptions],
            SchoolZone = SchoolZone.A,
        };

    private static readonly Gen<MachineTimetable> SomeMachine =
        from hours in Gen.Elements(MachineHours.Over, MachineHours.Instead)
        from weekly in Rule.ArrayOf()
        from closures in SomeClosure.ArrayOf(2)
        from exceptions in SomeException.ArrayOf(2)
        select new MachineTimetable { Hours = hours, Weekly = [.. weekly], Closures = [.. closures], Exceptions = [.. exceptions] };

    private static readonly Gen<(SiteTimetable Site, MachineTimetable Machine, int Cut1, int Cut2)> SomeHours =
        from site in SomeSite
        from machine in SomeMachine
        from cut1 in Gen.Choose(0, 1440)
        from cut2 in Gen.Choose(0, 1440)
        select (site, machine, Math.Min(cut1, cut2), Math.Max(cut1, cut2));

    [Fact]
    public void A_set_of_intervals_is_in_order_and_never_touches_itself() => Check(Intervals, intervals =>
    {
        IntervalSet set = IntervalSet.Of(intervals);
        return Enumerable.Range(1, Math.Max(0, set.Count - 1)).All(i => set[i - 1].End < set[i].Start)
            && set.All(i => i.Start < i.End)
            && Bits(set) == Bits(intervals)
            && set.Total == Duration.FromMinutes(15 * uint.PopCount(Bits(intervals)));
    });

    [Fact]
    public void Union_intersection_and_difference_obey_the_laws_of_sets() => Check(
        from a in Intervals from b in Intervals from c in Intervals select (a, b, c),
        t =>
        {
            IntervalSet a = IntervalSet.Of(t.a);
            IntervalSet b = IntervalSet.Of(t.b);
            IntervalSet c = IntervalSet.Of(t.c);
            return Bits(a.Union(b)) == (Bits(a) | Bits(b))
                && Bits(a.Intersect(b)) == (Bits(a) & Bits(b))
                && Bits(a.Except(b)) == (Bits(a) & ~Bits(b))
                && a.Union(b).Equals(b.Union(a))
                && a.Intersect(b).Equals(b.Intersect(a))
                && a.Except(b).Union(a.Intersect(b)).Equals(a)
                && a.Except(b.Union(c)).Equals(a.Except(b).Except(c))
                && a.Intersect(b.Union(c)).Equals(a.Intersect(b).Union(a.Intersect(c)))
                && !a.Except(b).Any(b.Overlaps);
        });

    [Fact]
    public void Questions_to_a_set_agree_with_its_instants() => Check(
        from a in Intervals from i in SmallInterval select (a, i),
        t =>
        {
            IntervalSet set = IntervalSet.Of(t.a);
            uint part = Bits([t.i]);
            return set.Overlaps(t.i) == ((Bits(set) & part) != 0)
                && set.Covers(t.i) == ((Bits(set) & part) == part)
                && set.Within(t.i).Equals(set.Intersect(IntervalSet.Of(t.i)))
                && Enumerable.Range(0, 24).All(q => set.Contains(Quarter(q)) == ((Bits(set) & (1u << q)) != 0));
        });

    [Fact]
    public void Open_periods_are_in_order_and_never_overlap() => Check(SomeHours, t =>
    {
        IReadOnlyList<OpeningPeriod> open = new SiteSchedule(t.Site, SchoolCalendar.Shipped).Expand(t.Machine, Range(t.Cut1, t.Cut2));
        return open.All(p => p.Start < p.End && p.Kind != OpeningKind.Closed && Range(t.Cut1, t.Cut2).Contains(p.Start) && p.End <= Range(t.Cut1, t.Cut2).End)
            && Enumerable.Range(1, Math.Max(0, open.Count - 1)).All(i => open[i - 1].End <= open[i].Start);
    });

    [Fact]
    public void Hours_do_not_depend_on_how_the_range_is_cut_up() => Check(SomeHours, t =>
    {
        SiteSchedule schedule = new(t.Site, SchoolCalendar.Shipped);
        IEnumerable<OpeningPeriod> parts = new[] { (0, t.Cut1), (t.Cut1, t.Cut2), (t.Cut2, 1440) }
            .SelectMany(p => schedule.Expand(t.Machine, Range(p.Item1, p.Item2)));
        return OpeningPeriods.Join(parts).SequenceEqual(schedule.Expand(t.Machine, Range(0, 1440)));
    });

    [Fact]
    public void Nothing_is_open_in_a_closure_of_the_site_but_by_an_exception_of_the_site() => Check(SomeHours, t =>
    {
        SiteTimetable site = t.Site with { Exceptions = [] };
        SiteSchedule schedule = new(site, SchoolCalendar.Shipped);
        IReadOnlyList<OpeningPeriod> open = schedule.Expand(t.Machine, Range(0, 1440));
        IntervalSet closed = IntervalSet.Of(site.Closures
            .Where(c => c.Kind == OpeningKind.Closed && c.From < c.Until)
            .Select(c => new Interval(LocalClock.ToInstant(c.From, schedule.Zone), LocalClock.ToInstant(c.Until, schedule.Zone))));
        return !open.Any(p => closed.Overlaps(p.Interval));
    });

    [Fact]
    public void An_exception_of_the_site_can_only_be_narrowed_by_a_machine() => Check(SomeHours, t =>
    {
        SiteTimetable onlyExceptions = t.Site with { Weekly = [], Closures = [] };
        IReadOnlyList<OpeningPeriod> machine = new SiteSchedule(onlyExceptions, SchoolCalendar.Shipped)
            .Expand(t.Machine with { Weekly = [], Exceptions = [.. t.Machine.Exceptions.Where(e => onlyExceptions.Exceptions.Any(s => s.Date == e.Date))] }, Range(0, 1440));
        IReadOnlyList<OpeningPeriod> site = new SiteSchedule(onlyExceptions, SchoolCalendar.Shipped).Expand(Range(0, 1440));
        return OpeningPeriods.Where(machine, _ => true).Except(OpeningPeriods.Where(site, _ => true)).IsEmpty;
    });

    [Fact]
    public void What_is_offered_as_free_is_accepted_and_what_is_not_is_refused() => Check(
        from busy in (from i in SmallInterval from places in Gen.Choose(1, 3) from kind in Gen.Elements(BusyKind.Booking, BusyKind.Booking, BusyKind.Block) select new BusyTime(i.Start, i.End, kind, places)).ArrayOf()
        from hours in Intervals
        from capacity in Gen.Choose(1, 3)
        from places in Gen.Choose(1, 3)
        from setUp in Gen.Choose(0, 2)
        from wish in SmallInterval
        select (busy, hours, capacity, places, setUp, wish),
        t =>
        {
            BookingFacts facts = new()
            {
                Now = Origin - Duration.FromDays(1),
                Zone = "Europe/Paris",
                Wish = new BookingWish(t.wish.Start, t.wish.End) { Places = t.places },
                Machine = new BookedMachine(Ask.Laser),
                Terms = new() { Capacity = t.capacity, SetUp = Duration.FromMinutes(15 * t.setUp) },
                Hours = [.. IntervalSet.Of(t.hours).Select(i => new OpeningPeriod(i.Start, i.End, OpeningKind.Booked))],
                Busy = [.. t.busy],
            };
            bool offered = t.wish.Start < t.wish.End && FreeTimes.Of(facts, new Interval(Quarter(0), Quarter(24))).Covers(t.wish);
            return offered == BookingRules.Decide(facts) is BookingDecision.Accepted;
        });

    [Fact]
    public void Every_start_offered_can_be_booked_to_its_latest_end() => Check(
        from busy in SmallInterval.ArrayOf()
        from hours in Intervals
        from step in Gen.Choose(1, 4)
        from longest in Gen.Choose(1, 12)
        from setUp in Gen.Choose(0, 2)
        select (busy, hours, step, longest, setUp),
        t =>
        {
            BookingFacts facts = new()
            {
                Now = Origin - Duration.FromDays(1),
                Zone = "Europe/Paris",
                Wish = new BookingWish(Origin, Origin),
                Machine = new BookedMachine(Ask.Laser),
                Terms = new() { Step = Duration.FromMinutes(15 * t.step), MaxLength = Duration.FromMinutes(15 * t.longest), SetUp = Duration.FromMinutes(15 * t.setUp) },
                Hours = [.. IntervalSet.Of(t.hours).Select(i => new OpeningPeriod(i.Start, i.End, OpeningKind.Booked))],
                Busy = [.. t.busy.Select(b => new BusyTime(b.Start, b.End))],
            };
            return FreeTimes.Starts(facts, new Interval(Quarter(0), Quarter(24))).All(s =>
                BookingRules.Decide(facts with { Wish = new(s.Start, s.LatestEnd) }) is BookingDecision.Accepted);
        });

    [Fact]
    public void Accepted_bookings_never_use_more_than_there_is() => Check(
        from wishes in (from i in SmallInterval from places in Gen.Choose(1, 3) select (i, places)).ArrayOf()
        from capacity in Gen.Choose(1, 3)
        select (wishes, capacity),
        t =>
        {
            BookingFacts facts = Ask.For() with { Now = Origin - Duration.FromDays(1), Hours = [new(Quarter(0), Quarter(24), OpeningKind.Booked)], Terms = new() { Capacity = t.capacity } };
            foreach ((Interval time, int places) in t.wishes)
            {
                facts = facts with { Wish = new BookingWish(time.Start, time.End) { Places = places } };
                if (BookingRules.Decide(facts) is BookingDecision.Accepted)
                {
                    facts = facts with { Busy = facts.Busy.Add(new BusyTime(time.Start, time.End, Places: places)) };
                }
            }

            return Enumerable.Range(0, 24).All(q => facts.Busy.Where(b => b.Start <= Quarter(q) && Quarter(q) < b.End).Sum(b => b.Places) <= t.capacity);
        });

    private static void Check<T>(Gen<T> gen, Func<T, bool> law) => Prop.ForAll(gen.ToArbitrary(), law).QuickCheckThrowOnFailure();

    private static Instant Quarter(int index) => Origin + Duration.FromMinutes(15 * index);

    private static LocalTime HalfHour(int index) => new(index / 2, index % 2 * 30);

    // Half hours around the night on which the clocks change in Paris.
    private static Interval Range(int from, int until) =>
        new(Utc("2026-10-18T00:00:00Z") + Duration.FromMinutes(20 * from), Utc("2026-10-18T00:00:00Z") + Duration.FromMinutes(20 * until));

    private static uint Bits(IEnumerable<Interval> intervals)
    {
        uint bits = 0;
        foreach (Interval interval in intervals)
        {
            for (int q = 0; q < 24; q++)
            {
                bits |= interval.Start <= Quarter(q) && Quarter(q) < interval.End ? 1u << q : 0;
            }
        }

        return bits;
    }
}
