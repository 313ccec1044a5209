using System.Globalization;
using System.Security.Cryptography;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Gateway.Drivers.Rdm6300;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>
/// A reader that speaks OSDP, on a line that it may share with others. It says nothing unasked: who it is, what it can, then the secure channel, and then it is
/// asked twenty times a second. Nothing it says counts until the channel is open, and nothing in plain text after that.
/// </summary>
internal sealed partial class OsdpDevice : ListeningDevice, ISerialSink
{
    private const int BitsPerByte = 10;
    private const int MostWanted = 4;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A reader that was silent for so long is away, and so is our session for it.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan BeginEvery = TimeSpan.FromSeconds(1);

    /// <summary>Who was refused is not asked again at once.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private readonly ISerialLink _link;
    private readonly OsdpOptions _options;
    private readonly TimeSpan _perByte;
    private readonly OsdpFrameParser _parser = new();
    private readonly TagPresence _presence;
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _wanted = [];
    private readonly Dictionary<byte, byte> _can = [];
    private OsdpSecureChannel? _channel;
    private ITimer? _timer;
    private Step _step;
    private bool _isInstalling, _isInstalled;
    private byte[] _sent = [];
    private byte _sentCode;
    private bool _isAwaiting;
    private int _sequence;
    private long _sentAt, _heardAt, _restAt;
    private TimeSpan _rest;
    private bool _isUp, _isOnline, _isRefused;

    public OsdpDevice(DeviceId id, ISerialLink link, OsdpOptions options, TimeProvider time, ILogger logger)
        : base(id, DriverAbilities.ReadsBadges, time, logger)
    {
        (_link, _options) = (link, options);
        _perByte = TimeSpan.FromSeconds((double)BitsPerByte / options.Baud);
        _presence = new TagPresence(time);
    }

    private enum Step
    {
        Resting,
        Identity,
        Capabilities,
        Challenge,
        Proof,
        NewKey,
        Open,
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
            _parser.Take(bytes, frame => Heard(frame, receivedTimestamp));
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
            _presence.Reset();
            Rest(TimeSpan.Zero);
            if (up)
                Begin();
        }
    }

    public override ValueTask<SendOutcome> ShowAsync(DisplayMessage message, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_isOnline)
                return ValueTask.FromResult(SendOutcome.LinkDown);
            var before = _wanted.Count;
            foreach (var command in OsdpSigns.Of(message, _can))
            {
                if (_wanted.Count < MostWanted)
                    _wanted.Enqueue(command);
            }
            if (_wanted.Count == before)
                return ValueTask.FromResult(SendOutcome.NotSupported);
            if (!_isAwaiting)
                Ask();
            return ValueTask.FromResult(SendOutcome.Sent);
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _channel?.Dispose();
            _channel = null;
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (!_isUp)
                return;
            if (_step == Step.Resting)
            {
                if (Time.GetElapsedTime(_restAt) >= _rest)
                    Begin();
            }
            else if (_isAwaiting)
            {
                if (Time.GetElapsedTime(_heardAt) >= Away)
                    Rest(BeginEvery);
                else if (Time.GetElapsedTime(_sentAt) >= OsdpLine.Patience + (_perByte * _sent.Length))
                    SendAgain();
            }
            else if (Time.GetElapsedTime(_sentAt) >= AskEvery)
            {
                Ask();
            }
        }
    }

    private void Begin()
    {
        (_step, _heardAt) = (Step.Identity, Time.GetTimestamp());
        SendPlain(first: true, OsdpCodes.Identify, 0x00);
    }

    private void OpenChannel(bool installing)
    {
        _channel?.Dispose();
        _isInstalling = installing;
        _channel = new OsdpSecureChannel(installing ? OsdpSecureChannel.DefaultKey : _options.Key, RandomNumberGenerator.GetBytes(8));
        _step = Step.Challenge;
        // A session begins with the numbers of the frames too.
        _sequence = 0;
        Send(OsdpCodes.Challenge, _channel.ChallengeFrame(_options.Address, _sequence));
    }

    private void Ask()
    {
        if (_wanted.TryDequeue(out var command))
            SendSealed(command[0], command.AsSpan(1));
        else
            SendSealed(OsdpCodes.Poll, []);
    }

    private void Heard(OsdpFrame frame, long at)
    {
        // Our own, back from the line; another reader's; or an answer to what was asked before.
        if (!frame.IsReply || frame.Address != _options.Address || !_isAwaiting)
            return;
        if (frame is { Sequence: 0, Scs: 0, Code: OsdpCodes.Busy })
        {
            (_heardAt, _sentAt) = (Time.GetTimestamp(), Time.GetTimestamp());
            return;
        }
        if (frame.Sequence != _sequence)
            return;
        _isAwaiting = false;
        _heardAt = Time.GetTimestamp();
        switch (_step)
        {
            case Step.Identity:
                Identity(frame);
                break;
            case Step.Capabilities:
                Capabilities(frame);
                break;
            case Step.Challenge:
                if (_channel!.TakeProof(frame))
                    (_step, _) = (Step.Proof, Send(OsdpCodes.ServerCryptogram, _channel.ProofFrame(_options.Address, NextSequence())));
                else
                    OtherKey();
                break;
            case Step.Proof:
                if (!_channel!.TakeFirstSeal(frame))
                    OtherKey();
                else if (_isInstalling)
                    (_step, _) = (Step.NewKey, SendSealed(OsdpCodes.KeySet, [0x01, OsdpSecureChannel.KeyLength, .. _options.Key]));
                else
                    CameUp();
                break;
            case Step.NewKey or Step.Open:
                Sealed(frame, at);
                break;
        }
    }

    private void Identity(OsdpFrame frame)
    {
        if (frame is not { Scs: 0, Code: OsdpCodes.Identity, Body.Length: 13 })
        {
            Rest(BeginEvery);
            return;
        }
        var id = frame.Body;
        Firmware = string.Create(CultureInfo.InvariantCulture, $"{id[1]:X2}{id[2]:X2}{id[3]:X2}-{id[4]}.{id[5]} {id[10]}.{id[11]}.{id[12]}");
        _step = Step.Capabilities;
        SendPlain(first: false, OsdpCodes.Capabilities, 0x00);
    }

    private void Capabilities(OsdpFrame frame)
    {
        if (frame is not { Scs: 0, Code: OsdpCodes.CapabilityList } || frame.Body.Length % 3 != 1)
        {
            Rest(BeginEvery);
            return;
        }
        _can.Clear();
        for (var at = 1; at < frame.Body.Length; at += 3)
            _can[frame.Body[at]] = frame.Body[at + 1];
        if ((_can.GetValueOrDefault(OsdpCodes.CanSeal) & 1) == 0)
            Refuse("it knows no secure channel");
        else
            OpenChannel(installing: false);
    }

    /// <summary>It did not prove that it has the key, or does not believe that we have it.</summary>
    private void OtherKey()
    {
        if (_isInstalling)
            Refuse("it has neither its own key nor the one of the factory");
        else if (IsArmed())
            OpenChannel(installing: true);
        else
            Refuse("its key is not the one in devices.json");
    }

    /// <summary>The factory's key is spoken once, when somebody has said so less than an hour ago, and only to give the reader its own.</summary>
    private bool IsArmed() =>
        !_isInstalled && _options.InstallUntil is { } until && Now < until && until - Now <= OsdpOptions.LongestInstall;

    private void Sealed(OsdpFrame frame, long at)
    {
        var body = _channel!.Open(frame);
        // The reader may drop the old session with the old key before it answers.
        if (body is null && _step == Step.NewKey && frame is { Scs: 0, Code: OsdpCodes.Ack })
            body = frame.Body;
        if (body is null)
        {
            if (frame is { Scs: 0, Code: OsdpCodes.Nak })
                // It has lost the session: power, or somebody who wants that. A new one is made.
                Rest(TimeSpan.Zero);
            else
                Refuse(frame.Scs == 0 ? "it answers in plain text" : "the seal of its answer is wrong");
        }
        else if (_step == Step.NewKey)
        {
            if (body[0] != OsdpCodes.Ack)
            {
                Refuse("it does not take its new key");
                return;
            }
            _isInstalled = true;
            Log.Installed(Logger, Id);
            OpenChannel(installing: false);
        }
        else
        {
            Told(body, at);
        }
    }

    private void Told(byte[] body, long at)
    {
        switch (body[0])
        {
            case OsdpCodes.Nak when _sentCode == OsdpCodes.Poll:
                Rest(BeginEvery);
                return;
            case OsdpCodes.CardData:
                Card(body.AsSpan(1), at);
                break;
            case OsdpCodes.Keys:
                // What was typed is nobody's badge and may be somebody's code: not even how many keys is written down.
                if (LogGate.Pass("keys", out var heldBack))
                    Log.Keys(Logger, Id, heldBack);
                break;
            case OsdpCodes.LocalStatus when body.Length == 3:
                Queue.Post(new DeviceReport.DeviceFaultReport(Id, Now, at, DeviceFaults.Tamper, "Somebody opens the reader.", Standing: body[1] != 0));
                break;
        }
        // What waits to be shown does not wait for the next question.
        if (_wanted.Count > 0)
            Ask();
    }

    private void Card(ReadOnlySpan<byte> data, long at)
    {
        if (OsdpCard.Read(data, _options.Profile) is not { Number: { } number } card)
        {
            DriverMetrics.Refused.Add(1);
            var bits = data.Length >= 4 ? data[2] | (data[3] << 8) : 0;
            if (LogGate.Pass("card", out var heldBack))
                Log.NoNumber(Logger, Id, bits, heldBack);
            return;
        }
        if (_presence.Take(new TagFrame(number.Canonical, Once: true), at))
            Queue.Post(new DeviceReport.BadgeRead(Id, Now, at, card.Reader, number, card.Profile, Live: true));
    }

    private void CameUp()
    {
        _step = Step.Open;
        _isOnline = true;
        if (_isRefused)
        {
            _isRefused = false;
            Queue.Post(new DeviceReport.DeviceFaultReport(Id, Now, Time.GetTimestamp(), DeviceFaults.NotSealed, Standing: false));
        }
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), true, Firmware));
    }

    private void Refuse(string why)
    {
        DriverMetrics.Refused.Add(1);
        if (LogGate.Pass("refused", out var heldBack))
            Log.NotSealed(Logger, Id, why, heldBack);
        if (!_isRefused)
        {
            _isRefused = true;
            Queue.Post(new DeviceReport.DeviceFaultReport(Id, Now, Time.GetTimestamp(), DeviceFaults.NotSealed, $"The reader is not listened to: {why}."));
        }
        Rest(RefusedFor);
    }

    /// <summary>The session is over; another one is begun after a while.</summary>
    private void Rest(TimeSpan howLong)
    {
        (_step, _restAt, _rest, _isAwaiting) = (Step.Resting, Time.GetTimestamp(), howLong, false);
        _wanted.Clear();
        _channel?.Dispose();
        _channel = null;
        if (!_isOnline)
            return;
        _isOnline = false;
        Queue.Post(new DeviceReport.LinkReport(Id, Now, Time.GetTimestamp(), false));
    }

    private void SendPlain(bool first, params ReadOnlySpan<byte> body)
    {
        // 0 tells the reader to forget what was.
        var sequence = first ? _sequence = 0 : NextSequence();
        Send(body[0], OsdpFrameParser.Command(_options.Address, sequence, [], body));
    }

    private bool SendSealed(byte code, ReadOnlySpan<byte> data) => Send(code, _channel!.Seal(_options.Address, NextSequence(), code, data));

    private int NextSequence() => _sequence = _sequence % 3 + 1;

    private bool Send(byte code, byte[] frame)
    {
        (_sentCode, _sent, _isAwaiting) = (code, frame, true);
        SendAgain();
        return true;
    }

    /// <summary>The very same bytes: the reader knows them by their number, and the seals go on.</summary>
    private void SendAgain()
    {
        _parser.Reset();
        _sentAt = Time.GetTimestamp();
        _link.Write(_sent);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3540, Level = LogLevel.Warning, Message = "{Device}: a frame whose check sum or length is wrong. ({HeldBack} like it not shown)")]
        public static partial void BadFrame(ILogger logger, DeviceId device, int heldBack);

        [LoggerMessage(EventId = 3541, Level = LogLevel.Warning, Message = "{Device}: a card of {Bits} bits that is no number known here. ({HeldBack} like it not shown)")]
        public static partial void NoNumber(ILogger logger, DeviceId device, int bits, int heldBack);

        [LoggerMessage(EventId = 3542, Level = LogLevel.Error, Message = "{Device}: the reader is not listened to, {Why}. ({HeldBack} like it not shown)")]
        public static partial void NotSealed(ILogger logger, DeviceId device, string why, int heldBack);

        [LoggerMessage(EventId = 3544, Level = LogLevel.Information, Message = "{Device}: keys were pressed on its keypad; they are not read. ({HeldBack} like it not shown)")]
        public static partial void Keys(ILogger logger, DeviceId device, int heldBack);

        [LoggerMessage(EventId = 3543, Level = LogLevel.Information, Message = "{Device}: the reader has taken its own key; the factory's is not spoken any more.")]
        public static partial void Installed(ILogger logger, DeviceId device);
    }
}
