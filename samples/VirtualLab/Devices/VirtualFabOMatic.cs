using System.Globalization;
using System.Text.Json;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A board with Fab-O-matic: one question at a time, each waiting for its answer as long as the real one does; a relay that it closes and
/// opens itself; the last cards that were let in, for when nobody answers; and what it could not say kept for later, without a time.
/// </summary>
/// <param name="wiring">How it is made; its topic is machine/ and a number.</param>
internal sealed class VirtualFabOMatic(PlugWiring wiring) : VirtualPlug(wiring, will: null, $"{wiring.Topic}/reply")
{
    private const int RefreshMs = 30_000;
    private const int AliveMs = 120_000;
    private const int ReplyMs = 2_000;
    private const int MostCached = 10;

    private readonly Queue<(string Text, bool Kept, Action<JsonElement?> Then)> _questions = [];
    private readonly Queue<string> _kept = [];
    private readonly List<string> _cached = [];
    private (string Text, bool Kept, Action<JsonElement?> Then)? _asking;
    private long _askedAtMs, _refreshedAtMs, _aliveAtMs;
    private string? _user;
    private long _usedFromMs;
    private long _logoffMs = 12 * 3_600_000;
    private bool _isOnline, _isTelling;

    /// <summary>What its display said last: yes, no, or bye.</summary>
    public string? Said { get; private set; }

    /// <summary>Its answers get lost from now on: it hears nothing.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>A card of four bytes; of a longer number the last four.</summary>
    public override void Tap(int reader, string number)
    {
        lock (Gate)
        {
            var bytes = Convert.FromHexString(number[^8..]);
            Array.Reverse(bytes);
            var uid = Convert.ToHexStringLower(bytes);
            if (_user == uid)
                Logout();
            else if (_user is null)
                Ask($$"""{"action":"checkuser","uid":"{{uid}}"}""", kept: false, answer => Checked(uid, answer));
        }
    }

    protected override void Connected()
    {
        _isOnline = true;
        Alive();
        Refresh();
    }

    protected override void Disconnected()
    {
        _isOnline = false;
        if (_asking is { } asking)
            Answered(asking, null);
    }

    protected override void TellRelay()
    {
        // It tells of uses and not of its relay.
    }

    protected override void TellMeter(double watts, long milliWattHours)
    {
        // It has none. But the time has passed.
        var now = NowMs;
        if (_asking is { } asking && now - _askedAtMs >= 2 * ReplyMs)
            Answered(asking, null);
        if (_user is not null && _logoffMs > 0 && now - _usedFromMs > _logoffMs)
            Logout();
        if (_isOnline && now - _aliveAtMs >= AliveMs)
            Alive();
        if (_isOnline && now - _refreshedAtMs >= RefreshMs)
            Refresh();
    }

    protected override TimeSpan MeterPeriod => TimeSpan.FromMilliseconds(50);

    protected override void Obey(string topic, string text)
    {
        if (IsDeaf || _asking is not { } asking)
            return;
        using var document = JsonDocument.Parse(text);
        Answered(asking, document.RootElement);
    }

    private void Alive()
    {
        _aliveAtMs = NowMs;
        Say(Topic, """{"action":"alive","version":"0.9.1,33bc6de","ip":"192.168.1.7","serial":"dcda0c4197aa","heap":"1 kB"}""");
    }

    private void Refresh()
    {
        _refreshedAtMs = NowMs;
        Ask("""{"action":"checkmachine"}""", kept: false, answer =>
        {
            if (answer is { } machine && machine.GetProperty("request_ok").GetBoolean())
                _logoffMs = machine.GetProperty("logoff").GetInt32() * 60_000L;
            if (_user is { } user)
                Ask(Use("inuse", user), kept: false, _ => { });
        });
    }

    private void Checked(string uid, JsonElement? answer)
    {
        var allowed = answer is { } user && user.GetProperty("request_ok").GetBoolean() ? user.GetProperty("is_valid").GetInt32() == 1 : _cached.Contains(uid);
        if (answer is not null)
        {
            _cached.Remove(uid);
            if (allowed)
                _cached.Insert(0, uid);
            if (_cached.Count > MostCached)
                _cached.RemoveAt(MostCached);
        }
        Said = allowed ? "yes" : "no";
        if (!allowed)
            return;
        (_user, _usedFromMs) = (uid, NowMs);
        SetRelay(closed: true, NowMs);
        Ask($$"""{"action":"startuse", "uid":"{{uid}}"}""", kept: true, _ => { });
        Refresh();
    }

    private void Logout()
    {
        Ask(Use("stopuse", _user!), kept: true, _ => { });
        _user = null;
        Said = "bye";
        SetRelay(closed: false, NowMs);
    }

    private string Use(string action, string user) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"action":"{{action}}", "uid":"{{user}}","duration":{{(NowMs - _usedFromMs) / 1000}}}""");

    private void Ask(string text, bool kept, Action<JsonElement?> then)
    {
        _questions.Enqueue((text, kept, then));
        Next();
    }

    private void Next()
    {
        while (_asking is null && !_isTelling && (_questions.Count > 0 || (_isOnline && _kept.Count > 0)))
        {
            if (_isOnline && _kept.TryDequeue(out var old))
            {
                // What waited goes first, and says only that it waited.
                Put(old[..^1] + ", \"replay\":true}", kept: false, _ => { });
                return;
            }
            var (text, kept, then) = _questions.Dequeue();
            if (_isOnline)
            {
                Put(text, kept, then);
                return;
            }
            if (kept)
                _kept.Enqueue(text);
            then(null);
        }
    }

    private void Put(string text, bool kept, Action<JsonElement?> then)
    {
        (_asking, _askedAtMs) = ((text, kept, then), NowMs);
        Say(Topic, text);
    }

    private void Answered((string Text, bool Kept, Action<JsonElement?> Then) asking, JsonElement? answer)
    {
        _asking = null;
        // What it does on an answer may be to ask again.
        _isTelling = true;
        asking.Then(answer);
        _isTelling = false;
        Next();
    }
}
