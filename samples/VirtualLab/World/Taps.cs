using System.Collections.Concurrent;
using FabLab.VirtualLab.Devices;

namespace FabLab.VirtualLab.World;

/// <summary>What came of a tap, as far as somebody in front of the machine can tell.</summary>
/// <param name="Outcome">granted, handed-over (it runs on, for whoever tapped), refused, waiting (a second badge is expected), ended (the tap ended a use), done (it was taken, the relay did not move) or silent (nothing happened).</param>
/// <param name="Code">The reason code that the reader showed.</param>
/// <param name="Text">The sentence that the reader showed.</param>
/// <param name="RelayClosed">Whether the machine has power now.</param>
/// <param name="Milliseconds">From the tap to the answer.</param>
public sealed record TapResult(string Outcome, string? Code, string? Text, bool RelayClosed, long Milliseconds);

/// <summary>Holds a badge before a reader and watches what happens. One tap at a time at each reader.</summary>
public sealed class Taps(VirtualPlace place, TimeProvider time) : IDisposable
{
    /// <summary>A node shows "asking" and this code while it waits for the answer.</summary>
    private const string Asking = "asking";

    /// <summary>The gateway's word for a machine that waits for whoever accompanies.</summary>
    private const string SecondBadge = "second_badge_please";

    /// <summary>The gateway's word for a running machine that is somebody else's from now on. Its relay does not move.</summary>
    private const string HandedOver = "handed_over";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>A badge that is held again sooner than this was never taken away, for a reader.</summary>
    private static readonly TimeSpan TakenAway = TimeSpan.FromMilliseconds(600);

    private readonly ConcurrentDictionary<(string Device, int Reader), Hand> _hands = [];

    public void Dispose()
    {
        foreach (var hand in _hands.Values)
            hand.Free.Dispose();
    }

    /// <summary>Null when the machine has no reader.</summary>
    public async Task<TapResult?> TapAsync(string machineCode, string number, CancellationToken cancellationToken)
    {
        if (place.ReaderOf(machineCode) is not var (device, reader) || place.Machine(machineCode) is not { } machine)
            return null;
        // Who taps here waits for who tapped here before, not for the whole lab.
        var hand = _hands.GetOrAdd((device.Id, reader), _ => new Hand());
        await hand.Free.WaitAsync(cancellationToken);
        try
        {
            if (hand.Number == number && TakenAway - time.GetElapsedTime(hand.ReadAt) is { Ticks: > 0 } left)
                await Task.Delay(left, time, cancellationToken);
            return await TapAsync(device, reader, machine, number, hand, cancellationToken);
        }
        finally
        {
            hand.Free.Release();
        }
    }

    private async Task<TapResult> TapAsync(IVirtualDevice device, int reader, VirtualMachine machine, string number, Hand hand, CancellationToken cancellationToken)
    {
        Shown? shown = null;
        void Watch(Shown seen)
        {
            if (seen.Reader == reader && seen.Code != Asking)
                Interlocked.CompareExchange(ref shown, seen, null);
        }

        var before = machine.Relay.IsClosed;
        var closings = machine.Relay.Closings;
        var began = time.GetTimestamp();
        device.Displayed += Watch;
        try
        {
            device.Tap(reader, number);
            // From when the device has read it: a busy one takes its time, and counts from there whether the badge was away.
            (hand.Number, hand.ReadAt) = (number, time.GetTimestamp());
            // A reader with a display answers with words, one without only by what the relay does.
            while (Volatile.Read(ref shown) is null && machine.Relay.IsClosed == before && machine.Relay.Closings == closings && time.GetElapsedTime(began) < Patience)
                await Task.Delay(Look, time, cancellationToken);
            var answered = (long)time.GetElapsedTime(began).TotalMilliseconds;
            // Words and relay come one after the other, in either order.
            var settling = time.GetTimestamp();
            while (IsUnsettled(Volatile.Read(ref shown), machine, before) && time.GetElapsedTime(settling) < Settling)
                await Task.Delay(Look, time, cancellationToken);
            var last = Volatile.Read(ref shown);
            return new TapResult(last?.Code == HandedOver ? "handed-over" : Name(last, before, machine.Relay.IsClosed), last?.Code, last?.Text, machine.Relay.IsClosed, answered);
        }
        finally
        {
            device.Displayed -= Watch;
        }
    }

    private static bool IsUnsettled(Shown? shown, VirtualMachine machine, bool before) =>
        shown is null || (shown.Kind == "yes" && shown.Code != HandedOver && machine.Relay.IsClosed == before);

    private static string Name(Shown? shown, bool before, bool after) => (shown?.Kind, before, after) switch
    {
        ("no", _, _) => "refused",
        (_, false, true) => "granted",
        (_, true, false) => "ended",
        ("wait", _, _) => "waiting",
        ("warn", false, false) when shown?.Code == SecondBadge => "waiting",
        ("yes" or "info" or "warn", _, _) => "done",
        _ => "silent",
    };

    /// <summary>The hand before one reader.</summary>
    private sealed class Hand
    {
        public SemaphoreSlim Free { get; } = new(1, 1);

        public string? Number { get; set; }

        public long ReadAt { get; set; }
    }
}
