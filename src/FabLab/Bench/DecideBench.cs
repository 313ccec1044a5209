using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Host.Cli;
using NodaTime;

namespace FabLab.Host.Bench;

/// <summary>
/// How many decisions a second one core takes, from the number as the reader spells it to the answer with its facts:
/// hash of the number, look-up, rules, bookings, quotas. One thread, the whole lab in memory, as in the gateway.
/// </summary>
internal static class DecideBench
{
    private const int Trainings = 12;

    private const int BookingsPerMachine = 40;

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var makers = invocation.Number("--makers", 10_000, 1, 1_000_000);
        var machines = invocation.Number("--machines", 60, 1, 10_000);
        var seconds = invocation.Number("--seconds", 5, 1, 600);
        var result = Measure(makers, machines, TimeSpan.FromSeconds(seconds), cancellationToken);
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(JsonSerializer.Serialize(result, DecideBenchJson.Default.DecideBenchResult));
        else
            invocation.Out.WriteLine($"{result.DecisionsPerSecond:N0} decisions/s on one core ({makers:N0} makers, {machines} machines, {result.GrantedShare:P0} granted); p50 {result.P50Us} µs, p99 {result.P99Us} µs; without the hash of the badge {result.DecisionsPerSecondKnownBadge:N0}/s.");
        return Task.FromResult(ExitCodes.Success);
    }

    internal static DecideBenchResult Measure(int makers, int machines, TimeSpan length, CancellationToken cancellationToken)
    {
        var lab = new Lab(makers, machines);
        // Until the compiler has settled.
        Loop(lab, length / 4, hashed: true, null, cancellationToken);
        var times = new Percentiles();
        var (hashed, granted) = Loop(lab, length, hashed: true, times, cancellationToken);
        var (known, _) = Loop(lab, length / 2, hashed: false, null, cancellationToken);
        return new DecideBenchResult(makers, machines, (long)hashed, (long)known, Math.Round(granted, 3), times.At(0.5), times.At(0.99));
    }

    private static (double PerSecond, double GrantedShare) Loop(Lab lab, TimeSpan length, bool hashed, Percentiles? times, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        long decisions = 0, granted = 0;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < 256; i++)
            {
                var before = Stopwatch.GetTimestamp();
                var decision = lab.Ask(random.Next(lab.Makers), random.Next(lab.Machines), hashed);
                // One in sixteen is enough for a percentile and does not weigh on the rate.
                if (times is not null && (i & 15) == 0)
                    times.Add(Stopwatch.GetElapsedTime(before));
                decisions++;
                if (decision is AccessDecision.Granted)
                    granted++;
            }
        }
        return (decisions / Stopwatch.GetElapsedTime(start).TotalSeconds, (double)granted / decisions);
    }

    private sealed class Lab
    {
        private readonly Instant _now = Instant.FromUtc(2026, 6, 3, 12, 0);
        private readonly BadgeHasher _hasher = new(1, "a key for measuring only, no secret"u8);
        private readonly LabPolicy _policy;
        private readonly MachineId[] _machines;
        private readonly string[] _numbers;
        private readonly BadgeMatch[] _matches;

        public Lab(int makers, int machines)
        {
            var random = new Random(42);
            var entities = new List<PolicyEntity> { new SiteRule { Name = "Bench" } };
            var trainings = Enumerable.Range(0, Trainings).Select(_ => TrainingId.New(_now)).ToArray();
            entities.AddRange(trainings.Select((id, i) => new TrainingRule { Id = id, NameFr = $"Formation {i}", NameEn = $"Training {i}" }));
            _machines = [.. Enumerable.Range(0, machines).Select(_ => MachineId.New(_now))];
            var people = Enumerable.Range(0, makers).Select(_ => PersonId.New(_now)).ToArray();
            for (var i = 0; i < machines; i++)
                AddMachine(entities, i, trainings[i % Trainings], people, random);
            _numbers = new string[makers];
            _matches = new BadgeMatch[makers];
            for (var i = 0; i < makers; i++)
                AddMaker(entities, i, people[i], trainings, random);
            _policy = LabPolicy.From(entities, 1, _now);
        }

        public int Makers => _numbers.Length;

        public int Machines => _machines.Length;

        public AccessDecision Ask(int maker, int machine, bool hashed)
        {
            var match = hashed
                ? _policy.Badges.Find(_hasher.Print(ReaderProfile.EmHex.Parse(_numbers[maker])!), truncates: false)
                : _matches[maker];
            return AccessRules.Ask(_policy, new AccessRequest { Now = _now, Machine = _machines[machine], Badge = match });
        }

        private void AddMachine(List<PolicyEntity> entities, int index, TrainingId training, PersonId[] people, Random random)
        {
            entities.Add(new MachineRule
            {
                Id = _machines[index],
                Code = $"MAC-{index}",
                NameFr = "Machine",
                NameEn = "Machine",
                AgeAlone = 16,
                AgeAccompanied = 12,
                NeedsMembership = true,
                Requirement = new TrainingNeed.One(training),
                MaxSession = Duration.FromHours(2),
                // Two weeks of openings, as Booking works them out.
                Opening = new OpeningRule.Within([.. Enumerable.Range(-1, 15).Select(day =>
                    new OpenInterval(_now + Duration.FromDays(day) - Duration.FromHours(4), _now + Duration.FromDays(day) + Duration.FromHours(6)))]),
            });
            for (var slot = 0; slot < BookingsPerMachine; slot++)
            {
                var start = _now + Duration.FromHours(3 + (8 * slot));
                entities.Add(new BookingRule
                {
                    Id = BookingId.New(_now), Machine = _machines[index], People = [people[random.Next(people.Length)]], Start = start, End = start + Duration.FromHours(2),
                });
            }
        }

        private void AddMaker(List<PolicyEntity> entities, int index, PersonId person, TrainingId[] trainings, Random random)
        {
            _numbers[index] = $"{0x1000000000L + (index * 7919L):X10}";
            entities.Add(new PersonRule { Id = person, ShortCode = $"M{index}", Adult = true, MembershipUntil = _now + Duration.FromDays(random.Next(-30, 300)) });
            var badge = BadgeId.New(_now);
            entities.Add(new BadgeRule { Id = badge, Person = person, Print = _hasher.Print(ReaderProfile.EmHex.Parse(_numbers[index])!) });
            _matches[index] = new BadgeMatch.Known(badge);
            foreach (var training in trainings.Where(_ => random.Next(2) == 0))
                entities.Add(new HabilitationRule { Id = HabilitationId.New(_now), Person = person, Training = training, ValidUntil = _now + Duration.FromDays(100) });
            entities.Add(new QuotaRule { Id = QuotaId.New(_now), Person = person, From = _now - Duration.FromDays(2), Until = _now + Duration.FromDays(5), Allowed = Duration.FromHours(4), Used = Duration.FromMinutes(random.Next(200)) });
        }
    }
}

/// <summary>What <c>bench decide --json</c> prints.</summary>
internal sealed record DecideBenchResult(
    int Makers, int Machines, long DecisionsPerSecond, long DecisionsPerSecondKnownBadge, double GrantedShare, double P50Us, double P99Us);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DecideBenchResult))]
internal sealed partial class DecideBenchJson : JsonSerializerContext;
