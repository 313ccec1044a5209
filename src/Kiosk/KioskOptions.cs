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
}

internal sealed class KioskOptionsValidator : IValidateOptions<KioskOptions>
{
    public ValidateOptionsResult Validate(string? name, KioskOptions options) =>
        Uri.TryCreate(options.BookingAddress, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Kiosk:BookingAddress: '{options.BookingAddress}' is no http or https address (example: http://127.0.0.1:8080).");
}
