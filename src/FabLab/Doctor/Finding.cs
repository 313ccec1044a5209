using System.Text.Json.Serialization;

namespace FabLab.Host.Doctor;

internal enum Verdict
{
    [JsonStringEnumMemberName("good")]
    Good,

    /// <summary>Nothing to do, only to know.</summary>
    [JsonStringEnumMemberName("note")]
    Note,

    /// <summary>It runs, but somebody should look at it.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something will not work.</summary>
    [JsonStringEnumMemberName("fault")]
    Fault,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">Stable name for a script, kebab-case.</param>
/// <param name="Verdict">How it is.</param>
/// <param name="What">What was found, one line.</param>
/// <param name="Remedy">What to do about it; always there with a fault or a warning.</param>
internal sealed record Finding(string Check, Verdict Verdict, string What, string? Remedy = null)
{
    public static Finding Good(string check, string what) => new(check, Verdict.Good, what);

    public static Finding Note(string check, string what) => new(check, Verdict.Note, what);

    public static Finding Warning(string check, string what, string remedy) => new(check, Verdict.Warning, what, remedy);

    public static Finding Fault(string check, string what, string remedy) => new(check, Verdict.Fault, what, remedy);
}
