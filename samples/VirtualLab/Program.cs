using System.Runtime.InteropServices;
using System.Text.Json;
using FabLab.VirtualLab;
using FabLab.VirtualLab.Control;
using FabLab.VirtualLab.Day;
using FabLab.VirtualLab.World;
using Microsoft.Extensions.Logging;

// The readers of a measurement, without a lab around them: the gateway's file of devices, a folder, and where the smart card service listens.
if (args is ["--readers", var list, var folder, var cardService])
{
    await using var hand = new ReaderHand(DeviceFile.Read(list), folder, cardService, Console.Out);
    Console.WriteLine("ready");
    await hand.RunAsync(Console.In);
    return 0;
}

if (!VirtualLabOptions.TryParse(args, out var options, out var fault))
{
    Console.Error.WriteLine($"virtual lab: {fault}");
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupted);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var logs = LoggerFactory.Create(builder => builder
    .AddSimpleConsole(console => console.SingleLine = true)
    .SetMinimumLevel(options.Verbose ? LogLevel.Debug : LogLevel.Error));
var logger = logs.CreateLogger("FabLab.VirtualLab");
var time = TimeProvider.System;

var lab = LabDescription.Read(options.Lab);
var wiring = new Wiring(options.MqttPort, Path.Combine(options.Data, "virtual"), options.Cables);
await using var place = PlaceBuilder.Build(lab, DeviceFile.Read(options.Devices), wiring, time, logger);
using var taps = new Taps(place, time);
place.Start();
var director = options.QuietDay ? null : new Director(place, taps, lab, options.Seed, time, logger);
await using (var control = new ControlServer(Path.Combine(options.Data, "virtual.sock"), place, taps, lab, director, logger))
{
    // One line for who started it: from now on it can be spoken to.
    Console.WriteLine("ready");
    var day = director?.RunAsync(stop.Token) ?? Task.CompletedTask;
    if (options.FollowInput)
        _ = FollowInputAsync();
    var ended = new TaskCompletionSource();
    using var ending = stop.Token.Register(ended.SetResult);
    await ended.Task;
    await day.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    // The last word on every contact before the lab goes dark: whether the gateway has left anything on.
    await File.WriteAllTextAsync(Path.Combine(options.Data, "virtual", "last.json"), control.Status());
}
return 0;

// Ctrl-C at a terminal reaches everybody there. Whoever started this decides when the devices go: after the gateway.
void Interrupted(PosixSignalContext context)
{
    if (options.FollowInput)
        context.Cancel = true;
    else
        End(context);
}

void End(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

// Whoever started this holds the other end of its input: when they are gone, however they went, so is this.
async Task FollowInputAsync()
{
    var buffer = new byte[64];
    await using var input = Console.OpenStandardInput();
    while (await input.ReadAsync(buffer) > 0)
    {
    }
    await stop.CancelAsync();
}
