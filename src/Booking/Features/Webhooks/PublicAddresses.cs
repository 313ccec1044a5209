using System.Net;
using System.Net.Sockets;

namespace FabLab.Booking.Features.Webhooks;

/// <summary>Which addresses lie in the open internet. Whatever else is reached from here is reached by nobody who only has a page.</summary>
public static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    // Documentation, addresses that carry another one inside, and tunnels.
    private static readonly IPNetwork[] NotPublic6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public static bool Has(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !NotPublic4.Any(network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => Global6.Contains(address) && !NotPublic6.Any(network => network.Contains(address)),
            _ => false,
        };
    }
}

/// <summary>Where a program may be reached.</summary>
internal static class WebhookUrl
{
    /// <returns>Why not, in one sentence; null when it may.</returns>
    public static string? Fault(string? text, bool allowPrivate)
    {
        if (text is not { Length: > 0 and <= Webhook.MaxUrl } || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            return "Give an address that begins with https://.";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            return "An address has neither a password nor a fragment in it.";
        if (url.Scheme == "http" && !(allowPrivate && url.IsLoopback))
            return "Only https is taken; http only to this computer itself, when Booking:Webhooks:AllowPrivate is set.";
        if (!allowPrivate && (url.IsLoopback || (IPAddress.TryParse(url.DnsSafeHost, out var address) && !PublicAddresses.Has(address))))
            return "This address is not public. Booking:Webhooks:AllowPrivate allows it.";
        return null;
    }
}
