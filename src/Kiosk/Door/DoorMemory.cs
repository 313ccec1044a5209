using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Kiosk.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Kiosk.Door;

/// <summary>
/// What the door knows without asking: whose badge it is, the reasons, the hours, who is in. It is Booking's last answer and what
/// happened here since. First names and hashes are forgotten when Booking has not confirmed them for <see cref="DoorNow.GoodFor"/>.
/// </summary>
internal sealed partial class DoorMemory
{
    private readonly Lock _gate = new();
    private readonly KioskStore _store;
    private readonly KioskSeal _seal;
    private readonly KioskOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DoorMemory> _log;
    private readonly ConcurrentDictionary<Guid, long> _noted = new();
    private BadgeSecrets? _badgeKeys;
    private Copy? _copy;
    private Index _index = Index.Empty;
    private HashSet<PersonId> _in = [];
    private int _withoutName;

    public DoorMemory(KioskStore store, KioskSeal seal, IOptions<KioskOptions> options, TimeProvider time, ILogger<DoorMemory> log)
    {
        (_store, _seal, _options, _time, _log) = (store, seal, options.Value, time, log);
        if (_store.Copy() is { } kept && _seal.Read(kept) is { } plain)
        {
            _copy = JsonSerializer.Deserialize<Copy>(plain, CoreJson.Options);
            Restore();
        }
    }

    /// <summary>Whether the last question to Booking had an answer.</summary>
    public bool Reached { get; private set; }

    /// <summary>The version of the people that are known here; null for none.</summary>
    public string? Version
    {
        get
        {
            lock (_gate)
            {
                ForgetOld();
                return _copy is { Now.People: not null } copy ? copy.Now.Version : null;
            }
        }
    }

    /// <summary>The reasons of a visit; those of the product where Booking has not told any yet.</summary>
    public IReadOnlyList<DoorReason> Reasons
    {
        get
        {
            lock (_gate)
                return _copy?.Now.Reasons is { Count: > 0 } told ? told : DoorReasons.Default;
        }
    }

    /// <summary>Booking's last answer, whatever its age; null when there never was one. Its people may be missing.</summary>
    public DoorNow? Last
    {
        get
        {
            lock (_gate)
            {
                ForgetOld();
                return _copy?.Now;
            }
        }
    }

    private Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    /// <summary>Booking answered.</summary>
    public void Take(DoorNow answer)
    {
        lock (_gate)
        {
            var before = _copy;
            var people = answer.People ?? before?.Now.People;
            _copy = new Copy(Now, answer with { People = people, Reasons = answer.Reasons ?? before?.Now.Reasons });
            Reached = true;
            Restore();
            // The disk is spared where only the hour has changed; what may be forgotten is counted in days.
            if (answer.People is not null || before is null || _copy.FetchedAt - before.KeptAt >= Duration.FromMinutes(10))
            {
                _copy = _copy with { KeptAt = _copy.FetchedAt };
                _store.SetCopy(_seal.Close(JsonSerializer.SerializeToUtf8Bytes(_copy, CoreJson.Options)));
            }
            else
            {
                _copy = _copy with { KeptAt = before.KeptAt };
            }
        }
    }

    /// <summary>Booking did not answer.</summary>
    public void Miss()
    {
        lock (_gate)
        {
            Reached = false;
            ForgetOld();
        }
    }

    /// <summary>Whose badge, QR code or short code it is; null when it is nobody's here.</summary>
    /// <param name="typed">What a reader or a person typed, at most 64 characters.</param>
    public (DoorPerson Person, Core.Visits.VisitWay Way)? Find(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        if (typed.Length is 0 or > 64 || BadgeKeys() is not { } keys)
            return null;
        lock (_gate)
        {
            ForgetOld();
            return _index.Find(typed.Trim(), keys, ReaderProfile.Find(_options.Reader) is { } one ? [one] : ReaderProfile.All);
        }
    }

    public DoorPerson? Person(PersonId id)
    {
        lock (_gate)
        {
            ForgetOld();
            return _index.People.GetValueOrDefault(id);
        }
    }

    public bool IsIn(PersonId id)
    {
        lock (_gate)
            return _in.Contains(id);
    }

    /// <summary>Who is in, as far as is known here, and how many without a name.</summary>
    public (IReadOnlyList<PersonId> People, int WithoutName) Present()
    {
        lock (_gate)
            return ([.. _in], _withoutName);
    }

    /// <summary>Something happened here: it is on the disk when this returns.</summary>
    public void Note(VisitItem item)
    {
        // Before it can be sent.
        _noted[item.Id] = _time.GetTimestamp();
        _store.Append(item);
        lock (_gate)
            Apply(item);
    }

    /// <summary>When an item happened, by the clock as it is now: of this run the time since then is known for certain.</summary>
    public Instant SaidAt(VisitItem item, Instant now) =>
        _noted.TryGetValue(item.Id, out var at) ? now - Duration.FromTimeSpan(_time.GetElapsedTime(at)) : item.At;

    /// <summary>It was handed in.</summary>
    public void Delivered(Guid item) => _noted.TryRemove(item, out _);

    /// <summary>Read again when the file has changed: the lab may have made a new key.</summary>
    private BadgeSecrets? BadgeKeys()
    {
        try
        {
            var written = File.GetLastWriteTimeUtc(_options.BadgeKeyPath);
            if (_badgeKeys is { } known && known.Written == written)
                return known;
            var text = File.ReadAllText(_options.BadgeKeyPath);
            return _badgeKeys = new BadgeSecrets(BadgeKeyRing.Read(text), BadgeKeyRing.KeyOf(text), written);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            Log.NoBadgeKey(_log, _options.BadgeKeyPath);
            return _badgeKeys;
        }
    }

    private void ForgetOld()
    {
        if (_copy is not { Now.People: not null } copy)
            return;
        var age = Now - copy.FetchedAt;
        // A clock that stands before the answer knows nothing of its age.
        if (age <= DoorNow.GoodFor && age >= -VisitBatch.ClockPatience)
            return;
        Log.Forgotten(_log);
        _copy = copy with { Now = copy.Now with { People = null } };
        _store.SetCopy(_seal.Close(JsonSerializer.SerializeToUtf8Bytes(_copy, CoreJson.Options)));
        _index = Index.Empty;
    }

    private void Restore()
    {
        if (_copy?.Now is not { } now)
            return;
        if (!ReferenceEquals(_index.Source, now.People))
            _index = Index.Of(now.People ?? []);
        _in = [.. now.Present.Select(present => present.Person)];
        _withoutName = now.WithoutName;
        foreach (var waiting in _store.First(int.MaxValue))
            Apply(waiting.Item);
    }

    private void Apply(VisitItem item)
    {
        switch (item)
        {
            case { Person: { } person, Act: VisitAct.Arrived or VisitAct.Back }:
                _in.Add(person);
                break;
            case { Person: { } person, Act: VisitAct.Left }:
                _in.Remove(person);
                break;
            case { Person: null, Act: VisitAct.Arrived }:
                _withoutName++;
                break;
        }
    }

    /// <param name="FetchedAt">By the kiosk's clock.</param>
    /// <param name="Now">The answer.</param>
    /// <param name="KeptAt">When it was last written to the disk.</param>
    private sealed record Copy(Instant FetchedAt, DoorNow Now, Instant KeptAt = default);

    private sealed record Index(
        IReadOnlyList<DoorPerson>? Source, FrozenDictionary<PersonId, DoorPerson> People, BadgeIndex Badges, FrozenDictionary<BadgeId, DoorPerson> Owners,
        FrozenDictionary<string, DoorPerson> Codes)
    {
        public static Index Empty { get; } = Of([]);

        public static Index Of(IReadOnlyList<DoorPerson> people)
        {
            var badges = new List<(BadgeId Badge, BadgePrint Print, DoorPerson Owner)>();
            foreach (var person in people)
            {
                foreach (var print in person.Badges)
                    badges.Add((new BadgeId(Guid.NewGuid()), print, person));
            }
            return new Index(
                people, people.ToFrozenDictionary(person => person.Id), BadgeIndex.Of(badges.Select(one => (one.Badge, one.Print))),
                badges.ToFrozenDictionary(one => one.Badge, one => one.Owner),
                people.DistinctBy(person => person.Code, StringComparer.Ordinal).ToFrozenDictionary(person => person.Code, StringComparer.Ordinal));
        }

        public (DoorPerson Person, Core.Visits.VisitWay Way)? Find(string typed, BadgeSecrets keys, IEnumerable<ReaderProfile> readers)
        {
            if (typed.StartsWith(DoorCodes.QrPrefix, StringComparison.OrdinalIgnoreCase) && typed.Length > DoorCodes.QrPrefix.Length + 8)
                return People.Values.FirstOrDefault(person => typed.Equals(DoorCodes.QrOf(keys.Key, person.Id), StringComparison.OrdinalIgnoreCase)) is { } shown
                    ? (shown, Core.Visits.VisitWay.Qr) : null;
            if (ByBadge(KeyboardWedge.Straighten(typed), keys.Ring, readers) is { } owner)
                return (owner, Core.Visits.VisitWay.Badge);
            return Codes.TryGetValue(DoorCodes.HashOf(keys.Key, typed), out var coded) ? (coded, Core.Visits.VisitWay.ShortCode) : null;
        }

        /// <summary>The one person whose badge some reader would write so; nobody when it would be two.</summary>
        private DoorPerson? ByBadge(string typed, BadgeKeyRing keys, IEnumerable<ReaderProfile> readers)
        {
            var found = ReaderProfile.Readings(typed, readers)
                .Select(way => keys.Find(Badges, way.Number, way.Truncates).Match)
                .OfType<BadgeMatch.Known>().Select(match => Owners[match.Badge]).DistinctBy(person => person.Id).Take(2).ToList();
            return found is [var only] ? only : null;
        }
    }

    private sealed record BadgeSecrets(BadgeKeyRing Ring, byte[] Key, DateTime Written);

    private static partial class Log
    {
        [LoggerMessage(EventId = 6031, Level = LogLevel.Warning, Message = "The lab's badge key is not at {Path}: the door knows no badge.")]
        public static partial void NoBadgeKey(ILogger logger, string path);

        [LoggerMessage(EventId = 6032, Level = LogLevel.Warning, Message = "Booking has not answered for days: the door has forgotten whose badge is whose.")]
        public static partial void Forgotten(ILogger logger);
    }
}
