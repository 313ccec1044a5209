using System.Globalization;
using System.Text.Json;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Plugs;
using NodaTime;

namespace FabLab.Gateway.Drivers.FabOMatic;

/// <summary>
/// A Fab-O-matic board: reader, display and relay in one. It asks whether a card may, closes its relay by itself when the answer is yes, and
/// opens it when the same card comes again or when its own limit of minutes is reached. That limit is what we have of a lease: it asks for it
/// every half minute, and is told a little more than it has used already.
/// </summary>
/// <remarks>
/// There is no command that opens it, and none that closes it: a stop is a limit that is over already, heard at its next question. Each
/// question waits two seconds for its answer; then the board looks for the card among the last ten it knows. So it is always answered, and
/// no decision in time is no.
/// </remarks>
internal sealed class FabOMaticDevice : PlugDevice
{
    private const int MostReplayed = 40;

    /// <summary>Nobody who holds it, or a use that is to end: the shortest limit there is.</summary>
    private const int AtOnce = 1;

    private const int FewestMinutes = 2;

    private static readonly TimeSpan Decision = TimeSpan.FromMilliseconds(1500);

    /// <summary>Right after its question for the machine it says that it is in use, if it is.</summary>
    private static readonly TimeSpan UseFollows = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan StartFollows = TimeSpan.FromSeconds(8);

    /// <summary>It says every half minute that it is in use.</summary>
    private static readonly TimeSpan UseIsHeard = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan UntilHeld = TimeSpan.FromSeconds(60);
    private static readonly Duration LongestUse = Duration.FromDays(7);

    /// <summary>It does not number its starts, and its records are told by their length: to the machine it has one life.</summary>
    private const uint Life = 1;

    private readonly string _topic;
    private readonly string _reply;
    private readonly List<(string Uid, long Seconds)> _replayed = [];
    private readonly List<(string Uid, long Seconds)> _known = [];
    private string? _asked;
    private string? _granted;
    private string? _usedBy;
    private long _grantedAt, _useHeardAt, _arrivedAt;
    private Instant _usedSince;
    private int _leaseMinutes = FewestMinutes;
    private int _limit = FewestMinutes;
    private bool _wantsOff, _wasOpen;
    private uint _records;

    // Kept, or they could be collected before they are due.
    private ITimer? _decision, _useFollows;

    public FabOMaticDevice(DeviceSettings settings, string topic, PlugParts parts)
        : base(settings, parts)
    {
        (_topic, _reply) = (topic, topic + "/reply");
        Booted(Life);
    }

    protected override IReadOnlyList<string> Filters => [_topic, _reply];

    /// <summary>By minutes, and the shortest is one: no lease of seconds.</summary>
    protected override bool FailsSafeAlone => false;

    protected override bool IsKnown => true;

    /// <summary>It has no last will; it asks for its machine every half minute.</summary>
    protected override TimeSpan? Silence => UseIsHeard;

    protected override TimeSpan? AskEvery => TimeSpan.FromSeconds(5);

    public override ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            // Its display says what it likes; but who is waiting for an answer has it now.
            if (_asked is null || message.Tone == DisplayTone.Accepted)
                return ValueTask.FromResult(SendOutcome.NotSupported);
            Refuse();
            return ValueTask.FromResult(SendOutcome.Sent);
        }
    }

    protected override bool IsCommand(string topic) => topic == _reply;

    protected override void Forget()
    {
        (_wasOpen, _arrivedAt) = (Relays[0] is { Closed: false, Session: null }, Time.GetTimestamp());
        (_asked, _granted) = (null, null);
    }

    protected override void Closing()
    {
        _decision?.Dispose();
        _useFollows?.Dispose();
    }

    protected override void Ask()
    {
        // It asks, and is never asked.
    }

    protected override void AskAgain()
    {
        var at = Time.GetTimestamp();
        TellReplayed(at);
        if (Relays[0].Closed == true && Time.GetElapsedTime(_useHeardAt, at) > UseIsHeard)
            Switched(0, on: false, at);
    }

    protected override SendOutcome SendOn(int channel, Duration lease)
    {
        (_wantsOff, _leaseMinutes) = (false, Math.Max(FewestMinutes, (int)Math.Ceiling(lease.TotalMinutes) + 1));
        if (_asked is { } uid)
        {
            (_asked, _granted, _grantedAt) = (null, uid, Time.GetTimestamp());
            return Send(_reply, """{"request_ok":true,"is_valid":1,"name":"","level":1}""");
        }
        // Without somebody in front of it nothing starts.
        return Relays[channel].Closed == true || (_granted is not null && Time.GetElapsedTime(_grantedAt) < StartFollows)
            ? SendOutcome.Sent
            : SendOutcome.NotSupported;
    }

    protected override SendOutcome SendOff(int channel)
    {
        _wantsOff = Relays[channel].Closed != false;
        Refuse();
        return SendOutcome.Sent;
    }

    protected override void Take(string topic, ReadOnlySpan<byte> payload, bool retained, long at)
    {
        using var document = PlugJson.Parse(payload);
        if (document is null || PlugJson.Text(document.RootElement, "action") is not { } action)
        {
            Malformed("a message that is none of Fab-O-matic's", at);
            return;
        }
        Heard(at);
        var message = document.RootElement;
        if (PlugJson.Flag(message, "replay") == true)
        {
            Replayed(action, message, at);
            return;
        }
        EndKnown(at);
        switch (action)
        {
            case "alive":
                Alive(message, at);
                break;
            case "checkmachine":
                Machine();
                break;
            case "checkuser":
                User(message, at);
                break;
            case "startuse" or "inuse" when Uid(message, at) is { } uid:
                InUse(uid, Seconds(message), at);
                Done();
                break;
            case "stopuse" when Uid(message, at) is { } uid:
                Stopped(uid, Seconds(message), at);
                Done();
                break;
            case "maintenance":
                // It is never told that any is due.
                Send(_reply, """{"request_ok":false}""");
                break;
        }
        BecomeOnline(at);
        TellReplayed(at);
    }

    private void Alive(JsonElement message, long at)
    {
        if (PlugJson.Text(message, "serial") is { Length: > 0 and < 32 } serial)
            Identified(serial, at);
        if (PlugJson.Text(message, "version") is { Length: > 0 and < 64 } version)
            Firmware = version;
    }

    private void Machine()
    {
        var relay = Relays[0];
        if (relay.Closed is null)
        {
            // A board in use says so within the next moments.
            _useFollows = Once(_useFollows, NotInUse, UseFollows);
        }
        var isHeld = relay.Session is not null || Time.GetElapsedTime(_arrivedAt) < UntilHeld;
        _limit = relay.Closed != true ? FewestMinutes
            : _wantsOff || !isHeld ? AtOnce
            : Math.Min(ushort.MaxValue, (int)(Now - _usedSince).TotalMinutes + _leaseMinutes);
        Send(_reply, string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"request_ok":true,"is_valid":true,"maintenance":false,"allowed":true,"logoff":{{_limit}},"grace":0,"name":"{{Settings.Id}}","type":1,"description":""}"""));
    }

    private ITimer Once(ITimer? before, Action then, TimeSpan due)
    {
        before?.Dispose();
        return Time.CreateTimer(_ => then(), null, due, Timeout.InfiniteTimeSpan);
    }

    private void NotInUse()
    {
        lock (Gate)
        {
            var at = Time.GetTimestamp();
            if (!IsThere || Relays[0].Closed is not null)
                return;
            Switched(0, on: false, at);
            BecomeOnline(at);
            TellReplayed(at);
        }
    }

    /// <summary>A card is held there, and the board waits for the answer. It asks only while it is free.</summary>
    private void User(JsonElement message, long at)
    {
        Switched(0, on: false, at);
        BecomeOnline(at);
        if (Uid(message, at) is not { } uid || Number(uid) is not { } number)
        {
            _asked = "";
            Refuse();
            return;
        }
        _asked = uid;
        _decision = Once(_decision, () => TooLate(uid, at), Decision);
        Tapped(number, ReaderProfile.IsoHexReversed, at);
    }

    private void TooLate(string uid, long askedAt)
    {
        lock (Gate)
        {
            if (_asked == uid && Time.GetElapsedTime(askedAt) >= Decision)
                Refuse();
        }
    }

    private void InUse(string uid, long seconds, long at)
    {
        var relay = Relays[0];
        (_usedBy, _usedSince, _useHeardAt) = (uid, Now - Duration.FromSeconds(seconds), at);
        if (relay.Closed == true)
            return;
        // Found in use, and we may be the ones who started anew: whose use it is the machine knows.
        var isForeign = relay.Session is null && (relay.Closed == false || _wasOpen);
        _granted = null;
        if (!isForeign || Number(uid) is not { } number)
        {
            Switched(0, on: true, at);
            return;
        }
        // A card among the ten that it lets in when nobody answers. First it is there again; then whether the use may go on is decided.
        Switched(0, on: false, at);
        BecomeOnline(at);
        relay.Closed = true;
        var session = SessionId.New(Now);
        TellRelay(closed: true, _usedSince, session, at);
        TellRelay(closed: false, Now, session, at);
        Report(new DeviceReport.RelayReport(Id, Now, at, 0, Closed: true, RelayCauses.Offline, session));
        Report(new DeviceReport.OfflineUseReport(Id, _usedSince, at, 0, number, ReaderProfile.IsoHexReversed, Granted: true, Session: session));
    }

    private void Stopped(string uid, long seconds, long at)
    {
        // The same card again. When its own limit was over instead, nobody was there.
        if (Relays[0] is { Session: not null, Confirmed: true } && uid == _usedBy && seconds < 60L * _limit && Number(uid) is { } number)
            Tapped(number, ReaderProfile.IsoHexReversed, at);
        Switched(0, on: false, at);
        (_usedBy, _wantsOff) = (null, false);
    }

    /// <summary>
    /// Said while nobody listened, without a time and sometimes twice. A use has its length; when it was is not known, and all of them were
    /// over when the board came back.
    /// </summary>
    private void Replayed(string action, JsonElement message, long at)
    {
        Done();
        if (action != "stopuse" || Uid(message, at) is not { } uid)
            return;
        var use = (uid, Seconds(message));
        if (_replayed.Count < MostReplayed && !_replayed.Contains(use) && !_known.Contains(use))
            _replayed.Add(use);
    }

    /// <summary>One that had begun while we listened: its start is known, and with its length its end. It was told of already.</summary>
    private void EndKnown(long at)
    {
        if (_usedBy is null || _replayed.Find(use => use.Uid == _usedBy) is not { Uid: not null } own)
            return;
        _replayed.Remove(own);
        _known.Add(own);
        var ended = Instant.Min(Now, _usedSince + Duration.FromSeconds(own.Seconds));
        TellRelay(closed: false, ended, Relays[0].End(), at);
        (Relays[0].Closed, _usedBy) = (false, null);
    }

    /// <summary>What its relay did while nobody listened, as a record: it is history, and nothing moves by it.</summary>
    private void TellRelay(bool closed, Instant when, SessionId? session, long at)
    {
        // Grows with the time, so that the records of another day are others.
        _records = Math.Max(_records + 1, (uint)(Now.ToUnixTimeSeconds() & 0x1FF_FFFF) << 7);
        Report(new DeviceReport.RelayReport(Id, when, at, 0, closed, RelayCauses.Offline, session, Key: new JournalKey(Id, Life, _records)) { Time = ReportTime.DeviceClock });
    }

    /// <summary>The uses of while nobody listened. Not before it is there again: what is told of a device that is away is in doubt.</summary>
    private void TellReplayed(long at)
    {
        if (_replayed.Count == 0 || !IsOnline)
            return;
        // One after the other, the last one over now at the latest.
        var from = Now - Duration.FromSeconds(_replayed.Sum(use => use.Seconds));
        foreach (var (uid, seconds) in _replayed)
        {
            var to = from + Duration.FromSeconds(seconds);
            if (Number(uid) is { } number)
            {
                var session = SessionId.New(Now);
                Report(new DeviceReport.OfflineUseReport(Id, from, at, 0, number, ReaderProfile.IsoHexReversed, Granted: true, Session: session) { Time = ReportTime.DeviceClock });
                TellRelay(closed: true, from, session, at);
                TellRelay(closed: false, to, session, at);
            }
            from = to;
        }
        _known.AddRange(_replayed);
        if (_known.Count > MostReplayed)
            _known.RemoveRange(0, _known.Count - MostReplayed);
        _replayed.Clear();
    }

    private void Refuse()
    {
        if (_asked is null)
            return;
        _asked = null;
        Send(_reply, """{"request_ok":true,"is_valid":2,"name":"","level":0}""");
    }

    private void Done() => Send(_reply, """{"request_ok":true}""");

    private string? Uid(JsonElement message, long at)
    {
        if (PlugJson.Text(message, "uid") is { Length: 8 } uid && uid.All(char.IsAsciiHexDigit))
            return uid;
        Refused(DeviceFaults.BadgeForm, "a badge number that this board would not write", at);
        return null;
    }

    private static BadgeNumber? Number(string uid) => ReaderProfile.IsoHexReversed.Parse(uid);

    private static long Seconds(JsonElement message) =>
        PlugJson.Number(message, "duration") is { } seconds ? (long)Math.Clamp(seconds, 0, LongestUse.TotalSeconds) : 0;
}
