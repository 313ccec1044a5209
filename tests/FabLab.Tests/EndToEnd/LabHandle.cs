using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Running;
using Microsoft.Data.Sqlite;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>What came of a tap, as <c>fablab tap --json</c> says it.</summary>
internal sealed record Tapped(int Exit, JsonNode Said)
{
    public string Outcome => Said["outcome"]!.GetValue<string>();

    public string? Code => Said["code"]?.GetValue<string>();

    public string? Text => Said["text"]?.GetValue<string>();
}

/// <summary>The sums of a machine's ledger rows.</summary>
internal sealed record LedgerSum(int Rows, long PoweredMs, long CoolDownMs, long UnknownMs)
{
    /// <summary>What the machine's own relay was closed for.</summary>
    public long RelayMs => PoweredMs + CoolDownMs;
}

/// <summary>A data folder with a lab on it: taps, the truth of the virtual lab, the ledger as it stands in the file.</summary>
internal sealed class LabHandle(string data)
{
    public string Data => data;

    /// <summary>Taps through the program's own verb.</summary>
    /// <summary>Taps; once more while the machine's device is on its way back, as after a broker that another test has killed.</summary>
    public Task<Tapped> TapAsync(string machine, string person, CancellationToken cancellationToken) => Eventually.IsAsync(
        () => TapOnceAsync(machine, person, cancellationToken), tapped => tapped.Said["code"]?.GetValue<string>() != "machine_unreachable", $"{machine} is reached", cancellationToken);

    private async Task<Tapped> TapOnceAsync(string machine, string person, CancellationToken cancellationToken)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(["tap", machine, person, "--data", data, "--json"], cancellationToken);
        Assert.True(output.ToString().StartsWith('{'), $"tap {machine} {person} said: {output}{error}");
        return new Tapped(exit, JsonNode.Parse(output.ToString())!);
    }

    /// <summary>Taps as somebody at a terminal does, and gives the words that they read there.</summary>
    public async Task<(int Exit, string Said)> TapInWordsAsync(string machine, string person, CancellationToken cancellationToken)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await new CommandLine(Verbs.All, output, error).RunAsync(["tap", machine, person, "--data", data], cancellationToken);
        Assert.Equal("", error.ToString());
        return (exit, output.ToString());
    }

    /// <summary>Taps and expects a machine that is switched on.</summary>
    public async Task GrantedAsync(string machine, string person, CancellationToken cancellationToken)
    {
        var tapped = await TapAsync(machine, person, cancellationToken);
        Assert.True(tapped is { Exit: ExitCodes.Success, Outcome: "granted" }, $"{machine} {person}: {tapped.Said.ToJsonString()}");
    }

    /// <summary>Taps and expects a use that ends.</summary>
    public async Task EndedAsync(string machine, string person, CancellationToken cancellationToken)
    {
        var tapped = await TapAsync(machine, person, cancellationToken);
        Assert.True(tapped is { Exit: ExitCodes.Success, Outcome: "ended" }, $"{machine} {person}: {tapped.Said.ToJsonString()}");
    }

    /// <summary>Tells the virtual lab to do something.</summary>
    public async Task<JsonNode> DoAsync(JsonObject request, CancellationToken cancellationToken)
    {
        var line = await LineSocket.AskAsync(Path.Combine(data, "virtual.sock"), request.ToJsonString(), cancellationToken);
        Assert.NotNull(line);
        var answer = JsonNode.Parse(line)!;
        Assert.True(answer["ok"]!.GetValue<bool>(), line);
        return answer;
    }

    public Task<JsonNode> DoAsync(string act, string machine, CancellationToken cancellationToken) =>
        DoAsync(new JsonObject { ["do"] = act, ["machine"] = machine }, cancellationToken);

    /// <summary>The truth about a machine's contact.</summary>
    public async Task<JsonNode> MachineAsync(string code, CancellationToken cancellationToken)
    {
        var status = await DoAsync(new JsonObject { ["do"] = "status" }, cancellationToken);
        return status["machines"]!.AsArray().Single(machine => machine!["code"]!.GetValue<string>() == code)!;
    }

    public async Task<bool> IsOnAsync(string code, CancellationToken cancellationToken) =>
        (await MachineAsync(code, cancellationToken))["relayClosed"]!.GetValue<bool>();

    public async Task<long> OnTimeAsync(string code, CancellationToken cancellationToken) =>
        (await MachineAsync(code, cancellationToken))["onTimeMs"]!.GetValue<long>();

    public async Task<bool> IsConnectedAsync(string device, CancellationToken cancellationToken)
    {
        var status = await DoAsync(new JsonObject { ["do"] = "status" }, cancellationToken);
        return status["devices"]!.AsArray().Single(d => d!["id"]!.GetValue<string>() == device)!["connected"]!.GetValue<bool>();
    }

    /// <summary>The ledger of a machine, straight from Booking's file.</summary>
    public async Task<LedgerSum> LedgerAsync(string code, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "booking.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT count(*), coalesce(sum(powered_ms), 0), coalesce(sum(cool_down_ms), 0), coalesce(sum(unknown_ms), 0)
            FROM machine_time JOIN machine ON machine.id = machine_time.machine_id
            WHERE machine.code = $code
            """;
        command.Parameters.AddWithValue("$code", code);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new LedgerSum(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    /// <summary>What the gateway told of a machine, an event a line.</summary>
    private async Task<string> EventsAsync(string code, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "booking.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM journal JOIN machine ON machine.id = journal.machine_id WHERE machine.code = $code ORDER BY machine_seq";
        command.Parameters.AddWithValue("$code", code);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            events.Add(reader.GetString(0));
        return string.Join('\n', events.Where(happened => !happened.Contains("tap_decided", StringComparison.Ordinal)));
    }

    /// <summary>Waits until the ledger has this many rows of the machine and holds them against the contact, to the millisecond.</summary>
    public async Task LedgerAddsUpAsync(string code, int rows, CancellationToken cancellationToken)
    {
        var onTime = await OnTimeAsync(code, cancellationToken);
        Assert.True(onTime > 0, $"{code} was never on.");
        var ledger = await Eventually.IsAsync(
            () => LedgerAsync(code, cancellationToken), sum => sum.Rows >= rows && sum.RelayMs >= onTime, $"{code} has {onTime} ms on the ledger in {rows} row(s)", cancellationToken);
        Assert.True(onTime == ledger.RelayMs, $"{code} was on for {onTime} ms, the ledger says {ledger.RelayMs} ms; now it is {await OnTimeAsync(code, cancellationToken)} ms.\n{await EventsAsync(code, cancellationToken)}");
        Assert.Equal(0, ledger.UnknownMs);
        Assert.Equal(rows, ledger.Rows);
    }
}
