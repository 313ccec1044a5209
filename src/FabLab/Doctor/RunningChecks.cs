using System.Globalization;
using System.Net;
using System.Text.Json;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Doctor;

/// <summary>Asks what runs on the data folder how it is: whether it answers, can write, hears its devices, and is in step with Booking.</summary>
internal static class RunningChecks
{
    /// <summary>The feed confirms the rules at least once a minute; twice that is out of step.</summary>
    private const double OldRulesSeconds = 120;

    /// <summary>More lines than a working gateway has under way to Booking.</summary>
    private const double ManyLines = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Finding>> RunAsync(ProgramOptions options, IReadOnlyList<RunningProgram> running, CancellationToken cancellationToken)
    {
        if (running.Count == 0)
            return [Finding.Note("running", $"nothing runs on {options.Data}")];
        using var http = new HttpClient { Timeout = Patience };
        var findings = new List<Finding>();
        foreach (var program in running)
        {
            findings.Add(Finding.Good("running", $"fablab {program.Verb} runs (process {program.Process})"));
            if (program.Verb is "up" or "demo" or "booking" && program.WebPort is { } web)
                findings.Add(await BookingAsync(http, options.At(web), cancellationToken));
            if (program.KioskPort is { } kiosk)
                findings.Add(await AnswersAsync(http, "kiosk", options.At(kiosk), cancellationToken));
            if ((program.Verb is "up" or "demo" ? program.WebPort : program.GatewayPort) is { } gateway)
                findings.AddRange(await GatewayAsync(http, options.At(gateway), cancellationToken));
        }
        return findings;
    }

    /// <summary>Whether a broker that somebody else runs can be reached.</summary>
    public static async Task<Finding> ExternalBrokerAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(host, port, patience.Token);
            return Finding.Good("broker", $"the broker at {host}:{port} takes connections");
        }
        catch (Exception fault) when (fault is System.Net.Sockets.SocketException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Finding.Fault("broker", $"the broker at {host}:{port} does not take connections ({fault.Message})",
                "Start it, or correct Gateway:Broker:ExternalHost and Gateway:Broker:Port; without ExternalHost FabLab runs its own.");
        }
    }

    private static async Task<Finding> BookingAsync(HttpClient http, Uri address, CancellationToken cancellationToken) =>
        await AskAsync(http, new Uri(address, "health"), cancellationToken) switch
        {
            { Status: HttpStatusCode.OK } => Finding.Good("booking", $"Booking answers at {address} and can write"),
            { Status: HttpStatusCode.ServiceUnavailable } => Finding.Fault("booking", $"Booking at {address} cannot read or write its database",
                "Look at the disk and at the log. Taps are decided meanwhile, and their records wait at the gateway."),
            { } answer => Silent("booking", address, answer),
        };

    private static async Task<Finding> AnswersAsync(HttpClient http, string check, Uri address, CancellationToken cancellationToken) =>
        await AskAsync(http, address, cancellationToken) is { Status: HttpStatusCode.OK } or { Status: HttpStatusCode.Redirect }
            ? Finding.Good(check, $"the door's pages answer at {address}")
            : Finding.Fault(check, $"the door's pages do not answer at {address}", "Stop the program and start it again; the log says why.");

    private static async Task<IReadOnlyList<Finding>> GatewayAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        var ready = await AskAsync(http, new Uri(address, "health/ready"), cancellationToken);
        if (ready.Status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            return [Silent("gateway", address, ready)];
        var findings = new List<Finding>
        {
            ready.Status == HttpStatusCode.OK
                ? Finding.Good("gateway", "the gateway is ready")
                : Finding.Fault("gateway", $"the gateway is not ready: {ready.Text.Trim().ReplaceLineEndings("; ")}", RemedyOf(ready.Text)),
        };
        var status = await AskAsync(http, new Uri(address, "gateway/status"), cancellationToken);
        if (status.Status == HttpStatusCode.OK)
            findings.AddRange(Devices(status.Text));
        var metrics = await AskAsync(http, new Uri(address, "metrics"), cancellationToken);
        if (metrics.Status == HttpStatusCode.OK)
            findings.Add(InStep(metrics.Text));
        return findings;
    }

    private static string RemedyOf(string missing) =>
        missing.Contains("storage_failure", StringComparison.Ordinal) ? "Free some space or change the disk; nothing starts until a write succeeds again."
        : missing.Contains("no rules", StringComparison.Ordinal) ? "Start Booking, and check Gateway:BookingAddress and the key file of this gateway: no tap is granted before it has the rules."
        : "Wait a moment and look again; when it stays so, the log says why.";

    private static List<Finding> Devices(string json)
    {
        using var status = JsonDocument.Parse(json);
        var devices = status.RootElement.GetProperty("devices").EnumerateArray().ToList();
        var away = devices.Where(device => !device.GetProperty("online").GetBoolean()).Select(device => device.GetProperty("device").GetString()).ToList();
        var findings = new List<Finding>
        {
            away.Count == 0
                ? Finding.Good("devices", $"{devices.Count} device(s), all of them answer")
                : Finding.Warning("devices", $"{away.Count} of {devices.Count} device(s) do not answer: {string.Join(", ", away)}",
                    "Look at power, cable and Wi-Fi of each. Their relays have opened by their own clocks."),
        };
        if (status.RootElement.TryGetProperty("broker", out var trouble) && trouble.GetString() is { } text)
            findings.Add(Finding.Fault("broker", $"no device on MQTT can be reached: {text}", "Free the port or give another with --mqtt-port, install what is missing; FabLab tries again by itself."));
        findings.AddRange(status.RootElement.GetProperty("alarms").EnumerateArray().Select(alarm => Finding.Warning(
            "alarm",
            $"{alarm.GetProperty("code").GetString()} on {alarm.GetProperty("subject").GetString()}: {alarm.GetProperty("detail").GetString()}",
            "docs/operations.md says what each alarm means.")));
        return findings;
    }

    private static Finding InStep(string metrics)
    {
        var (revision, age, waiting) = (Read("fablab_policy_revision"), Read("fablab_policy_age_seconds"), Read("fablab_journal_waiting"));
        var what = string.Create(CultureInfo.InvariantCulture, $"rules at revision {revision:0}, confirmed {age:0} s ago; {waiting:0} line(s) wait for Booking");
        return age > OldRulesSeconds || waiting > ManyLines
            ? Finding.Warning("in-step", what, "Booking is not reached, or not fast enough: see that it runs, Gateway:BookingAddress, and the network. Nothing is lost meanwhile.")
            : Finding.Good("in-step", what);

        double Read(string name) =>
            metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal)) is { } line
            && double.TryParse(line[(name.Length + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : 0;
    }

    private static Finding Silent(string check, Uri address, Answer answer) =>
        Finding.Fault(check, $"it does not answer as it should at {address} ({answer.Text})",
            "Was it started with other ports? Give doctor the same options. Otherwise stop it and start it again; the log says why.");

    private static async Task<Answer> AskAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return new Answer(answer.StatusCode, answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable ? text : $"HTTP {(int)answer.StatusCode}");
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer(0, fault.Message);
        }
    }

    /// <param name="Status">0: none came.</param>
    /// <param name="Text">The body, or what was wrong.</param>
    private readonly record struct Answer(HttpStatusCode Status, string Text);
}
