using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Pn532;

/// <summary>
/// A 13.56 MHz reader on a serial port. The chip says nothing by itself: it is woken, told to read without its security module, told to give
/// up soon when no tag lies there, and asked anew whenever it has. One that falls silent is woken anew.
/// </summary>
internal sealed partial class Pn532Device : ListeningDevice, ISerialSink
{
    private const byte SamConfiguration = 0x14;
    private const byte RfConfiguration = 0x32;
    private const byte InListPassiveTarget = 0x4A;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>A tag that lies there is told of at once, again and again: it is asked for less often.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>A long preamble: the chip needs 2 ms from the first bytes until it listens.</summary>
    private static readonly byte[] Wake = [0x55, 0x55, .. new byte[14]];

    private readonly ISerialLink _link;
    private readonly Pn532FrameParser _parser = new();
    private readonly TagPresence _presence;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private byte _awaited;
    private long _askedAt;
    private TimeSpan _pause;
    private bool _isUp;
    private bool _isOnline;

    public Pn532Device(DeviceId id, ISerialLink link, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReadsBadges, time, logger)
    {
        _link = link;
        _presence = new TagPresence(time);
    }

    public void Start()
    {
        _timer = Time.CreateTimer(_ => Tick(), null, Look, Look);
        _link.Start(this);
    }

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        lock (_gate)
        {
            var bad = _parser.Bad;
            _parser.Take(bytes, frame =>
            {
                if (frame.Kind == Pn532FrameKind.Answer)
                    Answered(frame.Data, receivedTimestamp);
            });
            if (_parser.Bad == bad)
                return;
            DriverMetrics.Refused.Add(_parser.Bad - bad);
            if (LogGate.Pass("frame", out var heldBack))
                Log.BadFrame(Logger, Id, heldBack);
        }
    }

    public void OnLinkChanged(bool up)
    {
        lock (_gate)
        {
            _isUp = up;
            _parser.Reset();
            _presence.Reset();
            if (up)
                WakeUp();
            else
                Online(false);
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The UID of the one tag in an answer to InListPassiveTarget for ISO 14443 type A; null for none, and for what is no such answer.</summary>
    internal static string? Uid(ReadOnlySpan<byte> answer)
    {
        // 4B, number of tags, then per tag: its number, ATQA (2), SAK, length of the UID, UID.
        if (answer.Length < 7 || answer[0] != InListPassiveTarget + 1 || answer[1] != 1)
            return null;
        var length = answer[6];
        return length is 4 or 7 or 10 && answer.Length >= 7 + length ? Convert.ToHexString(answer.Slice(7, length)) : null;
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (!_isUp)
                return;
            var waited = Time.GetElapsedTime(_askedAt);
            if (_awaited == 0 && waited >= _pause)
                LookForTag();
            else if (_awaited != 0 && waited >= Patience)
                WakeUp();
        }
    }

    private void WakeUp()
    {
        if (_awaited != 0)
            Online(false);
        _link.Write(Wake);
        Ask(SamConfiguration, 0x01, 0x00);
    }

    private void LookForTag() => Ask(InListPassiveTarget, 0x01, 0x00);

    private void Ask(params ReadOnlySpan<byte> command)
    {
        (_awaited, _askedAt) = ((byte)(command[0] + 1), Time.GetTimestamp());
        _link.Write(Pn532FrameParser.Command(command));
    }

    private void Answered(byte[] data, long at)
    {
        // What was asked before it was woken anew, or never.
        if (data[0] != _awaited)
            return;
        _awaited = 0;
        switch (data[0])
        {
            case SamConfiguration + 1:
                // Seventeen looks for a tag, a tenth of a second, then it says that there is none: without it the chip would be silent until one comes.
                Ask(RfConfiguration, 0x05, 0xFF, 0x01, 0x10);
                break;
            case RfConfiguration + 1:
                _pause = Look;
                Online(true);
                break;
            default:
                Read(data, at);
                break;
        }
    }

    private void Read(byte[] data, long at)
    {
        var found = Uid(data);
        _pause = found is null ? Look : AskEvery;
        // It looks by itself: while it does, a tag is told of the moment it comes. One that says at once that there is none is not driven round.
        if (found is null && Time.GetElapsedTime(_askedAt) >= Look)
            LookForTag();
        if (found is not { } uid || !_presence.Take(new TagFrame(uid, Once: true), at))
            return;
        if (ReaderProfile.IsoHex.Parse(uid) is { } number)
            Queue.Post(new DeviceReport.BadgeRead(Id, Now, at, 0, number, ReaderProfile.IsoHex, Live: true));
    }

    private void Online(bool online)
    {
        if (_isOnline == online)
            return;
        _isOnline = online;
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), online));
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3510, Level = LogLevel.Warning, Message = "{Device}: a frame whose check sum is wrong. ({HeldBack} like it not shown)")]
        public static partial void BadFrame(ILogger logger, DeviceId device, int heldBack);
    }
}
