using System.Diagnostics.CodeAnalysis;

namespace FabLab.Protocol;

/// <summary>Why bytes were refused. Closed set; the names are what logs and counters show.</summary>
public enum FaultReason
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Longer than the limit; not read.</summary>
    TooLong,

    /// <summary>No trailer where it has to be.</summary>
    BadTrailer,

    /// <summary>The key id is not one this end knows.</summary>
    UnknownKey,

    /// <summary>The authentication code does not fit: other key, other topic, other direction or changed bytes.</summary>
    BadCode,

    /// <summary>Authentic, but the counter is not above the last one: a repetition.</summary>
    OldCounter,

    /// <summary>Authentic, but sealed for another boot of the device.</summary>
    OtherBoot,

    /// <summary>A retained message where none may be.</summary>
    Retained,

    /// <summary>The topic is none of the protocol's, or not one this end listens to.</summary>
    UnknownTopic,

    /// <summary>Not one JSON object in UTF-8 within the depth allowed, or a name twice.</summary>
    NotJson,

    /// <summary>A message or record name this version does not know.</summary>
    UnknownMessage,

    /// <summary>A required field is absent.</summary>
    Missing,

    /// <summary>A field has another JSON type than the table says.</summary>
    WrongType,

    /// <summary>A field is outside its limits.</summary>
    OutOfRange,

    /// <summary>Fields contradict one another.</summary>
    Contradiction,

    /// <summary>A serial frame whose check sum is wrong.</summary>
    BadCrc,

    /// <summary>A serial frame that is not COBS, too short, or of an unknown version or type.</summary>
    BadFrame,
}

/// <summary>What was wrong and where.</summary>
/// <param name="Reason">The kind of fault.</param>
/// <param name="Field">The field it was found in, when it was in a field.</param>
public readonly record struct Fault(FaultReason Reason, string? Field = null)
{
    /// <inheritdoc/>
    public override string ToString() => Field is null ? Reason.ToString() : $"{Reason} ({Field})";
}

/// <summary>Either a value or the fault that prevented it. Parsing never throws; it returns this.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? _value;

    private Outcome(T? value, Fault fault)
    {
        _value = value;
        Fault = fault;
    }

    /// <summary>The fault; its reason is <see cref="FaultReason.None"/> when there is a value.</summary>
    public Fault Fault { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsOk => Fault.Reason == FaultReason.None && _value is not null;

    /// <summary>The value. Ask <see cref="IsOk"/> or <see cref="TryGet"/> first.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => IsOk ? _value! : throw new InvalidOperationException($"No value: {Fault}");

    /// <summary>The value when there is one, else the fault.</summary>
    /// <param name="value">The value.</param>
    /// <param name="fault">The fault.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value, out Fault fault)
    {
        value = _value;
        fault = Fault;
        return IsOk;
    }

    /// <summary>A success.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator Outcome<T>(T value) => new(value, default);

    /// <summary>A refusal.</summary>
    /// <param name="fault">The fault.</param>
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);

    /// <summary>A refusal without a field.</summary>
    /// <param name="reason">The kind of fault.</param>
    public static implicit operator Outcome<T>(FaultReason reason) => new(default, new Fault(reason));
}
