using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>How a device behaves while nobody answers, channel by channel; channels that are not named open and refuse.</summary>
/// <param name="Version">Strictly increasing, from 1.</param>
/// <param name="Language">Language of the device's own sentences: fr or en.</param>
/// <param name="Channels">By channel, from 0.</param>
public sealed record DevicePolicy(uint Version, string Language, IReadOnlyList<ChannelPolicy> Channels)
{
    /// <summary>The channel each reader starts, by reader; readers beyond its length start channel 0.</summary>
    public IReadOnlyList<int> ReaderChannels { get; init; } = [];
}

/// <summary>The policy of one relay.</summary>
public sealed record ChannelPolicy
{
    /// <summary>False: open when the lease ends. True: finish, while it draws current, up to <see cref="FinishCap"/>.</summary>
    public bool FinishWhenLost { get; init; }

    /// <summary>Longest time after the lease ended, above zero when <see cref="FinishWhenLost"/>, at most 48 h.</summary>
    public Duration FinishCap { get; init; }

    /// <summary>Below this power the machine counts as finished, above it an open relay counts as welded; 0 turns both off.</summary>
    public double IdleWatts { get; init; }

    public Duration IdleFor { get; init; }

    /// <summary>Whether the device may decide with its list.</summary>
    public bool DecideOffline { get; init; }

    /// <summary>The oldest list it may decide with, at most 30 days.</summary>
    public Duration OfflineListAge { get; init; }

    /// <summary>The longest use it may grant by itself, at most 12 h.</summary>
    public Duration OfflineUse { get; init; }
}
