using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace FabLab.Booking.Features;

/// <summary>
/// Why a change was not made. Data and not an exception: the page shows it, the API answers it as problem details.
/// </summary>
/// <param name="Code">Stable, snake_case.</param>
/// <param name="Status">The HTTP status it becomes.</param>
/// <param name="Detail">One English sentence without a name or a badge number.</param>
/// <param name="Field">The member of the request at fault, when there is one.</param>
public sealed record Refusal(string Code, int Status, string Detail, string? Field = null)
{
    /// <summary>Why, for people; null where a page has its own words for the code.</summary>
    public Words? Sentence { get; init; }

    /// <summary>What can be done about it.</summary>
    public Words? NextStep { get; init; }

    /// <summary>Of a booking: when it could be had instead.</summary>
    public Interval? NextFree { get; init; }

    public static Refusal BadValue(string field, string detail) => new(ProblemCodes.BadValue, StatusCodes.Status400BadRequest, detail, field);

    public static Refusal NotFound(string what) => new($"{what}_unknown", StatusCodes.Status404NotFound, $"There is no such {what.Replace('_', ' ')}.");

    public static Refusal Conflict(string code, string detail, string? field = null) => new(code, StatusCodes.Status409Conflict, detail, field);

    public static readonly Refusal Stale = new(
        ProblemCodes.Stale, StatusCodes.Status409Conflict, "Somebody changed it in the meantime. Read it again, then repeat your change.");

    public static readonly Refusal NotAllowed = new(
        ProblemCodes.NotAllowed, StatusCodes.Status403Forbidden, "This account may not do that.");

    public IResult ToResult()
    {
        var extensions = new Dictionary<string, object?> { ["code"] = Code };
        if (Field is not null)
            extensions["field"] = Field;
        if (Sentence is not null)
            extensions["sentence"] = Sentence;
        if (NextStep is not null)
            extensions["nextStep"] = NextStep;
        if (NextFree is { } free)
            extensions["nextFree"] = new FreeTime(free.Start, free.End);
        return Results.Problem(detail: Detail, statusCode: Status, extensions: extensions);
    }
}

/// <summary>Time that can be booked.</summary>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
public sealed record FreeTime(Instant Start, Instant End);

/// <summary>What became of a change: its result, or why it was refused.</summary>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    /// <summary>Null when the change was made.</summary>
    public Refusal? Refusal { get; }

    public bool Done => Refusal is null;

    /// <exception cref="InvalidOperationException">The change was refused.</exception>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"Refused: {Refusal.Code}");

#pragma warning disable CA2225 // The two conversions exist so that a handler can return either; named twins would say nothing more.
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
#pragma warning restore CA2225

    public IResult ToResult(Func<T, IResult> done) => Refusal is null ? done(_value!) : Refusal.ToResult();

    public IResult ToResult() => ToResult(static value => Results.Ok(value));
}

/// <summary>Outcomes of what an interface stands for, to which nothing converts by itself.</summary>
internal static class Outcome
{
    public static Outcome<T> Of<T>(T value) => value;
}

/// <summary>A handler throws this to undo its write and answer a refusal, when the refusal shows only inside the write.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Code)
{
    public Refusal Refusal { get; } = refusal;
}
