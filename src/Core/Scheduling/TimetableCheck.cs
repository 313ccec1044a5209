namespace FabLab.Core.Scheduling;

/// <summary>Something wrong in a timetable.</summary>
/// <param name="Path">Where, such as "weekly[2].until".</param>
/// <param name="Sentence">What, for the person who edits it.</param>
public sealed record TimetableFault(string Path, Words Sentence);

/// <summary>Finds what would make a timetable mean something else than its author thinks.</summary>
public static class TimetableCheck
{
    /// <summary>The faults of a site's timetable; none when all is well.</summary>
    /// <param name="site">The timetable.</param>
    public static IReadOnlyList<TimetableFault> Faults(SiteTimetable site)
    {
        ArgumentNullException.ThrowIfNull(site);
        List<TimetableFault> faults = [];
        if (LocalClock.Find(site.Zone) is null)
        {
            faults.Add(new("zone", new(
                $"Le fuseau horaire « {site.Zone} » n'existe pas. Exemple : Europe/Paris.",
                $"There is no time zone \"{site.Zone}\". Example: Europe/Paris.")));
        }

        Weekly(site.Weekly, faults);
        Closures(site.Closures, faults);
        Exceptions(site.Exceptions, faults);
        return faults;
    }

    /// <summary>The faults of a machine's timetable; none when all is well.</summary>
    /// <param name="machine">The timetable.</param>
    public static IReadOnlyList<TimetableFault> Faults(MachineTimetable machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        List<TimetableFault> faults = [];
        Weekly(machine.Weekly, faults);
        Closures(machine.Closures, faults);
        Exceptions(machine.Exceptions, faults);
        return faults;
    }

    private static void Weekly(ValueList<WeeklyOpening> rules, List<TimetableFault> faults)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            WeeklyOpening rule = rules[i];
            if ((rule.Days & WeekDays.All) == WeekDays.None || (rule.Days & ~WeekDays.All) != 0)
            {
                faults.Add(new($"weekly[{i}].days", new("Choisissez au moins un jour de la semaine.", "Choose at least one day of the week.")));
            }

            if (rule.From is { } from && rule.Until is { } until && until <= from)
            {
                faults.Add(new($"weekly[{i}].until", new(
                    "La règle finit avant de commencer.", "The rule ends before it begins.")));
            }

            Window(rule.Window, $"weekly[{i}]", faults);
        }
    }

    private static void Closures(ValueList<Closure> closures, List<TimetableFault> faults)
    {
        for (int i = 0; i < closures.Count; i++)
        {
            if (closures[i].Until <= closures[i].From)
            {
                faults.Add(new($"closures[{i}].until", new(
                    "La fermeture finit avant de commencer.", "The closure ends before it begins.")));
            }

            if (closures[i].Kind is not (OpeningKind.Closed or OpeningKind.StaffOnly))
            {
                faults.Add(new($"closures[{i}].kind", new(
                    "Une fermeture ferme à tous, ou à tous sauf à l'équipe.", "A closure closes to everybody, or to everybody but staff.")));
            }
        }
    }

    private static void Exceptions(ValueList<DateException> exceptions, List<TimetableFault> faults)
    {
        HashSet<NodaTime.LocalDate> seen = [];
        for (int i = 0; i < exceptions.Count; i++)
        {
            if (!seen.Add(exceptions[i].Date))
            {
                faults.Add(new($"exceptions[{i}].date", new(
                    "Cette date a déjà des horaires particuliers.", "This date already has hours of its own.")));
            }

            for (int j = 0; j < exceptions[i].Windows.Count; j++)
            {
                Window(exceptions[i].Windows[j], $"exceptions[{i}].windows[{j}]", faults);
            }
        }
    }

    private static void Window(OpeningWindow window, string path, List<TimetableFault> faults)
    {
        if (window.Group is not null && window.Kind != OpeningKind.Groups)
        {
            faults.Add(new($"{path}.group", new(
                "Un groupe ne se nomme que pour un créneau réservé aux groupes.", "A group is named only for time reserved for groups.")));
        }
    }
}
