using System.Security.Cryptography;
using FabLab.Contracts;
using FabLab.Core.Visits;

namespace FabLab.Kiosk.Door;

/// <summary>Somebody at the screen, from their badge until they go: known under a token that nobody guesses.</summary>
internal sealed class Moment
{
    public required string Token { get; init; }

    public required DoorPerson Person { get; init; }

    /// <summary>The visit that began, or the one that would.</summary>
    public required VisitId Visit { get; init; }

    /// <summary>They were in before this moment.</summary>
    public required bool Already { get; init; }

    /// <summary>Shown by a badge or a QR code: then the screen may speak of what is theirs. A short code is known to others.</summary>
    public required bool Sure { get; init; }

    /// <summary>What the reader wrote when it was a badge: what proves it to Booking, for as long as the moment lasts. Null after anything else.</summary>
    public string? Badge { get; init; }

    /// <summary>The PIN was right: the staff's part is open.</summary>
    public bool Staff { get; set; }

    /// <summary>When the screen last asked for it.</summary>
    public long UsedAt { get; set; }

    /// <summary>The item by which they left, to be taken back.</summary>
    public bool Gone { get; set; }
}

/// <summary>The moments there are. They end by themselves when the screen is left.</summary>
internal sealed class Moments(TimeProvider time)
{
    /// <summary>Longer than the screen waits before it goes back to its start.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(120);

    /// <summary>Wrong PINs of one person before they wait.</summary>
    private const int Tries = 5;

    private static readonly TimeSpan TriesIn = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Moment> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<Core.PersonId, List<long>> _wrong = [];

    public Moment Begin(DoorPerson person, VisitId visit, bool already, bool sure, string? badge = null)
    {
        lock (_gate)
        {
            foreach (var old in _open.Values.Where(IsOver).ToList())
                _open.Remove(old.Token);
            var moment = new Moment
            {
                Token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Person = person, Visit = visit, Already = already, Sure = sure, Badge = badge, UsedAt = time.GetTimestamp(),
            };
            _open[moment.Token] = moment;
            return moment;
        }
    }

    /// <summary>The moment of a token; null when it is over.</summary>
    public Moment? Find(string token)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(token, out var moment) || IsOver(moment))
                return null;
            moment.UsedAt = time.GetTimestamp();
            return moment;
        }
    }

    public void End(string? token)
    {
        lock (_gate)
        {
            if (token is not null)
                _open.Remove(token);
        }
    }

    /// <summary>Whether a PIN is the right one. After some wrong ones every PIN is wrong for a while.</summary>
    public bool Proves(Moment moment, string pin)
    {
        if (moment is not { Sure: true, Person.Pin: { } known })
            return false;
        lock (_gate)
        {
            var tries = _wrong.TryGetValue(moment.Person.Id, out var before) ? before : _wrong[moment.Person.Id] = [];
            tries.RemoveAll(at => time.GetElapsedTime(at) >= TriesIn);
            if (tries.Count >= Tries)
                return false;
            var right = CryptographicOperations.FixedTimeEquals(
                Rfc2898DeriveBytes.Pbkdf2(pin, known.Salt, Math.Clamp(known.Rounds, 1, 2_000_000), HashAlgorithmName.SHA256, 32), known.Hash);
            if (right)
                tries.Clear();
            else
                tries.Add(time.GetTimestamp());
            return moment.Staff = right;
        }
    }

    private bool IsOver(Moment moment) => time.GetElapsedTime(moment.UsedAt) >= Kept;
}
