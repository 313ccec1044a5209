using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using FabLab.Booking;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Webhooks;
using FabLab.Gateway;
using FabLab.Gateway.Broker;
using FabLab.Gateway.Drivers;
using FabLab.Host.Hosting;
using FabLab.Kiosk;
using Microsoft.Extensions.Options;

namespace FabLab.Host.Settings;

/// <summary>
/// Looks at the settings of every service before one of them is built: keys that nobody knows, values that are none, and what each
/// service says of its own. One file serves all of them, so all of it is looked at, whichever is started.
/// </summary>
internal static class ServiceSettings
{
    /// <summary>Every section of a service, and the class that its keys fill.</summary>
    public static IReadOnlyList<(string Section, Type Options)> Sections { get; } =
    [
        (GatewayOptions.Section, typeof(GatewayOptions)),
        (DeviceHosting.BrokerSection, typeof(BrokerOptions)),
        (BookingOptions.Section, typeof(BookingOptions)),
        ($"{BookingOptions.Section}:{nameof(BookingOptions.Retention)}", typeof(RetentionOptions)),
        ($"{BookingOptions.Section}:{nameof(BookingOptions.Mail)}", typeof(MailOptions)),
        ($"{BookingOptions.Section}:{nameof(BookingOptions.Webhooks)}", typeof(WebhookOptions)),
        (KioskOptions.Section, typeof(KioskOptions)),
    ];

    /// <summary>The keys of a section, as the documents and the faults name them.</summary>
    public static IEnumerable<string> KeysOf(Type options) => Settable(options).Select(property => property.Name);

    /// <returns>A line for each fault, beginning with its key.</returns>
    public static IReadOnlyList<string> Faults(IConfigurationRoot root, ProgramOptions options)
    {
        var faults = new List<string>();
        var unreadable = new List<string>();
        foreach (var (section, type) in Sections)
        {
            foreach (var child in root.GetSection(section).GetChildren())
            {
                if (Sections.Any(other => other.Section.Equals(child.Path, StringComparison.OrdinalIgnoreCase)))
                    continue;
                if (Settable(type).FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
                    faults.Add($"{section}:{child.Key}: there is no such setting.{Cli.CommandLine.Closest(child.Key, KeysOf(type))}");
                else if (Unreadable(property.PropertyType, child) is { } wanted)
                {
                    faults.Add($"{section}:{property.Name}: '{child.Value}' is {wanted}.");
                    unreadable.Add(child.Path);
                }
            }
        }
        faults.AddRange(OfTheServices(root, options, unreadable));
        return faults;
    }

    /// <summary>What the services themselves find, of the values that can be read at all.</summary>
    private static IEnumerable<string> OfTheServices(IConfigurationRoot root, ProgramOptions options, IReadOnlyList<string> unreadable)
    {
        var readable = new ConfigurationBuilder()
            .AddInMemoryCollection(LabApps.Defaults(options))
            .AddInMemoryCollection(root.AsEnumerable().Where(pair => pair.Value is not null && !unreadable.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)))
            .Build();
        var services = new ServiceCollection();
        services.AddGatewaySettings(readable).AddBrokerSettings(readable).AddBookingSettings(readable).AddKioskSettings(readable);
        using var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException fault)
        {
            return fault.Failures;
        }
        catch (AggregateException faults)
        {
            return [.. faults.InnerExceptions.OfType<OptionsValidationException>().SelectMany(fault => fault.Failures)];
        }
    }

    private static IEnumerable<PropertyInfo> Settable(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } || property.PropertyType == typeof(IList<string>))
            // What has keys of its own is a section of its own.
            .Where(property => Sections.All(section => section.Options != property.PropertyType));

    /// <returns>What is wrong with the value; null when it can be read.</returns>
    private static string? Unreadable(Type type, IConfigurationSection value)
    {
        if (type == typeof(IList<string>))
            return value.Value is { Length: > 0 } ? $"one value where a list stands; write {value.Path}:0, {value.Path}:1 and so on" : null;
        if (type == typeof(string))
            return null;
        if (value.Value is not { } text)
            return "no value";
        if (type == typeof(bool))
            return bool.TryParse(text, out _) ? null : "neither true nor false";
        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
            return null;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or NotSupportedException)
        {
            return "no whole number, or one that is too big";
        }
    }
}
