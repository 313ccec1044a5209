using FabLab.VirtualLab.World;
using Microsoft.Extensions.Logging;

namespace FabLab.VirtualLab.Day;

/// <summary>
/// Plays a day that goes on by itself, in real time: people come to machines, work, go; now and then somebody is refused.
/// It knows about people what the description says and nothing about rules: the answers are the product's.
/// </summary>
internal sealed partial class Director(VirtualPlace place, Taps taps, LabDescription lab, int seed, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(9);

    /// <summary>How many machines are in use once the day has begun.</summary>
    private const int Busy = 7;

    /// <summary>How often people try to end their uses when the day closes.</summary>
    private const int Goodbyes = 5;

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (string Person, TimeSpan Until)> _uses = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Now => time.GetElapsedTime(_began);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var machines = lab.Machines.Where(machine => place.ReaderOf(machine.Code) is not null).ToList();
        try
        {
            while (!_closing.Task.IsCompleted)
            {
                await StepAsync(machines, cancellationToken);
                // A young day fills up quickly, so that somebody who looks sees something.
                var wait = Shortest + ((Longest - Shortest) * _random.NextDouble());
                await Task.WhenAny(_closing.Task, Task.Delay(_uses.Count < Busy / 2 ? wait / 2 : wait, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
            for (var i = 0; i < Goodbyes && _uses.Count > 0; i++)
                await EndAsync(_uses.Keys.ToList(), cancellationToken);
        }
        finally
        {
            _over.TrySetResult();
        }
    }

    /// <summary>Closing time: nobody comes any more, and whoever uses a machine ends that with their badge.</summary>
    /// <returns>The machines of the day that are still on.</returns>
    public async Task<IReadOnlyList<string>> CloseAsync(CancellationToken cancellationToken)
    {
        _closing.TrySetResult();
        await _over.Task.WaitAsync(cancellationToken);
        return [.. _uses.Keys.Order(StringComparer.Ordinal)];
    }

    private async Task StepAsync(List<DescribedMachine> machines, CancellationToken cancellationToken)
    {
        await EndAsync([.. _uses.Where(use => use.Value.Until <= Now || place.Machine(use.Key) is { Relay.IsClosed: false }).Select(use => use.Key)], cancellationToken);
        var free = machines.Where(machine => !_uses.ContainsKey(machine.Code) && place.Machine(machine.Code) is { Relay.IsClosed: false }).ToList();
        if (free.Count == 0 || (_uses.Count >= Busy && _random.Next(4) > 0))
            return;
        var chosen = free[_random.Next(free.Count)];
        // One in six is somebody who may not, or not yet.
        var person = _random.Next(6) == 0 ? Anybody() : Somebody(chosen) ?? Anybody();
        if (await TapAsync(chosen.Code, person.Code, cancellationToken) is { Outcome: "waiting" })
            await AccompanyAsync(chosen, cancellationToken);
        if (place.Machine(chosen.Code) is { Relay.IsClosed: true } machine)
        {
            _uses[chosen.Code] = (person.Code, Now + LengthOf(chosen));
            if (chosen.Kind is "printer" or "resin")
                machine.Work(LengthOf(chosen), place.NowMs);
        }
    }

    /// <summary>Ends uses, each by the badge it began with. One that cannot be ended now is tried again at the next occasion.</summary>
    private async Task EndAsync(List<string> machines, CancellationToken cancellationToken)
    {
        await Task.WhenAll(machines.Where(IsOn).Select(code => TapAsync(code, _uses[code].Person, cancellationToken)));
        foreach (var code in machines.Where(code => !IsOn(code)))
            _uses.Remove(code);
    }

    private bool IsOn(string machine) => place.Machine(machine) is { Relay.IsClosed: true };

    private async Task AccompanyAsync(DescribedMachine machine, CancellationToken cancellationToken)
    {
        var adults = lab.People.Where(person => person.Age >= 18 && (machine.Training is null || person.Trainings.Contains(machine.Training))).Take(3).ToList();
        if (adults.Count == 0)
            return;
        await Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken);
        await TapAsync(machine.Code, adults[_random.Next(adults.Count)].Code, cancellationToken);
    }

    private async Task<TapResult?> TapAsync(string machine, string person, CancellationToken cancellationToken)
    {
        if (lab.FindPerson(person)?.Badge is not { } badge)
            return null;
        var result = await taps.TapAsync(machine, badge, cancellationToken);
        Log.Tapped(logger, machine, result?.Outcome ?? "no-reader", result?.Code);
        return result;
    }

    // Hours for what prints, minutes for what one stands beside.
    private TimeSpan LengthOf(DescribedMachine machine) => machine.Kind is "printer" or "resin"
        ? TimeSpan.FromMinutes(30 + _random.Next(300))
        : TimeSpan.FromSeconds(40 + _random.Next(200));

    private DescribedPerson Anybody() => lab.People[_random.Next(lab.People.Count)];

    private DescribedPerson? Somebody(DescribedMachine machine)
    {
        var busy = _uses.Values.Select(use => use.Person).ToHashSet(StringComparer.Ordinal);
        var able = lab.People
            .Where(person => !busy.Contains(person.Code) && person.Age >= machine.AgeAlone && (machine.Training is null || person.Trainings.Contains(machine.Training)))
            .ToList();
        return able.Count == 0 ? null : able[_random.Next(able.Count)];
    }

    private static partial class Log
    {
        [LoggerMessage(9101, LogLevel.Debug, "Somebody taps at {Machine}: {Outcome} {Code}")]
        public static partial void Tapped(ILogger logger, string machine, string outcome, string? code);
    }
}
