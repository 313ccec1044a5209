using System.Collections.Concurrent;
using System.Globalization;
using FabLab.Gateway.Drivers;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.VirtualLab.Devices;
using DeviceId = FabLab.Protocol.DeviceId;

namespace FabLab.VirtualLab.Control;

/// <summary>
/// The readers of a measurement, and the hand that holds cards before them: a line "DEVICE NUMBER" comes in, and when the reader has told
/// of the card a line "DEVICE LAID TOLD" goes out, with the computer's clock that never goes back: when the card was laid there, and when
/// the bytes were written that tell of it. What lies between the two is the reader's own.
/// </summary>
internal sealed class ReaderHand : IAsyncDisposable
{
    /// <summary>A 125 kHz reader is believed when it has said the same twice.</summary>
    private const int FramesToBelieve = 2;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, Laid> _laid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IVirtualDevice> _twins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VirtualWedge> _keyboards = new(StringComparer.Ordinal);
    private readonly TextWriter _out;
    private VirtualPcscd? _cards;
    private string? _cardReader;

    /// <param name="devices">The gateway's devices; those without a line of this computer are somebody else's.</param>
    /// <param name="folder">Where nodes keep their flash.</param>
    /// <param name="cardService">Where the smart card service is to listen.</param>
    /// <param name="output">Where it says that cards were told of.</param>
    public ReaderHand(IEnumerable<DeviceSettings> devices, string folder, string cardService, TextWriter output)
    {
        _out = output;
        var (time, began) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        foreach (var settings in devices.Where(settings => settings.Link == DeviceLinkKind.Serial))
        {
            var (id, path) = (settings.Id, settings.Path!);
            switch (settings.Driver)
            {
                case "node" when DeviceKey.TryParse(settings.Key, out var key):
                    _twins[id] = new SerialLineNode(new NodeParts(id, new Claim(DeviceId.Parse(id), (byte)settings.KeyId, key!), [], 1, folder, time, began), path);
                    break;
                case "rdm6300":
                    var coil = new VirtualRdm6300(id, path, time, began);
                    coil.Telling += () => Told(id, FramesToBelieve);
                    _twins[id] = coil;
                    break;
                case "pn532":
                    var chip = new VirtualPn532(id, path, time);
                    chip.Telling += () => Told(id);
                    _twins[id] = chip;
                    break;
                case "osdp":
                    var door = new VirtualOsdp(id, path, Convert.FromHexString(settings.Key!), settings.BusAddress ?? 0);
                    door.Telling += () => Told(id);
                    _twins[id] = door;
                    break;
                case "pcsc":
                    (_cards, _cardReader) = (new VirtualPcscd(cardService), id);
                    break;
                case "wedge":
                    _keyboards[id] = new VirtualWedge(path, time);
                    break;
            }
        }
        _cards?.Start();
        foreach (var twin in _twins.Values)
            twin.Start();
    }

    /// <summary>Holds cards there until the input ends.</summary>
    public async Task RunAsync(TextReader input)
    {
        using var stop = new CancellationTokenSource();
        var beating = BeatAsync(stop.Token);
        while (await input.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var words = line.Split(' ');
            Lay(words[0], words[1]);
        }
        await stop.CancelAsync();
        await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var twin in _twins.Values)
            await twin.DisposeAsync();
        foreach (var keyboard in _keyboards.Values)
            await keyboard.DisposeAsync();
        if (_cards is { } cards)
            await cards.DisposeAsync();
    }

    private void Lay(string device, string number)
    {
        _laid[device] = new Laid(TimeProvider.System.GetTimestamp());
        if (device == _cardReader)
        {
            // The card before has been taken away again.
            _cards!.Take();
            Told(device);
            _cards.Lay(number);
        }
        else if (_keyboards.TryGetValue(device, out var keyboard))
        {
            Told(device);
            keyboard.Tap(number);
        }
        else if (_twins.TryGetValue(device, out var twin))
        {
            if (twin is SerialLineNode)
                Told(device);
            twin.Tap(0, number);
            twin.Tick();
        }
    }

    private void Told(string device, int times = 1)
    {
        if (!_laid.TryGetValue(device, out var laid) || ++laid.Times != times)
            return;
        lock (_out)
            _out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{device} {laid.At} {TimeProvider.System.GetTimestamp()}"));
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Beat, TimeProvider.System, cancellationToken);
            foreach (var twin in _twins.Values)
                twin.Tick();
        }
    }

    private sealed class Laid(long at)
    {
        public long At => at;

        public int Times { get; set; }
    }
}
