using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Discovery;

/// <summary>Where the ears listen.</summary>
/// <param name="Questions">Port of multicast DNS.</param>
/// <param name="Notices">Port on which Bambu printers announce themselves.</param>
/// <param name="ThisComputer">Asks on this computer's own interface too.</param>
internal sealed record NetworkPorts(int Questions, int Notices, bool ThisComputer = false)
{
    public static readonly NetworkPorts Usual = new(MulticastDns.Port, 2021);
}

/// <summary>
/// Asks the network what is there, at growing intervals of a second to two minutes, and listens meanwhile: one short question on each interface, and
/// nothing else is ever sent. What comes from beyond the network is passed over.
/// </summary>
/// <param name="around">Who understands it.</param>
/// <param name="ports">Where; null when nobody wants it.</param>
/// <param name="time">Says when to ask again.</param>
/// <param name="logger">For an interface that cannot be used.</param>
internal sealed partial class NetworkEars(NetworkAround around, NetworkPorts? ports, TimeProvider time, ILogger<NetworkEars> logger) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly LogGate _logGate = new(time);
    private readonly byte[] _question = MulticastDns.Ask(NetworkAround.Services);
    private volatile IReadOnlyList<(byte[] Address, byte[] Mask)> _here = [];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => ports is { } at
        ? Task.WhenAll(
            HearAsync(at.Questions, joins: true, around.Heard, stoppingToken),
            HearAsync(at.Notices, joins: false, around.Noticed, stoppingToken))
        : Task.CompletedTask;

    private delegate void Taker(ReadOnlySpan<byte> message, IPAddress from);

    private async Task HearAsync(int port, bool joins, Taker take, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                // Others on this computer listen there too.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var ears = ListenAsync(socket, take, done.Token);
                var questions = joins ? AskAsync(socket, port, done.Token) : Task.Delay(Timeout.InfiniteTimeSpan, time, done.Token);
                await Task.WhenAny(ears, questions);
                await done.CancelAsync();
                await Task.WhenAll(ears, questions);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is SocketException or NetworkInformationException or OperationCanceledException)
            {
                if (_logGate.Pass($"port {port}", out _))
                    Log.NotHeard(logger, port, fault.Message);
            }
            try
            {
                await Task.Delay(Longest, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(Socket socket, Taker take, CancellationToken cancellationToken)
    {
        var buffer = new byte[MulticastDns.MostBytes];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            SocketReceiveFromResult got;
            try
            {
                got = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, cancellationToken);
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset)
            {
                continue;
            }
            if (got.RemoteEndPoint is IPEndPoint { Address: var from } && IsHere(from))
                take(buffer.AsSpan(0, got.ReceivedBytes), from);
        }
    }

    private async Task AskAsync(Socket socket, int port, CancellationToken cancellationToken)
    {
        HashSet<int> joined = [];
        for (var wait = First; ; wait = wait * 2 < Longest ? wait * 2 : Longest)
        {
            // A network that came up meanwhile is asked as well.
            foreach (var (index, address) in Interfaces())
            {
                try
                {
                    if (!joined.Contains(index))
                    {
                        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(MulticastDns.Group, address));
                        joined.Add(index);
                    }
                    socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, address.GetAddressBytes());
                    await socket.SendToAsync(_question, SocketFlags.None, new IPEndPoint(MulticastDns.Group, port), cancellationToken);
                }
                catch (SocketException fault)
                {
                    // It went down meanwhile, or cannot do this: the others are asked.
                    joined.Remove(index);
                    if (_logGate.Pass($"interface {address}", out _))
                        Log.NotAsked(logger, address, fault.Message);
                }
            }
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private List<(int Index, IPAddress Address)> Interfaces()
    {
        var mine = new List<(int, IPAddress)>();
        var here = new List<(byte[], byte[])>();
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces().Where(card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown))
        {
            foreach (var own in card.GetIPProperties().UnicastAddresses.Where(own => own.Address.AddressFamily == AddressFamily.InterNetwork))
            {
                here.Add((own.Address.GetAddressBytes(), own.IPv4Mask.GetAddressBytes()));
                if (ports!.ThisComputer == (card.NetworkInterfaceType == NetworkInterfaceType.Loopback))
                    mine.Add((card.GetIPProperties().GetIPv4Properties().Index, own.Address));
            }
        }
        _here = here;
        return mine;
    }

    /// <summary>Whether somebody is on a network of this computer: what is asked here is answered from there (RFC 6762, section 11).</summary>
    private bool IsHere(IPAddress from)
    {
        var bytes = from.GetAddressBytes();
        return _here.Any(own => own.Address.Length == bytes.Length && !bytes.Where((b, i) => ((b ^ own.Address[i]) & own.Mask[i]) != 0).Any());
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3620, Level = LogLevel.Warning, Message = "What is on the network is not looked for on port {Port}: {Why}")]
        public static partial void NotHeard(ILogger logger, int port, string why);

        [LoggerMessage(EventId = 3621, Level = LogLevel.Information, Message = "The network at {Address} could not be asked what is there: {Why}")]
        public static partial void NotAsked(ILogger logger, IPAddress address, string why);
    }
}
