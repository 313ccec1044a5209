using System.Net;
using System.Net.Mail;

namespace FabLab.Booking.Features.Messages;

/// <summary>How mail is sent, <c>Booking:Mail</c>. Without a server none is.</summary>
public sealed class MailOptions
{
    /// <summary>Name or address of the SMTP server. Empty: no mail, messages are on the site only.</summary>
    public string Host { get; set; } = "";

    /// <summary>1 to 65535.</summary>
    public int Port { get; set; } = 587;

    /// <summary><c>starttls</c>, <c>tls</c> from the first byte on, or <c>none</c> for a server on this computer.</summary>
    public string Security { get; set; } = "starttls";

    /// <summary>Name to sign in with at the server; empty for none.</summary>
    public string User { get; set; } = "";

    /// <summary>And its password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Address that mail comes from.</summary>
    public string From { get; set; } = "";

    /// <summary>Name beside that address. Empty: the name of the place.</summary>
    public string FromName { get; set; } = "";

    internal bool On => !string.IsNullOrWhiteSpace(Host);

    private bool OnThisComputer => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    internal IEnumerable<string> Faults()
    {
        if (!On)
        {
            if (User.Length > 0 || Password.Length > 0 || From.Length > 0)
                yield return "Booking:Mail:Host: name the mail server, or empty the other settings of Booking:Mail.";
            yield break;
        }
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            yield return "Booking:Mail:Host: this is neither the name nor the address of a server.";
        if (Port is < 1 or > 65535)
            yield return $"Booking:Mail:Port: {Port} is outside 1 to 65535.";
        if (Security is not ("starttls" or "tls" or "none"))
            yield return $"Booking:Mail:Security: '{Security}' is none of starttls, tls, none.";
        else if (Security == "none" && !OnThisComputer)
            yield return "Booking:Mail:Security: none is only for a server on this computer; others could read along.";
        if (!IsAddress(From))
            yield return "Booking:Mail:From: give the address that mail comes from (example: atelier@example.org).";
        if (FromName.Length > 80 || FromName.Any(char.IsControl))
            yield return "Booking:Mail:FromName: at most 80 characters, without line breaks.";
        if (User.Length > 0 && Password.Length == 0)
            yield return "Booking:Mail:Password: the user has no password.";
        if (User.Length == 0 && Password.Length > 0)
            yield return "Booking:Mail:User: there is a password and nobody whose it is.";
    }

    /// <summary>Whether it is one plain mail address and nothing around it.</summary>
    internal static bool IsAddress(string? text) =>
        text is { Length: > 2 and <= People.Person.MaxEmail } && !text.Any(sign => char.IsControl(sign) || char.IsWhiteSpace(sign) || sign > 127)
        && MailAddress.TryCreate(text, out var address) && address.Address == text && address.DisplayName.Length == 0
        && address.Host.Contains('.', StringComparison.Ordinal) && !address.Host.StartsWith('[');
}
