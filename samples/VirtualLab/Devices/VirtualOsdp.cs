using System.Security.Cryptography;
using FabLab.VirtualLab.Serial;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// A reader with OSDP on a serial line, with a lamp and a buzzer. It answers when it is asked, and knows the secure channel with its own key
/// or, as it left the factory, with the one that everybody knows. A tap is a card that it tells of once.
/// </summary>
internal sealed class VirtualOsdp(string id, string link, byte[]? key, int address = 0) : IVirtualDevice
{
    private const int SealLength = 4;
    private static readonly byte[] FactoryKey = [.. Enumerable.Range(0x30, 16).Select(b => (byte)b)];

    private readonly Lock _gate = new();
    private readonly List<byte> _heard = [];
    private readonly Queue<byte[]> _cards = [];
    private readonly List<byte> _codes = [];
    private PseudoTerminal? _terminal;
    private bool _on = true, _plugged = true, _plain, _wrongSeal, _deaf, _unable;
    private int _busy;
    private byte[] _key = key ?? FactoryKey;
    private bool _fromFactory = key is null;
    private byte[] _panelRandom = [], _random = [], _encryption = [], _sealing = [], _lastSealing = [], _seal = [];
    private bool _isOpen;
    private byte[] _lastCommand = [], _lastReply = [];
    private bool _isOpening;

    public event Action<Shown>? Displayed;

    /// <summary>It is about to tell of a card.</summary>
    public event Action? Telling;

    public string Id => id;

    public bool IsConnected
    {
        get
        {
            lock (_gate)
                return _terminal is not null;
        }
    }

    /// <summary>Its own key; null as it left the factory.</summary>
    public byte[]? Key
    {
        get
        {
            lock (_gate)
                return _fromFactory ? null : _key;
        }
    }

    /// <summary>The commands that it has understood, in order, each by its number; 60, the question, left out.</summary>
    public IReadOnlyList<byte> Codes
    {
        get
        {
            lock (_gate)
                return [.. _codes];
        }
    }

    public void Start() => Follow();

    public void Tick()
    {
        // It speaks when it is asked.
    }

    /// <summary>A card whose number has ten digits comes as the 34 bits a 125 kHz reader makes of it, any other as its bytes.</summary>
    public void Tap(int reader, string number)
    {
        var bytes = Convert.FromHexString(number);
        if (bytes.Length != 5)
        {
            TapBits(reader, 8 * bytes.Length, bytes);
            return;
        }
        var low = Convert.ToUInt64(number[2..], 16);
        var even = (ulong)(System.Numerics.BitOperations.PopCount(low >> 16) & 1);
        var odd = (ulong)(~System.Numerics.BitOperations.PopCount(low & 0xFFFF) & 1);
        var frame = ((even << 33) | (low << 1) | odd) << 6;
        TapBits(reader, 34, [(byte)(frame >> 32), (byte)(frame >> 24), (byte)(frame >> 16), (byte)(frame >> 8), (byte)frame]);
    }

    /// <summary>A card that gives any bits.</summary>
    public void TapBits(int reader, int bits, byte[] bytes)
    {
        lock (_gate)
            _cards.Enqueue([(byte)reader, 0, (byte)bits, (byte)(bits >> 8), .. bytes]);
    }

    public void Cable(bool plugged, bool silent)
    {
        _plugged = plugged;
        Follow();
    }

    public void Power(bool on)
    {
        (_on, _isOpen) = (on, false);
        Follow();
    }

    public bool Misbehave(string how)
    {
        lock (_gate)
        {
            switch (how)
            {
                case "garbage":
                    _terminal?.Write([0xFF, 0x53, 0x80, 0x05, 0x00, 0x00, 0x53, 0x80, 0xFF]);
                    return true;
                case "wrong-checksum":
                    _terminal?.Write([0xFF, 0x53, (byte)(address | 0x80), 0x08, 0x00, 0x05, 0x40, 0x12, 0x34]);
                    return true;
                case "silence":
                    _deaf = true;
                    return true;
                case "hears-again":
                    _deaf = false;
                    return true;
                case "plain":
                    _plain = true;
                    return true;
                case "sealed-again":
                    _plain = _unable = false;
                    return true;
                case "wrong-seal":
                    _wrongSeal = true;
                    return true;
                case "forgets":
                    _isOpen = false;
                    return true;
                case "busy":
                    _busy = 3;
                    return true;
                case "knows-no-channel":
                    _unable = true;
                    return true;
                case "tamper":
                    _isOpening = true;
                    return true;
                default:
                    return false;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _terminal?.Dispose();
            _terminal = null;
        }
        return ValueTask.CompletedTask;
    }

    private void Follow()
    {
        lock (_gate)
        {
            if (!_on || !_plugged)
            {
                _terminal?.Dispose();
                _terminal = null;
                _heard.Clear();
                return;
            }
            if (_terminal is not null)
                return;
            var terminal = _terminal = PseudoTerminal.Open(link);
            new Thread(() => Read(terminal)) { IsBackground = true, Name = $"tty {id}" }.Start();
        }
    }

    private void Read(PseudoTerminal terminal)
    {
        var buffer = new byte[256];
        while (terminal.Read(buffer, TimeSpan.FromMilliseconds(250)) is var count and >= 0)
        {
            var shown = new List<Shown>();
            lock (_gate)
            {
                if (!ReferenceEquals(terminal, _terminal))
                    return;
                _heard.AddRange(buffer.AsSpan(0, count));
                while (Frame() is { } frame)
                    Obey(frame, shown);
            }
            foreach (var one in shown)
                Displayed?.Invoke(one);
        }
    }

    /// <summary>The next whole command in what was heard, without its mark and its CRC.</summary>
    private byte[]? Frame()
    {
        while (_heard.Count >= 7)
        {
            var length = _heard[2] | (_heard[3] << 8);
            if (_heard[0] != 0x53 || length is < 8 or > 1440)
            {
                _heard.RemoveAt(0);
                continue;
            }
            if (_heard.Count < length)
                return null;
            var frame = _heard.GetRange(0, length).ToArray();
            if (Crc(frame.AsSpan(..^2)) == (frame[^2] | (frame[^1] << 8)))
            {
                _heard.RemoveRange(0, length);
                return frame[..^2];
            }
            _heard.RemoveAt(0);
        }
        return null;
    }

    private void Obey(byte[] frame, List<Shown> shown)
    {
        if (_deaf || (frame[1] & 0x7F) != address || (frame[1] & 0x80) != 0)
            return;
        if (_busy > 0)
        {
            _busy--;
            Say(0, [], [0x79], remember: false);
            return;
        }
        var sequence = frame[4] & 3;
        if (sequence != 0 && frame.AsSpan().SequenceEqual(_lastCommand))
        {
            // The answer got lost: the same again, and nothing is done twice.
            _terminal?.Write(_lastReply);
            return;
        }
        _lastCommand = frame;
        if (sequence == 0)
            _isOpen = false;
        var block = (frame[4] & 8) != 0 ? frame[5] : 0;
        var body = frame[(5 + block)..];
        var kind = block > 0 ? frame[6] : 0;
        if (kind is 0x15 or 0x17)
        {
            if (!_isOpen || Unsealed(frame, body, kind == 0x17) is not { } plain)
            {
                _isOpen = false;
                Say(sequence, [], [0x41, 0x06]);
                return;
            }
            Told(sequence, plain, shown);
            return;
        }
        _codes.Add(body[0]);
        switch (body[0])
        {
            case 0x61:
                Say(sequence, [], [0x45, 0x5C, 0x26, 0x23, 0x01, 0x02, 0x04, 0x03, 0x02, 0x01, 0x03, 0x02, 0x01]);
                break;
            case 0x62:
                Say(sequence, [], [0x46, 4, 1, 1, 5, 1, 1, 8, 1, 0, 9, (byte)(_unable ? 0 : 1), 1]);
                break;
            // With its own key or with the factory's, but never the other one: that is over once it has its own.
            case 0x76 when kind == 0x11 && frame[7] == (_fromFactory ? 0 : 1):
                Prove(sequence, body);
                break;
            case 0x77 when kind == 0x13 && _random.Length > 0:
                Believe(sequence, body);
                break;
            default:
                Say(sequence, [], [0x41, 0x06]);
                break;
        }
    }

    private void Prove(int sequence, byte[] body)
    {
        (_panelRandom, _random) = (body[1..9], RandomNumberGenerator.GetBytes(8));
        byte[] Session(byte purpose) => Aes(_key, [0x01, purpose, .. _panelRandom[..6], 0, 0, 0, 0, 0, 0, 0, 0]);
        (_encryption, _sealing, _lastSealing) = (Session(0x82), Session(0x01), Session(0x02));
        Say(sequence, [0x12, (byte)(_fromFactory ? 0 : 1)], [0x76, .. "VIRTUAL1"u8, .. _random, .. Aes(_encryption, [.. _panelRandom, .. _random])]);
    }

    private void Believe(int sequence, byte[] body)
    {
        byte[] expected = Aes(_encryption, [.. _random, .. _panelRandom]);
        if (!expected.AsSpan().SequenceEqual(body.AsSpan(1)))
        {
            Say(sequence, [], [0x41, 0x06]);
            return;
        }
        _seal = Aes(_lastSealing, Aes(_sealing, expected));
        Say(sequence, [0x14, 1], [0x78, .. _seal]);
        _isOpen = true;
    }

    private void Told(int sequence, byte[] body, List<Shown> shown)
    {
        if (body[0] != 0x60)
            _codes.Add(body[0]);
        switch (body[0])
        {
            case 0x60 when _isOpening:
                _isOpening = false;
                SaySealed(sequence, [0x48, 1, 0]);
                break;
            case 0x60 when _cards.TryDequeue(out var card):
                Telling?.Invoke();
                SaySealed(sequence, [0x50, .. card]);
                break;
            case 0x69:
                shown.Add(new Shown(id, body[1], body[6] switch { 2 => "yes", 1 => "no", _ => "warn" }, null, body[5] == 0 ? "steady" : "blinking"));
                SaySealed(sequence, [0x40]);
                break;
            case 0x6A:
                shown.Add(new Shown(id, body[1], "info", null, $"{body[5]} tones"));
                SaySealed(sequence, [0x40]);
                break;
            case 0x75 when body.Length == 19 && body[1] == 1 && body[2] == 16:
                SaySealed(sequence, [0x40]);
                (_key, _fromFactory, _isOpen) = (body[3..], false, false);
                break;
            default:
                SaySealed(sequence, [0x40]);
                break;
        }
    }

    private void SaySealed(int sequence, byte[] body)
    {
        if (_plain)
        {
            Say(sequence, [], body);
            return;
        }
        byte kind = 0x16;
        if (body.Length > 1)
        {
            kind = 0x18;
            body = [body[0], .. Chained(_encryption, Filled(body[1..]), [.. _seal.Select(b => (byte)~b)])];
        }
        var head = Head(sequence, [kind], body.Length + SealLength);
        _seal = Sealed([.. head, .. body]);
        var seal = _seal[..SealLength];
        if (_wrongSeal)
        {
            seal[0] ^= 1;
            _wrongSeal = false;
        }
        Say(sequence, [kind], [.. body, .. seal]);
    }

    private byte[]? Unsealed(byte[] frame, byte[] body, bool encrypted)
    {
        var before = _seal;
        var seal = Sealed(frame[..^SealLength]);
        if (!seal.AsSpan(0, SealLength).SequenceEqual(frame.AsSpan(^SealLength..)))
            return null;
        _seal = seal;
        if (!encrypted)
            return body[..^SealLength];
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = _encryption;
        var data = aes.DecryptCbc(body.AsSpan(1..^SealLength), [.. before.Select(b => (byte)~b)], PaddingMode.None);
        return [body[0], .. data.AsSpan(0, Array.LastIndexOf(data, (byte)0x80))];
    }

    private void Say(int sequence, byte[] security, byte[] body, bool remember = true)
    {
        byte[] frame = [.. Head(sequence, security, body.Length), .. body];
        var crc = Crc(frame);
        byte[] reply = [0xFF, .. frame, (byte)crc, (byte)(crc >> 8)];
        if (remember)
            _lastReply = reply;
        _terminal?.Write(reply);
    }

    private byte[] Head(int sequence, byte[] security, int bodyLength)
    {
        byte[] block = security.Length == 0 ? [] : [(byte)(security.Length + 1), .. security];
        var length = 5 + block.Length + bodyLength + 2;
        return [0x53, (byte)(address | 0x80), (byte)length, (byte)(length >> 8), (byte)(sequence | 4 | (block.Length > 0 ? 8 : 0)), .. block];
    }

    private byte[] Sealed(byte[] message)
    {
        var filled = message.Length % 16 == 0 ? message : Filled(message);
        var before = _seal;
        for (var at = 0; at < filled.Length; at += 16)
        {
            var block = new byte[16];
            for (var i = 0; i < 16; i++)
                block[i] = (byte)(filled[at + i] ^ before[i]);
            before = Aes(at + 16 == filled.Length ? _lastSealing : _sealing, block);
        }
        return before;
    }

    private static byte[] Filled(byte[] data) => [.. data, 0x80, .. new byte[15 - (data.Length % 16)]];

    private static byte[] Aes(byte[] key, byte[] blocks)
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        return aes.EncryptEcb(blocks, PaddingMode.None);
    }

    private static byte[] Chained(byte[] key, byte[] blocks, byte[] before)
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        return aes.EncryptCbc(blocks, before, PaddingMode.None);
    }

    private static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0x1D0F;
        foreach (var b in bytes)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var carry = ((crc >> 15) & 1) ^ ((b >> bit) & 1);
                crc = ((crc << 1) & 0xFFFF) ^ (carry == 1 ? 0x1021 : 0);
            }
        }
        return (ushort)crc;
    }
}
