using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FabLab.Core;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Gateway.Links;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Drivers.Hpgl;

/// <summary>
/// A cutter on a serial port, behind a spooler of ours: what a program sends to the spooler's port goes to the cutter byte by byte as it
/// came, at the pace of the line, and not while the cutter holds it back. One connection is one job; what is cut is measured as it goes by.
/// </summary>
internal sealed class HpglDevice : WitnessDevice, ISerialSink
{
    private const byte Xon = 0x11;
    private const byte Xoff = 0x13;

    /// <summary>So few bytes at once that hardly any are on their way when the cutter says stop.</summary>
    private const int Piece = 32;

    private const int BitsPerByte = 10;
    private static readonly TimeSpan Held = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly SerialDoor _door;
    private readonly int _baud;
    private readonly Lock _gate = new();
    private readonly HpglLength _length = new();
    private MachineJob? _job;
    private volatile bool _isHeld;
    private volatile bool _isUp;

    public HpglDevice(DeviceId id, ISerialLink link, int baud, IPEndPoint spooler, TimeProvider time, ILogger logger)
        : base(id, time, logger)
    {
        (_door, _baud) = (new SerialDoor(link, spooler, time), baud);
    }

    /// <summary>Where programs send their jobs.</summary>
    internal IPEndPoint Spooler => _door.At;

    public void Start() => _door.Start(this, waiting: 4, Heartbeat, Tell, ServeAsync);

    public void OnBytes(ReadOnlySpan<byte> bytes, long receivedTimestamp)
    {
        foreach (var one in bytes)
            _isHeld = one switch { Xoff => true, Xon => false, _ => _isHeld };
    }

    public void OnLinkChanged(bool up)
    {
        (_isUp, _isHeld) = (up, false);
        if (up)
            Came();
        else
            Went("its port is not there");
        Tell();
    }

    protected override ValueTask CloseAsync() => _door.DisposeAsync();

    private void Tell()
    {
        lock (_gate)
        {
            if (_isUp)
                InHand(_job);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await SpoolAsync(client.GetStream()).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            End(JobState.Failed);
        }
    }

    private async Task SpoolAsync(NetworkStream stream)
    {
        var bytes = new byte[Piece];
        int count;
        while ((count = await stream.ReadAsync(bytes, _door.Closing).ConfigureAwait(false)) > 0)
        {
            Begin(bytes.AsSpan(0, count));
            if (!await WriteAsync(bytes.AsMemory(0, count)).ConfigureAwait(false))
            {
                // Half a job is not sent on when the port is back: the rest of it would be cut somewhere.
                End(JobState.Failed);
                return;
            }
        }
        End(JobState.Done);
    }

    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (_isHeld && _isUp)
            await Task.Delay(Held, Time, _door.Closing).ConfigureAwait(false);
        if (_door.Write(bytes.Span) != LinkSend.Sent)
            return false;
        await Task.Delay(TimeSpan.FromSeconds((double)bytes.Length * BitsPerByte / _baud), Time, _door.Closing).ConfigureAwait(false);
        return true;
    }

    private void Begin(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_job is null)
            {
                _length.Reset();
                _job = new MachineJob { Device = Id, Id = string.Create(CultureInfo.InvariantCulture, $"t{Now.ToUnixTimeMilliseconds()}"), StartedAt = Now };
            }
            _length.Take(bytes);
            _job = _job with { Millimetres = _length.Millimetres };
            InHand(_job);
        }
    }

    private void End(JobState how)
    {
        lock (_gate)
        {
            if (_job is { } job)
                Over(job with { State = how, EndedAt = Now });
            _job = null;
            if (_isUp)
                InHand(null);
        }
    }
}
