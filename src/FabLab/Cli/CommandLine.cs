namespace FabLab.Host.Cli;

/// <summary>Understands a command line: finds the verb, checks its options, prints help, suggests what was meant.</summary>
internal sealed class CommandLine(IReadOnlyList<Verb> verbs, TextWriter output, TextWriter error)
{
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (arguments.Count == 0)
        {
            PrintOverview(error);
            return ExitCodes.Usage;
        }
        if (arguments[0] is "--help" or "-h" or "help" && arguments.Count == 1)
        {
            PrintOverview(output);
            return ExitCodes.Success;
        }
        if (arguments[0] is "--version")
        {
            output.WriteLine(typeof(CommandLine).Assembly.GetName().Version?.ToString(3));
            return ExitCodes.Success;
        }
        if (arguments[0] == "help")
            arguments = [.. arguments.Skip(1), "--help"];

        var (verb, words) = Find(arguments);
        if (verb is null)
            return Unknown(arguments);
        if (arguments.Any(argument => argument is "--help" or "-h"))
        {
            PrintHelp(verb, output);
            return ExitCodes.Success;
        }
        try
        {
            return await verb.Run(Parse(verb, [.. arguments.Skip(words)]), cancellationToken);
        }
        catch (UsageException fault)
        {
            error.WriteLine($"fablab {verb.Name}: {fault.Message}");
            error.WriteLine($"See: fablab {verb.Name} --help");
            return ExitCodes.Usage;
        }
    }

    private (Verb? Verb, int Words) Find(IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1)
        {
            var two = $"{arguments[0]} {arguments[1]}";
            if (verbs.FirstOrDefault(verb => verb.Name == two) is { } pair)
                return (pair, 2);
        }
        return (verbs.FirstOrDefault(verb => verb.Name == arguments[0]), 1);
    }

    private int Unknown(IReadOnlyList<string> arguments)
    {
        var group = verbs.Where(verb => verb.Name.StartsWith(arguments[0] + " ", StringComparison.Ordinal)).ToList();
        if (group.Count > 0)
        {
            var asked = arguments.Any(argument => argument is "--help" or "-h");
            var to = asked ? output : error;
            if (!asked)
                error.WriteLine(arguments.Count > 1 ? $"fablab {arguments[0]}: '{arguments[1]}' is not one of its verbs." : $"fablab {arguments[0]}: which one?");
            foreach (var verb in group)
                to.WriteLine($"  fablab {verb.Name,-16} {verb.Summary}");
            return asked ? ExitCodes.Success : ExitCodes.Usage;
        }
        error.WriteLine($"fablab: '{arguments[0]}' is not something it can do.{Suggestion(arguments[0])}");
        error.WriteLine("See: fablab --help");
        return ExitCodes.Usage;
    }

    private Invocation Parse(Verb verb, IReadOnlyList<string> arguments)
    {
        var words = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-') || argument == "-")
            {
                words.Add(argument);
                continue;
            }
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            var value = equals < 0 ? null : argument[(equals + 1)..];
            var isSetting = verb.TakesSettings && name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            var option = verb.Options.FirstOrDefault(option => option.Name == name);
            if (option is null && !isSetting)
                throw new UsageException($"there is no option {name}.{Closest(name, verb.Options.Select(o => o.Name))}");
            if (option is { Value: null })
            {
                options[name] = value is null ? "true" : throw new UsageException($"{name} takes no value.");
                if (option.Key is { } key)
                    settings[key] = "true";
                continue;
            }
            if (value is null)
            {
                if (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                    throw new UsageException($"{name} needs a value.");
                value = arguments[++i];
            }
            if (isSetting)
                settings[name[2..]] = value;
            else
                options[name] = value;
            if (option?.Key is { } configuration)
                settings[configuration] = value;
        }
        if (words.Count < verb.MinimumArguments)
            throw new UsageException($"it needs {verb.Arguments}.");
        if (words.Count > verb.MaximumArguments)
            throw new UsageException($"'{words[verb.MaximumArguments]}' is one word too many.");
        return new Invocation(verb, words, options, settings, output, error);
    }

    private void PrintOverview(TextWriter to)
    {
        to.WriteLine("FabLab: badges, machines, bookings and the ledger of machine time, in one program.");
        to.WriteLine();
        foreach (var verb in verbs)
            to.WriteLine($"  fablab {verb.Name,-16} {verb.Summary}");
        to.WriteLine();
        to.WriteLine("  fablab VERB --help     what it takes; --version: which program this is");
    }

    private static void PrintHelp(Verb verb, TextWriter to)
    {
        to.WriteLine($"fablab {verb.Name}{(verb.Arguments.Length > 0 ? " " + verb.Arguments : "")}{(verb.Options.Count > 0 ? " [options]" : "")}");
        to.WriteLine();
        to.WriteLine(verb.Summary);
        if (verb.Details.Length > 0)
        {
            to.WriteLine();
            to.WriteLine(verb.Details);
        }
        if (verb.Options.Count > 0)
        {
            to.WriteLine();
            var width = verb.Options.Max(option => Shown(option).Length);
            foreach (var option in verb.Options)
                to.WriteLine($"  {Shown(option).PadRight(width)}  {option.Help}");
        }
        if (verb.TakesSettings)
        {
            to.WriteLine();
            to.WriteLine("Every setting can also be given as --Section:Key VALUE, as SECTION__KEY in the environment,");
            to.WriteLine("or in appsettings.json in the data folder. docs/operations.md lists them.");
        }
    }

    private static string Shown(VerbOption option) => option.Value is null ? option.Name : $"{option.Name} {option.Value}";

    private string Suggestion(string typed) => Closest(typed, verbs.Select(verb => verb.Name.Split(' ')[0]).Distinct());

    /// <summary>" Did you mean …?" for the nearest known word, when one is near enough to be a slip.</summary>
    internal static string Closest(string typed, IEnumerable<string> known)
    {
        var best = known.Select(word => (Word: word, Distance: Distance(typed, word)))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(1, typed.Length / 3) ? $" Did you mean {best.Word}?" : "";
    }

    // Optimal string alignment: insert, delete, replace, swap two neighbours.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
