using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>The calendar of a site over a range, ready to be asked for one machine after another. Immutable and safe to share between threads.</summary>
public sealed class SiteDays
{
    private readonly SiteSchedule _schedule;
    private readonly SiteDay[] _days;

    internal SiteDays(SiteSchedule schedule, Interval range, SiteDay[] days)
    {
        _schedule = schedule;
        Range = range;
        _days = days;
    }

    /// <summary>The range it was worked out for, cut to the years there are answers for.</summary>
    public Interval Range { get; }

    /// <summary>The open periods of a machine inside the range: in order, not overlapping, joined where they touch and mean the same.</summary>
    /// <param name="machine">The machine's own rules.</param>
    public IReadOnlyList<OpeningPeriod> ForMachine(MachineTimetable machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (Range.Start == Range.End)
        {
            return [];
        }

        ResolvedClosure[] closures = [.. _schedule.Resolve(machine.Closures).Where(c => c.Start < Range.End && Range.Start < c.End)];
        OpeningCanvas canvas = new();
        foreach (SiteDay day in _days)
        {
            DateException? own = ExceptionOn(machine, day.Date);
            if (day.Exception is { } exception)
            {
                LayExceptionOfSite(canvas, day, exception, machine, own, closures);
            }
            else if (own is not null)
            {
                foreach (OpeningWindow window in own.Windows.AsSpan())
                {
                    Lay(canvas, Piece(day.Date, window, own.Label), day.Closures, []);
                }
            }
            else
            {
                if (machine.Hours == MachineHours.Over)
                {
                    LayWeekly(canvas, day, _schedule.Site.Weekly, closures);
                }

                LayWeekly(canvas, day, machine.Weekly, closures);
            }
        }

        return Cut(canvas);
    }

    private static DateException? ExceptionOn(MachineTimetable machine, LocalDate date)
    {
        DateException? found = null;
        foreach (DateException exception in machine.Exceptions.AsSpan())
        {
            if (exception.Date == date)
            {
                found = exception;
            }
        }

        return found;
    }

    // What closures leave of a piece. A closure can only make a kind stricter, so the order of two that overlap does not matter.
    private static void Lay(
        OpeningCanvas canvas, OpeningPiece piece, ReadOnlySpan<ResolvedClosure> site, ReadOnlySpan<ResolvedClosure> machine)
    {
        if (!Hits(piece, site) && !Hits(piece, machine))
        {
            canvas.Lay(piece);
            return;
        }

        List<OpeningPiece> parts = [piece];
        Narrow(parts, site);
        Narrow(parts, machine);
        foreach (OpeningPiece part in parts)
        {
            canvas.Lay(part);
        }
    }

    private static bool Hits(OpeningPiece piece, ReadOnlySpan<ResolvedClosure> closures)
    {
        foreach (ref readonly ResolvedClosure closure in closures)
        {
            if (closure.Start < piece.End && piece.Start < closure.End)
            {
                return true;
            }
        }

        return false;
    }

    private static void Narrow(List<OpeningPiece> parts, ReadOnlySpan<ResolvedClosure> closures)
    {
        foreach (ref readonly ResolvedClosure closure in closures)
        {
            for (int i = parts.Count - 1; i >= 0; i--)
            {
                OpeningPiece part = parts[i];
                OpeningPiece hit = part.Between(closure.Start, closure.End);
                if (hit.IsEmpty || closure.Closure.Kind >= part.Kind)
                {
                    continue;
                }

                parts.RemoveAt(i);
                OpeningPiece after = part.Between(hit.End, part.End);
                OpeningPiece before = part.Between(part.Start, hit.Start);
                if (!after.IsEmpty)
                {
                    parts.Insert(i, after);
                }

                parts.Insert(i, hit with { Kind = closure.Closure.Kind, Group = null, Label = closure.Closure.Label });
                if (!before.IsEmpty)
                {
                    parts.Insert(i, before);
                }
            }
        }
    }

    private void LayWeekly(
        OpeningCanvas canvas, SiteDay day, ValueList<WeeklyOpening> rules, ReadOnlySpan<ResolvedClosure> machineClosures)
    {
        foreach (WeeklyOpening rule in rules.AsSpan())
        {
            if (day.Meets(rule))
            {
                Lay(canvas, Piece(day.Date, rule.Window, null), day.Closures, machineClosures);
            }
        }
    }

    private void LayExceptionOfSite(
        OpeningCanvas canvas,
        SiteDay day,
        DateException exception,
        MachineTimetable machine,
        DateException? own,
        ReadOnlySpan<ResolvedClosure> machineClosures)
    {
        OpeningCanvas site = new();
        foreach (OpeningWindow window in exception.Windows.AsSpan())
        {
            site.Lay(Piece(day.Date, window, exception.Label));
        }

        OpeningCanvas narrower = new();
        if (own is not null)
        {
            foreach (OpeningWindow window in own.Windows.AsSpan())
            {
                narrower.Lay(Piece(day.Date, window, own.Label));
            }
        }
        else
        {
            foreach (WeeklyOpening rule in machine.Weekly.AsSpan())
            {
                if (day.WouldMeet(rule))
                {
                    narrower.Lay(Piece(day.Date, rule.Window, null));
                }
            }
        }

        bool siteStands = own is null && machine.Hours == MachineHours.Over;
        foreach (OpeningPiece piece in OpeningCanvas.Stricter(site.Pieces, narrower.Pieces, siteStands))
        {
            Lay(canvas, piece, [], own is null ? machineClosures : []);
        }
    }

    private OpeningPiece Piece(LocalDate date, OpeningWindow window, string? label)
    {
        Interval interval = LocalClock.Window(date, window.Start, window.End, _schedule.Zone);
        return new OpeningPiece(interval.Start, interval.End, window.Kind, window.Group, window.Label ?? label);
    }

    private List<OpeningPeriod> Cut(OpeningCanvas canvas)
    {
        List<OpeningPeriod> periods = new(canvas.Pieces.Count);
        foreach (OpeningPiece whole in canvas.Pieces)
        {
            OpeningPiece piece = whole.Between(Range.Start, Range.End);
            if (piece.IsEmpty || piece.Kind == OpeningKind.Closed)
            {
                continue;
            }

            if (periods.Count > 0 && periods[^1] is { } last && last.End == piece.Start
                && last.Kind == piece.Kind && last.Group == piece.Group && last.Label == piece.Label)
            {
                periods[^1] = last with { End = piece.End };
            }
            else
            {
                periods.Add(new OpeningPeriod(piece.Start, piece.End, piece.Kind, piece.Group, piece.Label));
            }
        }

        return periods;
    }
}
