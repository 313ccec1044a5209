using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking;

/// <summary>Settings of the section <c>Booking</c>.</summary>
public sealed class BookingOptions
{
    public const string Section = "Booking";

    /// <summary>Folder for the database file, the keys and the first sign-in link. Made when missing.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>Empty: SQLite in the data folder. Otherwise a PostgreSQL connection string (<c>Host=…;Database=…</c>).</summary>
    public string Database { get; set; } = "";

    /// <summary>Time zone of a new place, an IANA name. From then on the place's own setting counts.</summary>
    public string TimeZone { get; set; } = "Europe/Paris";

    /// <summary>Address people type to reach these pages, used in printed links. Empty: the address the server listens on.</summary>
    public string PublicAddress { get; set; } = "";

    /// <summary>What links that leave this computer begin with, without a slash at the end: <see cref="PublicAddress"/>, or where this request was sent to.</summary>
    internal string SiteFor(HttpRequest request) => PublicAddress.Length > 0 ? PublicAddress.TrimEnd('/') : $"{request.Scheme}://{request.Host}";

    /// <summary>A demonstration: the sign-in page says how to get in. Never set it where real people are recorded.</summary>
    public bool Demo { get; set; }

    /// <summary>Gateways that may fetch the policy and hand in journals; each gets a key file in the data folder.</summary>
    public IList<string> Gateways { get; } = [];

    /// <summary>Kiosks that may read what the door needs and hand in visits; each gets a key file in the data folder.</summary>
    public IList<string> Kiosks { get; } = [];

    /// <summary>
    /// Days for which gateways know the bookings to come, and so go on by them when the line is cut. Longer than machines may be used with
    /// old rules is of no use. 1 to 60.
    /// </summary>
    public int BookingDaysAtGateways { get; set; } = 7;

    /// <summary>Minutes a one-time sign-in link stays good. 5 to 10080.</summary>
    public int SignInLinkMinutes { get; set; } = 60;

    /// <summary>Hours a browser stays signed in without being used. 1 to 720.</summary>
    public int SignInHours { get; set; } = 12;

    /// <summary>
    /// Whether the team (management, front desk, trainers, machine leads) must sign in with a passkey or a one-time password. Who has
    /// neither yet can set one up after signing in, and nothing else.
    /// </summary>
    public bool TeamNeedsSecondFactor { get; set; }

    /// <summary>Requests a minute from one address by people who are not signed in; a kiosk and a class of tablets fit in. 10 to 100000.</summary>
    public int AnonymousPerMinute { get; set; } = 1200;

    /// <summary>How long what is kept about people.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>How mail is sent.</summary>
    public MailOptions Mail { get; set; } = new();

    /// <summary>How other programs are told of events.</summary>
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>Hours before its start that somebody is reminded of a booking. 1 to 168.</summary>
    public int ReminderHours { get; set; } = 24;

    /// <summary>Days before its end that somebody is told of a habilitation. 1 to 180.</summary>
    public int HabilitationNoticeDays { get; set; } = 30;

    /// <summary>What an hour of volunteers is worth in the annual account, in cents; 0: it is not valued. 0 to 100000.</summary>
    public int VolunteerHourCents { get; set; }

    internal bool UsesPostgres => !string.IsNullOrWhiteSpace(Database);
}

/// <summary>Names every fault at once, each with its key.</summary>
internal sealed class BookingOptionsValidator : IValidateOptions<BookingOptions>
{
    public ValidateOptionsResult Validate(string? name, BookingOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            faults.Add("Booking:DataFolder: name the folder that holds the database and the keys.");
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(options.TimeZone) is null)
            faults.Add($"Booking:TimeZone: '{options.TimeZone}' is no IANA time zone (example: Europe/Paris).");
        if (options.UsesPostgres && !options.Database.Contains("Host=", StringComparison.OrdinalIgnoreCase))
            faults.Add("Booking:Database: leave it empty for SQLite, or give a PostgreSQL connection string with Host=.");
        if (options.PublicAddress.Length > 0
            && !(Uri.TryCreate(options.PublicAddress, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            faults.Add($"Booking:PublicAddress: '{options.PublicAddress}' is no http or https address.");
        if (options.SignInLinkMinutes is < 5 or > 10080)
            faults.Add($"Booking:SignInLinkMinutes: {options.SignInLinkMinutes} is outside 5 to 10080.");
        if (options.SignInHours is < 1 or > 720)
            faults.Add($"Booking:SignInHours: {options.SignInHours} is outside 1 to 720.");
        if (options.AnonymousPerMinute is < 10 or > 100_000)
            faults.Add($"Booking:AnonymousPerMinute: {options.AnonymousPerMinute} is outside 10 to 100000.");
        if (options.ReminderHours is < 1 or > 168)
            faults.Add($"Booking:ReminderHours: {options.ReminderHours} is outside 1 to 168.");
        if (options.HabilitationNoticeDays is < 1 or > 180)
            faults.Add($"Booking:HabilitationNoticeDays: {options.HabilitationNoticeDays} is outside 1 to 180.");
        if (options.VolunteerHourCents is < 0 or > 100_000)
            faults.Add($"Booking:VolunteerHourCents: {options.VolunteerHourCents} is outside 0 to 100000.");
        if (options.BookingDaysAtGateways is < 1 or > 60)
            faults.Add($"Booking:BookingDaysAtGateways: {options.BookingDaysAtGateways} is outside 1 to 60.");
        faults.AddRange(options.Retention.Faults());
        faults.AddRange(options.Mail.Faults());
        foreach (var gateway in options.Gateways.Where(gateway => !Contracts.GatewayName.IsValid(gateway)))
            faults.Add($"Booking:Gateways: '{gateway}' must be 1 to 32 of a-z, 0-9 and '-'.");
        foreach (var kiosk in options.Kiosks.Where(kiosk => !Contracts.GatewayName.IsValid(kiosk)))
            faults.Add($"Booking:Kiosks: '{kiosk}' must be 1 to 32 of a-z, 0-9 and '-'.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
