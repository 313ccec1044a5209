using System.Collections.Concurrent;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Flow;
using FabLab.Gateway.Journal;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Supervision;

/// <summary>
/// Tells each device how it is to behave while nobody answers: whether a machine finishes or opens, how long, and what counts as
/// drawing current. Sent when the device comes and when the rules of its machines change.
/// </summary>
internal sealed partial class DeviceRules(FlowParts parts, CounterStore counters) : IDisposable
{
    private static readonly Duration LongestFinish = Duration.FromHours(48);

    private readonly ILogger _logger = parts.Logs.CreateLogger<DeviceRules>();
    private readonly ConcurrentDictionary<DeviceId, string> _sent = [];
    private readonly ConcurrentDictionary<DeviceId, bool> _tried = [];

    // What is sent last is what was decided last.
    private readonly SemaphoreSlim _sending = new(1, 1);

    public void Dispose() => _sending.Dispose();

    /// <summary>The device has come: it may have forgotten everything.</summary>
    public Task OnOnlineAsync(IDevice device, CancellationToken cancellationToken)
    {
        _sent.TryRemove(device.Id, out _);
        return SendAsync(device, parts.Policy.Current, cancellationToken);
    }

    /// <summary>
    /// It is to be tried: until <see cref="TrialOverAsync"/> its relays open when their lease ends, also those that would let a machine finish,
    /// whatever rules come meanwhile.
    /// </summary>
    public Task OpenWhenLostAsync(IDevice device, CancellationToken cancellationToken)
    {
        _tried[device.Id] = true;
        return SendAsync(device, parts.Policy.Current, cancellationToken);
    }

    /// <summary>It was tried: it hears again what it is to do when it is left alone in earnest.</summary>
    public Task TrialOverAsync(IDevice device)
    {
        _tried.TryRemove(device.Id, out _);
        return SendAsync(device, parts.Policy.Current, CancellationToken.None);
    }

    /// <summary>There are new rules.</summary>
    public async Task OnRulesAsync(LabPolicy policy, CancellationToken cancellationToken)
    {
        foreach (var (id, online) in parts.Devices.All)
        {
            if (online && parts.Devices.Find(id) is { } device)
                await SendAsync(device, policy, cancellationToken);
        }
    }

    internal static IReadOnlyList<ChannelPolicy> Channels(LabPolicy policy, DeviceId device)
    {
        var channels = new SortedDictionary<int, ChannelPolicy>();
        foreach (var id in policy.MachinesOf(device))
        {
            if (policy.Machine(id) is not { } rule)
                continue;
            foreach (var binding in rule.Devices)
            {
                if (binding.Device != device || binding.Role is not (DeviceRole.Relay or DeviceRole.Exhaust))
                    continue;
                var finish = rule.LostLink == LostLinkRule.Finish;
                channels[binding.Channel] = new ChannelPolicy
                {
                    FinishWhenLost = finish,
                    FinishCap = finish ? Duration.Min(rule.LostLinkCap, LongestFinish) : Duration.Zero,
                    IdleWatts = binding.Role == DeviceRole.Relay ? rule.Power.RestingBelowWatts : 0,
                    IdleFor = rule.Power.RestingFor,
                };
            }
        }
        return channels.Count == 0
            ? []
            : [.. Enumerable.Range(0, channels.Keys.Max() + 1).Select(c => channels.GetValueOrDefault(c) ?? new ChannelPolicy())];
    }

    private async Task SendAsync(IDevice device, LabPolicy policy, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            var channels = Channels(policy, device.Id);
            if (channels.Count == 0)
                return;
            // None at all is a device whose relays open.
            if (_tried.ContainsKey(device.Id))
                channels = [];
            var content = string.Join('|', channels);
            if (_sent.TryGetValue(device.Id, out var sent) && sent == content)
                return;
            if (await counters.ReserveAsync($"device-policy/{device.Id}", 1) is not { } version)
                return;
            var outcome = await device.ConfigureAsync(new DevicePolicy((uint)version, parts.Language, channels), cancellationToken);
            if (outcome is SendOutcome.Sent or SendOutcome.NotSupported)
                _sent[device.Id] = content;
            else
                Log.NotSent(_logger, device.Id, outcome);
        }
        finally
        {
            _sending.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4901, LogLevel.Warning, "{Device}: its rules for a lost link could not be sent ({Outcome}); they are sent when it comes back")]
        public static partial void NotSent(ILogger logger, DeviceId device, SendOutcome outcome);
    }
}
