namespace FabLab.Host.Cli;

/// <summary>One option of a verb.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What the value is called in the help; null for a switch.</param>
/// <param name="Help">One line.</param>
/// <param name="Key">The configuration key that it sets, when it sets one.</param>
internal sealed record VerbOption(string Name, string? Value, string Help, string? Key = null);

/// <summary>One thing that <c>fablab</c> can do.</summary>
/// <param name="Name">One word, or two for a verb of a group (<c>device add</c>).</param>
/// <param name="Arguments">How its arguments are written in the help; empty when it takes none.</param>
/// <param name="MinimumArguments">Fewer than these are an error.</param>
/// <param name="MaximumArguments">More than these are an error.</param>
/// <param name="Summary">One line for the list of verbs.</param>
/// <param name="Details">What else the verb's own help says.</param>
/// <param name="Options">What it understands besides <c>--help</c>.</param>
/// <param name="TakesSettings">Whether <c>--Section:Key value</c> is understood too.</param>
/// <param name="Run">Does it; the result is the exit code.</param>
internal sealed record Verb(
    string Name, string Arguments, int MinimumArguments, int MaximumArguments, string Summary, string Details,
    IReadOnlyList<VerbOption> Options, bool TakesSettings, Func<Invocation, CancellationToken, Task<int>> Run);

/// <summary>A command line that was understood.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Arguments">The words that are no options, without the verb's own.</param>
/// <param name="Options">Options by name; a switch has the value <c>true</c>.</param>
/// <param name="Settings">Configuration keys set on the command line.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Invocation(
    Verb Verb, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string?> Settings, TextWriter Out, TextWriter Error)
{
    public bool Has(string option) => Options.ContainsKey(option);

    public string? Value(string option) => Options.GetValueOrDefault(option);

    /// <summary>A whole number given as an option, or its default; a <see cref="UsageException"/> when it is none or out of bounds.</summary>
    public int Number(string option, int whenAbsent, int least, int most)
    {
        if (Value(option) is not { } text)
            return whenAbsent;
        if (!int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number)
            || number < least || number > most)
            throw new UsageException($"{option}: '{text}' is not a whole number from {least} to {most}.");
        return number;
    }
}

/// <summary>The person asked for something that cannot be understood; the message says what.</summary>
internal sealed class UsageException(string message) : Exception(message);
