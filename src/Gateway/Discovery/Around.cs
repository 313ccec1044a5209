using System.Text;
using FabLab.Contracts;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Discovery;

/// <summary>Something that is there and not on the list of devices.</summary>
/// <param name="Settings">What would stand in the list; its name is a suggestion.</param>
/// <param name="Place">Where it is, the same each time it is looked for: a port, a topic.</param>
/// <param name="Label">What it says of itself.</param>
internal sealed record Around(DeviceSettings Settings, string Place, string Label)
{
    private const int MostName = 24;

    /// <summary>The drivers that may be tried with it, the likeliest first.</summary>
    public IReadOnlyList<string> Drivers { get; init; } = [Settings.Driver];

    /// <summary>What the gateway will set on it, a line each, before it is used.</summary>
    public IReadOnlyList<string> WillSet { get; init; } = [];

    /// <summary>Where it is on the network; null when it is not known, or it hangs on this computer.</summary>
    public string? Address { get; init; }

    /// <summary>What somebody has to type for it.</summary>
    public IReadOnlyList<DeviceNeed> Needs { get; init; } = [];

    /// <summary>What somebody sets on the device itself so that it comes to our broker; null when it needs nothing. See <see cref="DeviceFound.ToSet"/>.</summary>
    public string? ToSet { get; init; }

    public DeviceFound Told => new(Place, Drivers, Label, Settings.Id, Settings.Channels, WillSet)
    {
        Address = Address,
        Needs = Needs.Count > 0 ? Needs : null,
        ToSet = ToSet,
    };

    /// <summary>A name for a device that calls itself so: 3 to 24 of a-z, 0-9 and dash, no dash at either end.</summary>
    public static string Name(string kind, string own)
    {
        var name = new StringBuilder(kind).Append('-');
        foreach (var c in own.ToLowerInvariant())
        {
            if (c is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
                name.Append(c);
            else if (name[^1] != '-')
                name.Append('-');
        }
        return name.ToString(0, Math.Min(name.Length, MostName)).TrimEnd('-');
    }
}
