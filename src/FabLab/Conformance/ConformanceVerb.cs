using System.ComponentModel;
using FabLab.Host.Cli;
using FabLab.Host.Devices;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace FabLab.Host.Conformance;

/// <summary>Plays the gateway against a device and says where it leaves the contract.</summary>
internal static class ConformanceVerb
{
    public static readonly Verb Verb = new(
        "conformance", "", 0, 0, "play the gateway against a device and say where it leaves firmware-protocol.md",
        """
        The device must be enrolled with the claim (fablab device key), and no gateway may be speaking with it: nothing of a lab is touched.
        Its relay clicks. Take the machine off it first.
        By itself it sends and listens. With --run it starts a program that is the device, types "tap TAG" and "power MILLIWATTS" into it,
        and cuts its power by killing it. With --ask it asks you to hold badges and to cut the power. What nobody could do is "not shown".
        Exit code 0: no check failed; 1: at least one did, or the device never answered; 2: a slip in the command line.
        """,
        [
            new("--device", "ID", "the device; without it, the one the claim names"),
            new("--claim", "FILE", "the claim it was enrolled with"),
            new("--tty", "PATH", "it hangs on this serial line"),
            new("--baud", "N", "speed of the line (115200)"),
            new("--broker", "HOST:PORT", "it hangs on this broker; use one of its own, without a gateway on it"),
            new("--user", "NAME", "user of the gateway's side at the broker"),
            new("--password-file", "FILE", "the password of that user"),
            new("--run", "COMMAND", "start this program, it is the device; words are cut at blanks"),
            new("--ask", null, "ask me to hold badges and to cut the power"),
            new("--firmware-file", "FILE", "a firmware above the one that runs, to try updates with; the device runs it afterwards"),
            new("--firmware-signature", "FILE", "its signature (fablab device sign)"),
            new("--quick", null, "leave out what takes more than a few seconds"),
            new("--only", "NUMBERS", "only these checks, with commas"),
            new("--list", null, "only say which checks there are"),
            new("--out", "FILE", "write the report as Markdown, to publish"),
            new("--json", null, "for a script: JSON on standard output"),
        ],
        false, RunAsync);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (invocation.Has("--list"))
        {
            foreach (var check in Checks.All)
                invocation.Out.WriteLine($"{check.Number,3}  § {check.Section,-4} {check.What}");
            return ExitCodes.Success;
        }
        var claim = await ReadClaimAsync(invocation, cancellationToken);
        var only = Numbers(invocation);
        if (invocation.Has("--tty") == invocation.Has("--broker"))
            throw new UsageException("Give either --tty or --broker: where the device hangs.");
        if (invocation.Has("--run") && invocation.Has("--ask"))
            throw new UsageException("Either --run or --ask.");

        var firmware = await FirmwareAsync(invocation, cancellationToken);
        var keys = claim.Key.Derive(claim.Device, claim.KeyId);
        IHands hands = new NoHands();
        try
        {
            if (invocation.Value("--run") is { } command)
            {
                var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                hands = words.Length > 0 ? new ProgramHands(words[0], words[1..]) : throw new UsageException("--run: which program?");
            }
            else if (invocation.Has("--ask"))
            {
                hands = new AskingHands(invocation.Error, Console.In);
            }
            await using var bench = await OpenAsync(invocation, keys, hands, cancellationToken);
            var report = await Suite.RunAsync(
                bench, keys, claim.TagKey, only is null ? null : check => only.Contains(check.Number), invocation.Has("--quick"),
                invocation.Has("--json") ? null : finding => invocation.Out.WriteLine(ConformanceReport.Line(finding)), cancellationToken, firmware);
            if (invocation.Value("--out") is { } file)
                await File.WriteAllTextAsync(file, report.ToMarkdown(), cancellationToken);
            invocation.Out.WriteLine(invocation.Has("--json") ? report.ToJson() : $"\n{report.Summary()}");
            return report.IsGood ? ExitCodes.Success : ExitCodes.Failure;
        }
        catch (Exception fault) when (fault is Win32Exception or IOException or UnauthorizedAccessException or TimeoutException)
        {
            invocation.Error.WriteLine(fault is TimeoutException ? $"The broker {invocation.Value("--broker")} does not let the suite in." : fault.Message);
            return ExitCodes.Failure;
        }
        finally
        {
            (hands as IDisposable)?.Dispose();
        }
    }

    private static async Task<FirmwareFile?> FirmwareAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (invocation.Has("--firmware-file") != invocation.Has("--firmware-signature"))
            throw new UsageException("--firmware-file and --firmware-signature go together.");
        if (invocation.Value("--firmware-file") is not { } file)
            return null;
        if (!File.Exists(file))
            throw new UsageException($"--firmware-file: there is no file {file}.");
        var offer = await FirmwareSigning.ReadOfferAsync("--firmware-signature", invocation.Value("--firmware-signature")!, cancellationToken);
        var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        return offer.Fits(bytes) ? new FirmwareFile(offer, bytes) : throw new UsageException($"--firmware-signature: it is of another file than {file}.");
    }

    private static async Task<Claim> ReadClaimAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var file = invocation.Value("--claim") ?? throw new UsageException("--claim is needed: the file with the claim the device was enrolled with (fablab device key).");
        if (!File.Exists(file))
            throw new UsageException($"--claim: there is no file {file}.");
        if (!MessageReader.ReadClaim(await File.ReadAllBytesAsync(file, cancellationToken)).TryGet(out var claim, out var fault))
            throw new UsageException($"--claim: {file} is no claim ({fault}).");
        if (invocation.Value("--device") is { } device && device != claim.Device.Value)
            throw new UsageException($"--device: the claim is of {claim.Device.Value}, not of {device}.");
        return claim;
    }

    private static HashSet<int>? Numbers(Invocation invocation)
    {
        if (invocation.Value("--only") is not { } text)
            return null;
        var numbers = new HashSet<int>();
        foreach (var word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out var number) || Checks.All.All(check => check.Number != number))
                throw new UsageException($"--only: there is no check {word}. See: fablab conformance --list");
            numbers.Add(number);
        }
        return numbers;
    }

    private static async Task<IWorkbench> OpenAsync(Invocation invocation, DeviceKeys keys, IHands hands, CancellationToken cancellationToken)
    {
        if (invocation.Value("--tty") is { } tty)
        {
            var baud = invocation.Number("--baud", 115_200, 1_200, 921_600);
            return new SerialWorkbench(tty, baud, hands, TimeProvider.System, NullLogger.Instance);
        }
        var parts = invocation.Value("--broker")!.Split(':');
        var port = 1883;
        if (parts.Length > 2 || parts[0].Length == 0 || (parts.Length == 2 && !int.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out port)))
            throw new UsageException("--broker: HOST:PORT.");
        var password = invocation.Value("--password-file") is { } secret ? (await File.ReadAllTextAsync(secret, cancellationToken)).TrimEnd('\r', '\n') : null;
        return await MqttWorkbench.ConnectAsync(new BrokerAddress(parts[0], port, invocation.Value("--user"), password), keys, hands, TimeProvider.System, NullLogger.Instance, cancellationToken);
    }
}
