using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using NodaTime;

namespace FabLab.Booking.Data;

/// <summary>An instant as whole Unix milliseconds, as in every message: ordered and compared by both databases.</summary>
internal sealed class InstantConverter() : ValueConverter<Instant, long>(
    instant => instant.ToUnixTimeMilliseconds(), milliseconds => Instant.FromUnixTimeMilliseconds(milliseconds));

/// <summary>A length of time as milliseconds.</summary>
internal sealed class DurationConverter() : ValueConverter<Duration, long>(
    duration => (long)duration.TotalMilliseconds, milliseconds => Duration.FromMilliseconds(milliseconds));

/// <summary>A calendar day as a number that reads like one: 20261122.</summary>
internal sealed class LocalDateConverter() : ValueConverter<LocalDate, int>(
    date => date.Year * 10000 + date.Month * 100 + date.Day,
    number => new LocalDate(number / 10000, number / 100 % 100, number % 100));

/// <summary>A typed id as the Guid it holds.</summary>
internal sealed class IdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Wrap(value))
    where TId : struct, IGuidId<TId>
{
    // An expression tree cannot call a static abstract member itself.
    private static TId Wrap(Guid value) => TId.From(value);
}

internal sealed class DeviceIdConverter() : ValueConverter<DeviceId, string>(id => id.Value, value => new DeviceId(value));

internal static class StorageConventions
{
    /// <summary>Every typed id of the rules and of Booking.</summary>
    private static IEnumerable<Type> IdTypes() =>
        from type in new[] { typeof(PersonId).Assembly, typeof(StorageConventions).Assembly }.SelectMany(assembly => assembly.GetTypes())
        where type.IsValueType && type.GetInterfaces().Any(
            contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IGuidId<>))
        select type;

    public static void Apply(ModelConfigurationBuilder configuration)
    {
        configuration.Properties<Instant>().HaveConversion<InstantConverter>();
        configuration.Properties<Duration>().HaveConversion<DurationConverter>();
        configuration.Properties<LocalDate>().HaveConversion<LocalDateConverter>();
        configuration.Properties<DeviceId>().HaveConversion<DeviceIdConverter>();
        foreach (var type in IdTypes())
            configuration.Properties(type).HaveConversion(typeof(IdConverter<>).MakeGenericType(type));
    }
}
