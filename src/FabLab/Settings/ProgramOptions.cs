using System.Net;

namespace FabLab.Host.Settings;

/// <summary>Settings of the section <c>FabLab</c>: what the whole program shares. Read once, never changed.</summary>
internal sealed record ProgramOptions
{
    public const string Section = "FabLab";

    /// <summary>Pages and API of the lab. 1 to 65535.</summary>
    public required int WebPort { get; init; }

    /// <summary>The pages at the door. 1 to 65535.</summary>
    public required int KioskPort { get; init; }

    /// <summary>The broker's port for devices. 1 to 65535.</summary>
    public required int MqttPort { get; init; }

    /// <summary>Health and metrics of a gateway that runs alone. 1 to 65535.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Everything that must last lies in this folder; absolute.</summary>
    public required string Data { get; init; }

    /// <summary>The address the pages and the broker listen on. This computer only, unless set.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>Where something on this computer reaches what listens on <see cref="Listen"/>.</summary>
    public IPAddress Reachable => Listen.Equals(IPAddress.Any) ? IPAddress.Loopback
        : Listen.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : Listen;

    public Uri Web => At(WebPort);

    public Uri Kiosk => At(KioskPort);

    /// <summary>Where something on this computer reaches a port of FabLab.</summary>
    public Uri At(int port) => new UriBuilder(Uri.UriSchemeHttp, Reachable.Equals(IPAddress.Loopback) ? "localhost" : Reachable.ToString(), port).Uri;
}
