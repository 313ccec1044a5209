using FabLab.Contracts;
using FabLab.Core.Badges;
using Microsoft.Extensions.Options;

namespace FabLab.Kiosk;

/// <summary>Settings of the section <c>Kiosk</c>.</summary>
public sealed class KioskOptions
{
    public const string Section = "Kiosk";

    /// <summary>Address of Booking, such as <c>http://127.0.0.1:8080</c>.</summary>
    public string BookingAddress { get; set; } = "";

    /// <summary>Name written on the screen while Booking has not told the name of the place.</summary>
    public string PlaceName { get; set; } = "FabLab";

    /// <summary>The kiosk's own name, one of Booking's <c>Booking:Kiosks</c>: 1 to 32 of a–z, 0–9 and '-'.</summary>
    public string Name { get; set; } = "door";

    /// <summary>Folder for what waits to be sent and for the copy of what the door needs. The keys of the kiosk and of badges are looked for there.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>File with the kiosk's bearer key, as Booking made it. Empty: <c>kiosk-{Name}.key</c> in the data folder.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the lab's badge key. Empty: <c>badge.key</c> in the data folder.</summary>
    public string BadgeKeyFile { get; set; } = "";

    /// <summary>How the reader at the door writes a number, as the code of a profile. Empty: whatever way fits a badge of the lab.</summary>
    public string Reader { get; set; } = "";

    /// <summary>The number of the site at whose door it stands, as Booking's page <c>/sites</c> shows it. It goes with every arrival.</summary>
    public int Site { get; set; } = 1;

    internal string KeyPath => KeyFile.Length > 0 ? KeyFile : Path.Combine(DataFolder, $"kiosk-{Name}.key");

    internal string BadgeKeyPath => BadgeKeyFile.Length > 0 ? BadgeKeyFile : Path.Combine(DataFolder, "badge.key");

    internal string DatabasePath => Path.Combine(DataFolder, "kiosk.db");

    /// <summary>The key under which the copy of what the door needs is sealed. It is the kiosk's own and leaves it never.</summary>
    internal string SealPath => Path.Combine(DataFolder, "kiosk-seal.key");
}

internal sealed class KioskOptionsValidator : IValidateOptions<KioskOptions>
{
    public ValidateOptionsResult Validate(string? name, KioskOptions options)
    {
        var faults = new List<string>();
        if (!(Uri.TryCreate(options.BookingAddress, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"))
            faults.Add($"Kiosk:BookingAddress: '{options.BookingAddress}' is no http or https address (example: http://127.0.0.1:8080).");
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            faults.Add("Kiosk:DataFolder: name the folder that holds the keys and what waits to be sent.");
        if (!GatewayName.IsValid(options.Name))
            faults.Add($"Kiosk:Name: '{options.Name}' must be 1 to 32 of a-z, 0-9 and '-'.");
        if (options.Reader.Length > 0 && ReaderProfile.Find(options.Reader) is null)
            faults.Add($"Kiosk:Reader: '{options.Reader}' is no reader profile (known: {string.Join(", ", ReaderProfile.All.Select(profile => profile.Code))}).");
        if (options.Site < 1)
            faults.Add($"Kiosk:Site: {options.Site} is no site; they are numbered from 1.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
