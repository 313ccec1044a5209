using FabLab.Contracts;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Gateway;

/// <summary>Settings of the section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The gateway's name at Booking: 1 to 32 of a-z, 0-9 and '-'.</summary>
    public string Name { get; set; } = "main";

    /// <summary>Folder of the gateway's file and, unless set otherwise, of its keys. Made when missing.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>Where Booking answers, such as <c>http://127.0.0.1:8080/</c>.</summary>
    public string BookingAddress { get; set; } = "";

    /// <summary>File with the key this gateway shows to Booking. Empty: <c>gateway-NAME.key</c> in the data folder. It may appear later.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the lab's secret for badge hashes, the same as Booking's. Empty: <c>badge.key</c> in the data folder. It may appear later.</summary>
    public string BadgeKeyFile { get; set; } = "";

    /// <summary>Language of the sentences at the readers: <c>fr</c> or <c>en</c>.</summary>
    public string Language { get; set; } = "fr";

    /// <summary>A tap older than this many seconds when its turn comes starts nothing. 1 to 60.</summary>
    public int TapFreshSeconds { get; set; } = 5;

    /// <summary>The gateway's file does not grow beyond this many megabytes; 0: as far as the disk goes. Otherwise 16 to 1048576.</summary>
    public int JournalMaxMegabytes { get; set; }

    /// <summary>Days for which lines that Booking has are kept here as well. 1 to 3650.</summary>
    public int JournalKeepDays { get; set; } = 60;

    /// <summary>Devices that pull a new firmware at the same time; the others wait. 1 to 16.</summary>
    public int FirmwareUpdatesAtOnce { get; set; } = 1;

    /// <summary>Whether the gateway asks on the network what is there (multicast DNS, every two minutes at most) and listens for printers that announce themselves.</summary>
    public bool LookOnNetwork { get; set; } = true;

    internal string JournalFile => Path.Combine(DataFolder, "gateway.db");

    internal string KeyPath => KeyFile.Length > 0 ? KeyFile : Path.Combine(DataFolder, $"gateway-{Name}.key");

    internal string BadgeKeyPath => BadgeKeyFile.Length > 0 ? BadgeKeyFile : Path.Combine(DataFolder, "badge.key");

    internal Duration TapFresh => Duration.FromSeconds(TapFreshSeconds);

    internal long JournalMaxBytes => JournalMaxMegabytes * 1024L * 1024L;
}

/// <summary>Names every fault at once, each with its key.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var faults = new List<string>();
        if (!GatewayName.IsValid(options.Name))
            faults.Add($"Gateway:Name: '{options.Name}' must be 1 to {GatewayName.MaxLength} of a-z, 0-9 and '-', not beginning with '-'.");
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            faults.Add("Gateway:DataFolder: name the folder that holds the gateway's file.");
        if (!(Uri.TryCreate(options.BookingAddress, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            faults.Add($"Gateway:BookingAddress: '{options.BookingAddress}' is no http or https address (example: http://127.0.0.1:8080/).");
        if (options.Language is not ("fr" or "en"))
            faults.Add($"Gateway:Language: '{options.Language}' is neither fr nor en.");
        if (options.TapFreshSeconds is < 1 or > 60)
            faults.Add($"Gateway:TapFreshSeconds: {options.TapFreshSeconds} is outside 1 to 60.");
        if (options.JournalMaxMegabytes is not (0 or >= 16 and <= 1_048_576))
            faults.Add($"Gateway:JournalMaxMegabytes: {options.JournalMaxMegabytes} is neither 0 nor from 16 to 1048576.");
        if (options.JournalKeepDays is < 1 or > 3650)
            faults.Add($"Gateway:JournalKeepDays: {options.JournalKeepDays} is outside 1 to 3650.");
        if (options.FirmwareUpdatesAtOnce is < 1 or > 16)
            faults.Add($"Gateway:FirmwareUpdatesAtOnce: {options.FirmwareUpdatesAtOnce} is outside 1 to 16.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
