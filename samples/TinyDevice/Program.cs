using System.Diagnostics;
using System.Text;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.TinyDevice;

/// <summary>
/// The smallest device under firmware-protocol.md: one reader, one relay, one meter, on a serial line.
/// Real firmware has pins where this prints, and flash where this has a file. The rest is the same.
/// </summary>
internal static class Program
{
    private const string Help = """
        TinyDevice TTY [--memory FILE] [--claim FILE]

          TTY            the serial line to the gateway, e.g. /dev/ttyUSB0
          --memory FILE  where the device keeps what outlasts a power cut (default: tinydevice.json)
          --claim FILE   enrol from this file instead of over the line; it holds the JSON of a claim

        On standard input, one line each:
          iso:04A1B2C3D4E580   a badge is held to the reader
          tap iso:04A1B2C3D4E580   the same
          watts 900            the meter reads 900 W
          power 900000         the meter reads 900 000 mW
          button               the button was held for 5 s: the device may be enrolled anew
          quit                 power off
        """;

    private static readonly NodeProfile Profile = new("tiny 1.0", Environment.MachineName is { Length: > 17 } name ? name[..17] : Environment.MachineName,
        Relays: ["main"], Readers: ["iso"], Meters: [0], ReaderProfile: "keyboard", DisplayChars: 80);

    private static int Main(string[] args)
    {
        if (args.Length == 0 || args.Contains("--help"))
        {
            Console.WriteLine(Help);
            return args.Length == 0 ? 2 : 0;
        }

        var file = Option(args, "--memory") ?? "tinydevice.json";
        if (!TryLoad(file, Option(args, "--claim"), out var memory))
            return 2;
        using var line = Tty.Open(args[0]);
        if (line is null)
        {
            Console.Error.WriteLine($"{args[0]} cannot be opened. Is it a serial line, and may this user use it?");
            return 2;
        }

        var device = new Device(new SerialNode(Profile, memory), line, file);
        Console.CancelKeyPress += (_, end) => end.Cancel = device.Ended = true;
        device.Run();
        return 0;
    }

    // No file is a new device. A file that cannot be read is a fault to be seen, not a reason to forget everything.
    private static bool TryLoad(string file, string? claimFile, out NodeMemory? memory)
    {
        memory = null;
        if (File.Exists(file))
        {
            var loaded = NodeMemory.FromJson(File.ReadAllBytes(file));
            memory = loaded.IsOk ? loaded.Value : null;
            if (!loaded.IsOk)
                Console.Error.WriteLine($"{file} is not a memory of this device: {loaded.Fault}.");
            return loaded.IsOk;
        }

        if (claimFile is null)
            return true;
        var claim = MessageReader.ReadClaim(File.ReadAllBytes(claimFile));
        memory = claim.IsOk ? new NodeMemory(claim.Value) : null;
        if (!claim.IsOk)
            Console.Error.WriteLine($"{claimFile} is not a claim: {claim.Fault}.");
        return claim.IsOk;
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

    private sealed class Device(SerialNode node, Tty line, string file)
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly StringBuilder _typed = new();
        private NodeMemory? _memory = node.Core?.Memory;

        public bool Ended { get; set; }

        private long Up => (long)Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

        public void Run()
        {
            Do(node.Start(Up, BootWhy.Power));
            var buffer = new byte[1024];
            while (!Ended)
            {
                // At most 50 ms, so that a relay opens in time whatever the line does.
                var ready = line.Wait(50);
                if (ready.Line && line.Read(buffer) is var count)
                {
                    if (count <= 0)
                        break; // unplugged
                    Do(node.Received(Up, buffer.AsSpan(0, count)));
                }

                if (ready.Keyboard)
                    Typed(line.ReadKeyboard(buffer));
                Do(node.Tick(Up));
            }

            // Power off: the pin floats and the relay falls open.
            Console.WriteLine("relay 0 open");
        }

        private void Typed(ReadOnlySpan<byte> bytes)
        {
            _typed.Append(Encoding.UTF8.GetString(bytes));
            while (_typed.ToString() is var text && text.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0)
            {
                _typed.Remove(0, end + 1);
                switch (text[..end].Trim().Split(' '))
                {
                    case ["quit"]:
                        Ended = true;
                        break;
                    case ["button"]:
                        node.ButtonHeld(Up);
                        break;
                    case ["watts", var watts] when uint.TryParse(watts, out var number) && number < 100_000:
                        Do(node.Meter(Up, new MeterReading(0, Up, number * 1000L)));
                        break;
                    // As the conformance suite types it, for any device that is a program.
                    case ["power", var milliwatts] when uint.TryParse(milliwatts, out var power):
                        Do(node.Meter(Up, new MeterReading(0, Up, power)));
                        break;
                    case ["tap", var held]:
                        Do(node.Badge(Up, 0, held));
                        break;
                    case [var tag] when tag.Length > 0:
                        Do(node.Badge(Up, 0, tag));
                        break;
                }
            }
        }

        // In this order and no other: what is saved before a relay closes is there after a power cut.
        private void Do(IReadOnlyList<NodeOutput> outputs)
        {
            var saved = true;
            foreach (var output in outputs)
            {
                switch (output)
                {
                    case NodeOutput.Enrolled enrolled:
                        _memory = enrolled.Memory;
                        saved &= Save();
                        break;
                    case NodeOutput.Save:
                        saved &= Save();
                        break;
                    case NodeOutput.Relay relay when saved || !relay.Closed:
                        Console.WriteLine($"relay {relay.Channel} {(relay.Closed ? "closed" : "open")}");
                        break;
                    case NodeOutput.Write write when saved:
                        line.Write(write.Bytes);
                        break;
                    case NodeOutput.Display display:
                        Console.WriteLine($"{display.Kind} {display.Code}: {display.Text}");
                        break;
                    case NodeOutput.Refused refused:
                        Console.Error.WriteLine($"refused: {refused.Fault}");
                        break;
                }
            }

            if (!saved)
                Do(node.Fault(Up, 0, NodeFault.Flash, standing: true));
        }

        private bool Save()
        {
            try
            {
                using (var next = new FileStream(file + ".new", FileMode.Create))
                {
                    next.Write(_memory!.ToJson());
                    next.Flush(flushToDisk: true);
                }

                File.Move(file + ".new", file, overwrite: true);
                return true;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"{file}: {fault.Message}");
                return false;
            }
        }
    }
}
