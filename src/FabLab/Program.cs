using System.Runtime.InteropServices;
using FabLab.Host;
using FabLab.Host.Cli;

// Ctrl-C and SIGTERM ask the verb to end; it decides how to do that cleanly.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    return await new CommandLine(Verbs.All, Console.Out, Console.Error).RunAsync(args, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Success;
}

void End(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
