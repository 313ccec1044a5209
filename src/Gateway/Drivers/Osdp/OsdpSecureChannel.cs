using System.Security.Cryptography;

namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>
/// The secure channel of OSDP from the panel's side: both prove that they have the key, then every message carries a seal that depends on
/// all before it, and what is more than a code is encrypted. AES-128 throughout. Not thread-safe.
/// </summary>
internal sealed class OsdpSecureChannel : IDisposable
{
    public const int KeyLength = 16;

    // Kinds of security blocks, by who sends them.
    private const byte Challenge = 0x11;
    private const byte ReaderProof = 0x12;
    private const byte PanelProof = 0x13;
    private const byte FirstSeal = 0x14;
    private const byte SealedCommand = 0x15;
    private const byte SealedReply = 0x16;
    private const byte EncryptedCommand = 0x17;
    private const byte EncryptedReply = 0x18;

    private const int Block = 16;
    private const int SealLength = 4;
    private const byte EndOfData = 0x80;

    private readonly byte[] _key;
    private readonly bool _isDefault;
    private readonly byte[] _random;
    private byte[] _panelProof = [];
    private byte[] _seal = [];
    private Aes? _encryption, _sealing, _lastSealing;

    /// <param name="key">The reader's key; null for the one that readers leave the factory with.</param>
    /// <param name="random">Eight bytes that nobody can foresee.</param>
    public OsdpSecureChannel(ReadOnlySpan<byte> key, ReadOnlySpan<byte> random)
    {
        (_key, _isDefault) = (key.ToArray(), key.SequenceEqual(DefaultKey));
        _random = random.ToArray();
    }

    /// <summary>The key that every reader leaves the factory with, and everybody knows.</summary>
    public static ReadOnlySpan<byte> DefaultKey => "0123456789:;<=>?"u8;

    /// <summary>Both sides have proved that they have the key.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The security block of a command that opens the channel.</summary>
    private byte[] Opening(byte kind) => [kind, _isDefault ? (byte)0 : (byte)1];

    /// <summary>The first command: here is a random number, prove that you have the key.</summary>
    public byte[] ChallengeFrame(int address, int sequence) =>
        OsdpFrameParser.Command(address, sequence, Opening(Challenge), [OsdpCodes.Challenge, .. _random]);

    /// <summary>Takes the reader's answer to it.</summary>
    /// <returns>Whether the reader has the key.</returns>
    public bool TakeProof(OsdpFrame frame)
    {
        if (frame is not { Scs: ReaderProof, Code: OsdpCodes.ClientCryptogram, Body.Length: 1 + 8 + 8 + Block })
            return false;
        var theirs = frame.Body.AsSpan(9, 8);
        _encryption = Derive(0x82);
        _sealing = Derive(0x01);
        _lastSealing = Derive(0x02);
        byte[] expected = _encryption.EncryptEcb([.. _random, .. theirs], PaddingMode.None);
        if (!CryptographicOperations.FixedTimeEquals(expected, frame.Body.AsSpan(17)))
            return false;
        _panelProof = _encryption.EncryptEcb([.. theirs, .. _random], PaddingMode.None);
        return true;
    }

    /// <summary>The second command: here is my own proof.</summary>
    public byte[] ProofFrame(int address, int sequence) =>
        OsdpFrameParser.Command(address, sequence, Opening(PanelProof), [OsdpCodes.ServerCryptogram, .. _panelProof]);

    /// <summary>Takes the reader's first seal, which only who has the key can make; with it the channel is open.</summary>
    public bool TakeFirstSeal(OsdpFrame frame)
    {
        if (_panelProof.Length == 0 || frame is not { Scs: FirstSeal, Code: OsdpCodes.InitialMac, Body.Length: 1 + Block })
            return false;
        var expected = _lastSealing!.EncryptEcb(_sealing!.EncryptEcb(_panelProof, PaddingMode.None), PaddingMode.None);
        if (!CryptographicOperations.FixedTimeEquals(expected, frame.Body.AsSpan(1)))
            return false;
        _seal = expected;
        return IsOpen = true;
    }

    /// <summary>A command with its seal. Once per command: what is sent again is the same bytes.</summary>
    public byte[] Seal(int address, int sequence, byte code, ReadOnlySpan<byte> data)
    {
        byte[] body = data.Length == 0 ? [code] : [code, .. _encryption!.EncryptCbc(Padded(data), Inverted(_seal), PaddingMode.None)];
        byte[] security = [data.Length == 0 ? SealedCommand : EncryptedCommand];
        byte[] message = [.. OsdpFrameParser.Head(address, sequence, security, body.Length + SealLength), .. body];
        _seal = SealOf(message);
        return OsdpFrameParser.Command(address, sequence, security, [.. body, .. _seal.AsSpan(0, SealLength)]);
    }

    /// <summary>What a sealed reply says: code and data.</summary>
    /// <returns>Null when it is in plain text, or its seal is another one. Then the channel is of no use any more.</returns>
    public byte[]? Open(OsdpFrame frame)
    {
        if (frame.Scs is not (SealedReply or EncryptedReply) || frame.Body.Length < 1 + SealLength)
            return null;
        var commandSeal = _seal;
        var seal = SealOf(frame.Bytes.AsSpan(..^SealLength));
        if (!CryptographicOperations.FixedTimeEquals(seal.AsSpan(0, SealLength), frame.Body.AsSpan(^SealLength..)))
            return null;
        _seal = seal;
        var body = frame.Body[..^SealLength];
        if (frame.Scs == SealedReply || body.Length == 1)
            return body;
        if ((body.Length - 1) % Block != 0)
            return null;
        var data = _encryption!.DecryptCbc(body.AsSpan(1), Inverted(commandSeal), PaddingMode.None);
        var end = data.AsSpan().LastIndexOfAnyExcept((byte)0);
        return end >= 0 && data[end] == EndOfData ? [body[0], .. data.AsSpan(0, end)] : null;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _encryption?.Dispose();
        _sealing?.Dispose();
        _lastSealing?.Dispose();
    }

    /// <summary>A key of this session, for one purpose, from the reader's key and our random number.</summary>
    private Aes Derive(byte purpose)
    {
        using var aes = Aes.Create();
        aes.Key = _key;
        var session = Aes.Create();
        session.Key = aes.EncryptEcb([0x01, purpose, .. _random.AsSpan(0, 6), .. new byte[8]], PaddingMode.None);
        return session;
    }

    // A CBC-MAC that begins with the seal before, and whose last block has a key of its own.
    private byte[] SealOf(ReadOnlySpan<byte> message)
    {
        var padded = message.Length % Block == 0 ? message.ToArray() : Padded(message);
        var before = padded.Length == Block ? _seal : _sealing!.EncryptCbc(padded.AsSpan(..^Block), _seal, PaddingMode.None)[^Block..];
        return _lastSealing!.EncryptCbc(padded.AsSpan(^Block..), before, PaddingMode.None);
    }

    private static byte[] Padded(ReadOnlySpan<byte> data) => [.. data, EndOfData, .. new byte[Block - 1 - (data.Length % Block)]];

    private static byte[] Inverted(byte[] seal) => [.. seal.Select(b => (byte)~b)];
}
