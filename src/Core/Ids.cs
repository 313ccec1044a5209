using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using FabLab.Core.Json;
using NodaTime;

namespace FabLab.Core;

/// <summary>An id over a version 7 <see cref="Guid"/>: sortable by the time it was made, one type a kind of thing, so that a member cannot be passed for a badge.</summary>
/// <typeparam name="TSelf">The id type itself.</typeparam>
public interface IGuidId<TSelf>
    where TSelf : struct, IGuidId<TSelf>
{
    /// <summary>The raw value. The default id holds <see cref="Guid.Empty"/> and names nothing.</summary>
    Guid Value { get; }

    /// <summary>Wraps a raw value.</summary>
    /// <param name="value">The raw value, taken as it is.</param>
    static abstract TSelf From(Guid value);
}

/// <summary>Makes and parses ids.</summary>
public static class Ids
{
    /// <summary>A new id whose first 48 bits are <paramref name="now"/> in Unix milliseconds; the rest is random.</summary>
    /// <typeparam name="T">The kind of id.</typeparam>
    /// <param name="now">The present instant, from the caller's clock; not before 1970.</param>
    public static T New<T>(Instant now)
        where T : struct, IGuidId<T> => T.From(Guid.CreateVersion7(now.ToDateTimeOffset()));

    /// <summary>A version 7 id made only of its arguments, for tests and replays that must give the same id twice.</summary>
    /// <typeparam name="T">The kind of id.</typeparam>
    /// <param name="now">The instant in the first 48 bits; not before 1970.</param>
    /// <param name="random">At least ten bytes; six bits of them are overwritten by the version and variant.</param>
    /// <exception cref="ArgumentException">Fewer than ten bytes were given.</exception>
    public static T New<T>(Instant now, ReadOnlySpan<byte> random)
        where T : struct, IGuidId<T>
    {
        if (random.Length < 10)
        {
            throw new ArgumentException("An id takes ten bytes.", nameof(random));
        }

        Span<byte> bytes = stackalloc byte[16];
        long ms = now.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(ms, nameof(now));
        for (int i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(ms >> (8 * (5 - i)));
        }

        random[..10].CopyTo(bytes[6..]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return T.From(new Guid(bytes, bigEndian: true));
    }

    /// <summary>Reads an id in any spelling that <see cref="Guid"/> knows.</summary>
    /// <typeparam name="T">The kind of id.</typeparam>
    /// <param name="text">The text, or null.</param>
    /// <param name="id">The id read, or the default.</param>
    /// <returns>Whether the text was an id; the empty id is not one.</returns>
    public static bool TryParse<T>([NotNullWhen(true)] string? text, out T id)
        where T : struct, IGuidId<T>
    {
        bool read = Guid.TryParse(text, out Guid value) && value != Guid.Empty;
        id = read ? T.From(value) : default;
        return read;
    }
}

/// <summary>A machine, a bench, a room: whatever a badge opens.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<MachineId>))]
public readonly record struct MachineId(Guid Value) : IGuidId<MachineId>
{
    /// <inheritdoc/>
    public static MachineId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static MachineId New(Instant now) => Ids.New<MachineId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A person known to the lab, by name or only by a first name.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<PersonId>))]
public readonly record struct PersonId(Guid Value) : IGuidId<PersonId>
{
    /// <inheritdoc/>
    public static PersonId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static PersonId New(Instant now) => Ids.New<PersonId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A badge as the lab keeps it; never the number printed on or read from the tag.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<BadgeId>))]
public readonly record struct BadgeId(Guid Value) : IGuidId<BadgeId>
{
    /// <inheritdoc/>
    public static BadgeId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static BadgeId New(Instant now) => Ids.New<BadgeId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A training (formation) that can be required by machines.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<TrainingId>))]
public readonly record struct TrainingId(Guid Value) : IGuidId<TrainingId>
{
    /// <inheritdoc/>
    public static TrainingId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static TrainingId New(Instant now) => Ids.New<TrainingId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>One grant of one training to one person (habilitation).</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<HabilitationId>))]
public readonly record struct HabilitationId(Guid Value) : IGuidId<HabilitationId>
{
    /// <inheritdoc/>
    public static HabilitationId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static HabilitationId New(Instant now) => Ids.New<HabilitationId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A project that machine time is counted for.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<ProjectId>))]
public readonly record struct ProjectId(Guid Value) : IGuidId<ProjectId>
{
    /// <inheritdoc/>
    public static ProjectId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static ProjectId New(Instant now) => Ids.New<ProjectId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>One use of one machine by one person, from the tap that starts it to its end.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<SessionId>))]
public readonly record struct SessionId(Guid Value) : IGuidId<SessionId>
{
    /// <inheritdoc/>
    public static SessionId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static SessionId New(Instant now) => Ids.New<SessionId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A booking (réservation) of a machine.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<BookingId>))]
public readonly record struct BookingId(Guid Value) : IGuidId<BookingId>
{
    /// <inheritdoc/>
    public static BookingId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static BookingId New(Instant now) => Ids.New<BookingId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Machines that stand in for one another: "any free printer".</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<PoolId>))]
public readonly record struct PoolId(Guid Value) : IGuidId<PoolId>
{
    /// <inheritdoc/>
    public static PoolId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static PoolId New(Instant now) => Ids.New<PoolId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A limit on the time a person may use machines in a period.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<QuotaId>))]
public readonly record struct QuotaId(Guid Value) : IGuidId<QuotaId>
{
    /// <inheritdoc/>
    public static QuotaId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static QuotaId New(Instant now) => Ids.New<QuotaId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>One lock-out (consignation) of one machine; its release names it.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<LockOutId>))]
public readonly record struct LockOutId(Guid Value) : IGuidId<LockOutId>
{
    /// <inheritdoc/>
    public static LockOutId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static LockOutId New(Instant now) => Ids.New<LockOutId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>One induction at a machine: armed by a trainer, done by two taps.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<InductionId>))]
public readonly record struct InductionId(Guid Value) : IGuidId<InductionId>
{
    /// <inheritdoc/>
    public static InductionId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static InductionId New(Instant now) => Ids.New<InductionId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>A device by the name it was enrolled under; it is also its client id at the broker.</summary>
/// <param name="Value">The name: ordinal, case matters.</param>
[JsonConverter(typeof(DeviceIdConverter))]
public readonly record struct DeviceId(string Value)
{
    /// <summary>The name itself; empty for the default id.</summary>
    public override string ToString() => Value ?? "";
}

/// <summary>One séance of a group: a mentor, people, machines, from its opening to its end.</summary>
/// <param name="Value">The raw value.</param>
[JsonConverter(typeof(GuidIdConverter<GroupSessionId>))]
public readonly record struct GroupSessionId(Guid Value) : IGuidId<GroupSessionId>
{
    /// <inheritdoc/>
    public static GroupSessionId From(Guid value) => new(value);

    /// <summary>A new id made at <paramref name="now"/>.</summary>
    /// <param name="now">The present instant, from the caller's clock.</param>
    public static GroupSessionId New(Instant now) => Ids.New<GroupSessionId>(now);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => Value.ToString("D");
}
