using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <summary>Runs the checks against one device, each from the same beginning.</summary>
internal static class Suite
{
    /// <param name="bench">The device and its wire.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="tagKey">The tag key it was given; null for none.</param>
    /// <param name="wanted">Which checks; null for all.</param>
    /// <param name="quick">Leaves out those that take more than a few seconds.</param>
    /// <param name="said">Told after each check.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="firmware">A firmware the device may be updated to; null for none.</param>
    public static async Task<ConformanceReport> RunAsync(
        IWorkbench bench, DeviceKeys keys, TagKey? tagKey, Func<Check, bool>? wanted, bool quick, Action<Finding>? said, CancellationToken cancellationToken, FirmwareFile? firmware = null)
    {
        var talk = new Talk(bench, keys, tagKey, cancellationToken) { Firmware = firmware };
        var findings = new List<Finding>();
        var began = bench.Now;
        var utc = bench.Utc;
        string? absent = null;
        foreach (var check in Checks.All)
        {
            if (wanted?.Invoke(check) == false)
                continue;
            var finding = absent is not null ? new Finding(check, Verdict.NotShown, absent) : await RunAsync(check, talk, quick);
            if (finding.Verdict == Verdict.Failed && talk.Birth is null)
                absent = "The device never answered.";
            findings.Add(finding);
            said?.Invoke(finding);
        }
        await LeaveOpenAsync(talk);
        return new ConformanceReport(keys.Device.Value, bench.Wire, talk.First, utc, bench.Now - began, findings);
    }

    private static async Task<Finding> RunAsync(Check check, Talk talk, bool quick)
    {
        try
        {
            if (Missing(check, talk, quick) is { } before)
                return new Finding(check, Verdict.NotShown, before);
            await talk.SettleAsync();
            if (Lacks(check, talk) is { } lacks)
                return new Finding(check, Verdict.NotShown, lacks);
            await check.Run(talk);
            return new Finding(check, Verdict.Passed);
        }
        catch (CheckFailedException failure)
        {
            return new Finding(check, Verdict.Failed, failure.Message);
        }
        catch (CheckNotShownException missing)
        {
            return new Finding(check, Verdict.NotShown, missing.Message);
        }
    }

    private static string? Missing(Check check, Talk talk, bool quick) => check.Needs switch
    {
        var needs when needs.HasFlag(Needs.Serial) && !talk.Bench.IsSerial => "It is about serial lines.",
        var needs when needs.HasFlag(Needs.Mqtt) && talk.Bench.IsSerial => "It is about MQTT.",
        var needs when needs.HasFlag(Needs.Long) && quick => "Left out: it takes long.",
        var needs when needs.HasFlag(Needs.Tap) && !talk.Bench.Hands.CanTap => "Nobody is there to hold a badge to the reader.",
        var needs when needs.HasFlag(Needs.Meter) && !talk.Bench.Hands.CanMeasure => "Nobody is there to load the meter.",
        var needs when needs.HasFlag(Needs.Power) && !talk.Bench.Hands.CanCutPower => "Nobody is there to cut the power.",
        var needs when needs.HasFlag(Needs.Firmware) && talk.Firmware is null => "No firmware signed by its author was given (--firmware-file).",
        var needs when needs.HasFlag(Needs.TagKey) && talk.TagKey is null => "The claim has no tag key.",
        _ => null,
    };

    private static string? Lacks(Check check, Talk talk) => check.Needs switch
    {
        var needs when needs.HasFlag(Needs.Updates) && talk.Birth!.Minor < 1 => Checks.NoUpdates,
        var needs when needs.HasFlag(Needs.Relay) && talk.Birth!.Relays.Count == 0 => "It has no relay.",
        var needs when needs.HasFlag(Needs.Tap) && talk.Birth!.Readers.Count == 0 => "It has no reader.",
        var needs when needs.HasFlag(Needs.Meter) && !talk.Birth!.Meters.Contains(0) => "It has no meter on relay 0.",
        var needs when needs.HasFlag(Needs.TagKey) && talk.Birth!.TagKeyId != talk.TagKey!.Id => "It holds another tag key than the claim's.",
        _ => null,
    };

    // However the checks ended, no relay is left closed by them.
    private static async Task LeaveOpenAsync(Talk talk)
    {
        if (talk.Birth is not { } birth)
            return;
        try
        {
            for (var channel = 0; channel < birth.Relays.Count; channel++)
                await talk.LeaseAsync("none", 0, start: false, channel);
        }
        catch (CheckFailedException)
        {
            // It does not answer; its lease ends by itself.
        }
        talk.SayGateway(on: false);
    }
}
