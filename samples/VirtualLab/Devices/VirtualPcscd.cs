using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.VirtualLab.Devices;

/// <summary>
/// The smart card service of a computer as libpcsclite sees it: a socket, and behind it one reader with one card or none. It speaks version
/// 4.4 of the service's protocol.
/// </summary>
/// <param name="socket">Where it listens; the library asks for it once in a process.</param>
internal sealed partial class VirtualPcscd(string socket) : IAsyncDisposable
{
    private const uint Cancelled = 0x80100002, UnknownReader = 0x80100009, NoCard = 0x8010000C, Removed = 0x80100069, Stopped = 0x8010001E;
    private const int Readers = 16, NameLength = 128, StateLength = 184;
    private const uint Absent = 0x02, Present = 0x34;

    private readonly Lock _gate = new();
    private readonly List<Client> _clients = [];
    private readonly Dictionary<uint, Client> _contexts = [];
    private Socket? _listener;
    private Task _serving = Task.CompletedTask;
    private string? _reader = "Virtual NFC Reader PICC 00 00";
    private byte[]? _card;
    private uint _moves;
    private uint _lastContext = 100;

    /// <summary>How the reader answers the question for the number instead of with it, at its next so many questions.</summary>
    public Queue<byte[]> Odd { get; } = [];

    /// <summary>How many times a card was asked for its number.</summary>
    public int Asked { get; private set; }

    /// <summary>The name of its reader; null when none is plugged in.</summary>
    public string? Reader
    {
        get
        {
            lock (_gate)
                return _reader;
        }
        set
        {
            lock (_gate)
            {
                (_reader, _card) = (value, null);
                Tell();
            }
        }
    }

    /// <summary>Tells the library of this process where the service is. Before its first call, once.</summary>
    public static void Announce(string socket) => _ = setenv("PCSCLITE_CSOCK_NAME", socket, 1);

    public void Start()
    {
        File.Delete(socket);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen(8);
        _serving = ServeAsync(_listener);
    }

    /// <summary>The service dies, and every client with it notices.</summary>
    public async Task StopAsync()
    {
        _listener?.Dispose();
        lock (_gate)
        {
            foreach (var client in _clients)
                client.Socket.Dispose();
            _clients.Clear();
            _contexts.Clear();
        }
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A card is laid there.</summary>
    /// <param name="number">Its number, hex.</param>
    public void Lay(string number) => Move(Convert.FromHexString(number));

    /// <summary>It is taken away.</summary>
    public void Take() => Move(null);

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Move(byte[]? card)
    {
        lock (_gate)
        {
            _card = card;
            _moves++;
            Tell();
        }
    }

    /// <summary>Something has changed: who waits is told, once.</summary>
    private void Tell()
    {
        foreach (var client in _clients.Where(client => client.Waits))
            Send(client, Words(0, 0), client.Waits = false);
    }

    private async Task ServeAsync(Socket listener)
    {
        var running = new List<Task>();
        while (true)
        {
            try
            {
                var client = new Client(await listener.AcceptAsync());
                lock (_gate)
                    _clients.Add(client);
                running.Add(TalkAsync(client));
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
        }
    }

    private async Task TalkAsync(Client client)
    {
        await using var stream = new NetworkStream(client.Socket);
        var head = new byte[8];
        while (true)
        {
            await stream.ReadExactlyAsync(head);
            var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            await stream.ReadExactlyAsync(body);
            var command = Word(head, 4);
            // What is sent to the card follows its message without being counted in it.
            var apdu = command == 0x09 ? new byte[Word(body, 12)] : [];
            await stream.ReadExactlyAsync(apdu);
            lock (_gate)
                Obey(client, command, body, apdu);
        }
    }

    private void Obey(Client client, uint command, byte[] body, byte[] apdu)
    {
        switch (command)
        {
            case 0x11:
                // Another version than ours: it is told ours, and asks again with that.
                var same = Word(body, 0) == 4 && Word(body, 4) == 4;
                Send(client, Words(4, 4, same ? 0 : Stopped));
                break;
            case 0x01:
                _contexts[++_lastContext] = client;
                Send(client, Words(Word(body, 0), _lastContext, 0));
                break;
            case 0x02:
                _contexts.Remove(Word(body, 0));
                Send(client, Words(Word(body, 0), 0));
                break;
            case 0x12:
                Send(client, States());
                break;
            case 0x13:
                Send(client, States(), client.Waits = true);
                break;
            case 0x14:
                // Who has been told meanwhile has its answer already.
                if (client.Waits)
                    Send(client, Words(0, 0), client.Waits = false);
                break;
            case 0x0D:
                if (_contexts.TryGetValue(Word(body, 0), out var waiting) && waiting.Waits)
                    Send(waiting, Words(0, Cancelled), waiting.Waits = false);
                Send(client, Words(Word(body, 0), 0));
                break;
            case 0x04:
                var name = Encoding.UTF8.GetString(body, 4, NameLength).TrimEnd('\0');
                BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(140), 7);
                BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(144), 2);
                BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(148), name != _reader ? UnknownReader : _card is null ? NoCard : 0);
                Send(client, body);
                break;
            case 0x06:
                BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), 0);
                Send(client, body);
                break;
            case 0x09:
                Transmit(client, body, apdu);
                break;
        }
    }

    private void Transmit(Client client, byte[] body, byte[] apdu)
    {
        Asked++;
        var answer = Odd.Count > 0 ? Odd.Dequeue()
            : !apdu.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xCA, 0x00, 0x00, 0x00]) ? [0x6D, 0x00]
            : _card is { } card ? [.. card, 0x90, 0x00]
            : [];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(24), (uint)answer.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(28), answer.Length == 0 ? Removed : 0);
        Send(client, [.. body, .. answer]);
    }

    /// <summary>Sixteen places for readers, ours in the first.</summary>
    private byte[] States()
    {
        var states = new byte[Readers * StateLength];
        if (_reader is not { } name)
            return states;
        Encoding.UTF8.GetBytes(name, states);
        BinaryPrimitives.WriteUInt32LittleEndian(states.AsSpan(128), _moves);
        BinaryPrimitives.WriteUInt32LittleEndian(states.AsSpan(132), _card is null ? Absent : Present);
        // The library waits for a card that has not answered its reset yet.
        BinaryPrimitives.WriteUInt32LittleEndian(states.AsSpan(176), _card is null ? 0u : 4u);
        return states;
    }

    private static void Send(Client client, byte[] bytes, bool _ = false)
    {
        try
        {
            client.Socket.Send(bytes);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            client.Waits = false;
        }
    }

    private static byte[] Words(params ReadOnlySpan<uint> words) => MemoryMarshal.AsBytes(words).ToArray();

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setenv(string name, string value, int overwrite);

    private sealed class Client(Socket socket)
    {
        public Socket Socket => socket;

        public bool Waits { get; set; }
    }
}
