using FabLab.Core.Badges;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>Readers that speak OSDP on an RS-485 line, with the secure channel and in no other way.</summary>
public sealed class OsdpDriver(TimeProvider time, ILogger<OsdpDriver> logger, string lockFolder = "/run/lock") : SerialDriver(time, logger, lockFolder)
{
    private readonly OsdpLines _lines = new(options => SerialLinks.Create(options, time, logger), time);

    public override string Kind => "osdp";

    public override DriverAbilities Abilities => DriverAbilities.ReadsBadges;

    /// <summary>Whether a text is a key for a reader: 32 hex digits, and not the key that everybody knows.</summary>
    public static bool IsKey(string? text) =>
        text is { Length: 2 * OsdpSecureChannel.KeyLength } && text.All(char.IsAsciiHexDigit)
        && !Convert.FromHexString(text).AsSpan().SequenceEqual(OsdpSecureChannel.DefaultKey);

    protected override IEnumerable<string> FaultsOf(DeviceSettings settings)
    {
        if (!IsKey(settings.Key))
            yield return $"{settings.Id}: key is the reader's own key, 32 hex digits, and not the one that readers leave the factory with.";
        if (settings.BusAddress is < 0 or >= OsdpFrameParser.Broadcast)
            yield return $"{settings.Id}: busAddress is 0 to 126.";
        if (settings.Profile is not null && ReaderProfile.Find(settings.Profile) is not { Spelling: BadgeSpelling.Hex })
            yield return $"{settings.Id}: profile is one that writes hex, such as iso-hex or iso-hex-rev.";
    }

    protected override IDevice Start(DeviceSettings settings, SerialLinkOptions options)
    {
        var device = new OsdpDevice(settings.DeviceId, _lines.Join(options, settings.BusAddress ?? 0), OptionsOf(settings, options.Baud), Time, Logger);
        device.Start();
        return device;
    }

    internal static OsdpOptions OptionsOf(DeviceSettings settings, int baud) => new()
    {
        Address = settings.BusAddress ?? 0,
        Baud = baud,
        Key = Convert.FromHexString(settings.Key!),
        Profile = ReaderProfile.Find(settings.Profile) ?? ReaderProfile.IsoHex,
        InstallUntil = settings.InstallUntil is { } until ? Instant.FromDateTimeOffset(until) : null,
    };
}
