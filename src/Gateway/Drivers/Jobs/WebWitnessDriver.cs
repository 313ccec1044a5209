using System.Net;
using FabLab.Gateway.Links.Web;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Jobs;

/// <summary>What the drivers of witnesses that are asked over HTTP do the same way.</summary>
public abstract class WebWitnessDriver(TimeProvider time, ILogger logger) : IDeviceDriver
{
    public abstract string Kind { get; }

    public DriverAbilities Abilities => DriverAbilities.ReportsJobs;

    /// <summary>The port where the address names none.</summary>
    private protected abstract int DefaultPort { get; }

    private protected TimeProvider Time => time;

    private protected ILogger Logger => logger;

    public IReadOnlyList<string> Validate(DeviceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        if (DeviceRegistry.Check(settings) is { } fault)
            faults.Add(fault);
        if (settings.Link != DeviceLinkKind.Network)
            faults.Add($"{settings.Id}: link is network.");
        if (faults.Count > 0)
            return faults;
        if (Root(settings.Address!) is null)
            faults.Add($"{settings.Id}: address is a host, host:port, or an address with http:// or https:// and nothing behind the port.");
        if (settings.Certificate is { } pin && !WitnessSettings.IsPin(pin))
            faults.Add($"{settings.Id}: certificate is 64 hex digits.");
        faults.AddRange(Faults(settings).Select(f => $"{settings.Id}: {f}"));
        return faults;
    }

    public ValueTask<IDevice> OpenAsync(DeviceSettings settings, CancellationToken cancellationToken)
    {
        if (Validate(settings) is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        var options = Options(settings, new WebLinkOptions { Root = Root(settings.Address!)!, Certificate = settings.Certificate });
        var device = Create(settings, new WebLink(options, time));
        device.Start();
        return ValueTask.FromResult<IDevice>(device);
    }

    /// <summary>What is wrong with the settings beyond what every such device must have, without the name of the device.</summary>
    private protected abstract IEnumerable<string> Faults(DeviceSettings settings);

    /// <summary>How it is let in.</summary>
    private protected abstract WebLinkOptions Options(DeviceSettings settings, WebLinkOptions options);

    private protected abstract PollingWitness Create(DeviceSettings settings, WebLink web);

    private protected static WebLinkOptions WithKey(DeviceSettings settings, WebLinkOptions options) =>
        string.IsNullOrEmpty(settings.Secret) ? options : options with { Header = ("X-Api-Key", settings.Secret) };

    private protected static WebLinkOptions WithUser(DeviceSettings settings, WebLinkOptions options, string user) =>
        options with { User = new NetworkCredential(settings.User ?? user, settings.Secret) };

    private Uri? Root(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
            return null;
        // 80 said aloud and 80 not said look the same in a Uri.
        var said = text.EndsWith($":{uri.Port}", StringComparison.Ordinal) || text.EndsWith($":{uri.Port}/", StringComparison.Ordinal);
        return said || uri.Scheme == "https" ? uri : new UriBuilder(uri) { Port = DefaultPort }.Uri;
    }
}
