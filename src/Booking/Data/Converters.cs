using System.Text.Json;
using FabLab.Booking.Features.Messages;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using NodaTime;

namespace FabLab.Booking.Data;

/// <summary>An instant as whole Unix milliseconds, as in every message: ordered and compared by both databases.</summary>
internal sealed class InstantMilliseconds() : ValueConverter<Instant, long>(
    instant => instant.ToUnixTimeMilliseconds(), milliseconds => Instant.FromUnixTimeMilliseconds(milliseconds));

/// <summary>A length of time as milliseconds.</summary>
internal sealed class DurationMilliseconds() : ValueConverter<Duration, long>(
    duration => (long)duration.TotalMilliseconds, milliseconds => Duration.FromMilliseconds(milliseconds));

/// <summary>A calendar day as a number that reads like one: 20261122.</summary>
internal sealed class LocalDateNumber() : ValueConverter<LocalDate, int>(
    date => date.Year * 10000 + date.Month * 100 + date.Day,
    number => ToDate(number))
{
    /// <summary>The day that a number stands for.</summary>
    public static LocalDate ToDate(int number) => new(number / 10000, number / 100 % 100, number % 100);
}

/// <summary>A typed id as the Guid it holds.</summary>
internal sealed class IdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Wrap(value))
    where TId : struct, IGuidId<TId>
{
    // An expression tree cannot call a static abstract member itself.
    private static TId Wrap(Guid value) => TId.From(value);
}

internal sealed class DeviceIdText() : ValueConverter<DeviceId, string>(id => id.Value, value => new DeviceId(value));

internal sealed class BadgeHashText() : ValueConverter<BadgeHash, string>(hash => hash.ToString(), text => Read(text))
{
    private static BadgeHash Read(string text) =>
        BadgeHash.TryParse(text, out var hash) ? hash : throw new FormatException("The database holds a badge hash that is none.");
}

/// <summary>A record of Core as its JSON.</summary>
internal sealed class RuleConverter<TRule>() : ValueConverter<TRule, string>(rule => Write(rule), text => Read(text))
    where TRule : class
{
    private static string Write(TRule rule) => JsonSerializer.Serialize(rule, CoreJson.Options);

    private static TRule Read(string text) =>
        JsonSerializer.Deserialize<TRule>(text, CoreJson.Options) ?? throw new FormatException("The database holds an empty rule.");
}

/// <summary>The rules are records: equal by content, never changed in place.</summary>
internal sealed class RuleComparer<TRule>() : ValueComparer<TRule>((one, other) => object.Equals(one, other), rule => rule.GetHashCode(), rule => rule)
    where TRule : class;

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
        configuration.Properties<Instant>().HaveConversion<InstantMilliseconds>();
        configuration.Properties<Duration>().HaveConversion<DurationMilliseconds>();
        configuration.Properties<LocalDate>().HaveConversion<LocalDateNumber>();
        configuration.Properties<DeviceId>().HaveConversion<DeviceIdText>();
        configuration.Properties<BadgeHash>().HaveConversion<BadgeHashText>();
        configuration.Properties<SiteRule>().HaveConversion<RuleConverter<SiteRule>, RuleComparer<SiteRule>>();
        configuration.Properties<MachineRule>().HaveConversion<RuleConverter<MachineRule>, RuleComparer<MachineRule>>();
        configuration.Properties<SiteTimetable>().HaveConversion<RuleConverter<SiteTimetable>, RuleComparer<SiteTimetable>>();
        configuration.Properties<MachineTimetable>().HaveConversion<RuleConverter<MachineTimetable>, RuleComparer<MachineTimetable>>();
        configuration.Properties<BookingTerms>().HaveConversion<RuleConverter<BookingTerms>, RuleComparer<BookingTerms>>();
        configuration.Properties<BookingQuota>().HaveConversion<RuleConverter<BookingQuota>, RuleComparer<BookingQuota>>();
        configuration.Properties<SeriesRule>().HaveConversion<RuleConverter<SeriesRule>, RuleComparer<SeriesRule>>();
        configuration.Properties<MessageFacts>().HaveConversion<RuleConverter<MessageFacts>, RuleComparer<MessageFacts>>();
        foreach (var type in IdTypes())
            configuration.Properties(type).HaveConversion(typeof(IdConverter<>).MakeGenericType(type));
    }
}
