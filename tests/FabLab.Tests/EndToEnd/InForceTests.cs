using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FabLab.Core;
using FabLab.Host.Cli;
using DeviceKey = FabLab.Protocol.DeviceKey;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>A whole lab whose log says everything it can say, and somebody of the staff at the API.</summary>
public sealed class TalkativeLab : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-in-force-");

    internal LabHandle Lab => new(_folder.FullName);

    internal LabProcess Process { get; private set; } = null!;

    internal int BrokerPort { get; private set; }

    internal HttpClient Staff { get; private set; } = null!;

    internal Uri Door { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var ports = DemoLab.FreePorts(3);
        Process = LabProcess.Start(
            "demo", "--quiet-day", "--data", _folder.FullName, "--web-port", ports[0], "--kiosk-port", ports[1], "--mqtt-port", ports[2],
            "--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Microsoft", "Information", "--Logging:LogLevel:System", "Information");
        await Process.WaitForAsync("Ctrl-C ends all of it.", cancel);
        BrokerPort = int.Parse(ports[2], System.Globalization.CultureInfo.InvariantCulture);
        Door = new Uri($"http://localhost:{ports[1]}/");
        Staff = new HttpClient { BaseAddress = new Uri($"http://localhost:{ports[0]}/") };
        await TokenAsync(cancel);
        using var entered = await Staff.PostAsync(new Uri("/api/v1/sign-in/demo", UriKind.Relative), null, cancel);
        Assert.True(entered.IsSuccessStatusCode, await entered.Content.ReadAsStringAsync(cancel));
        await TokenAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        Staff?.Dispose();
        if (Process is not null)
            await Process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    internal async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        using var answer = await Staff.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject();
    }

    private async Task TokenAsync(CancellationToken cancel)
    {
        var session = JsonNode.Parse(await Staff.GetStringAsync(new Uri("/api/v1/session", UriKind.Relative), cancel))!;
        Staff.DefaultRequestHeaders.Remove("X-FabLab-Token");
        Staff.DefaultRequestHeaders.Add("X-FabLab-Token", session["forgeryToken"]!.GetValue<string>());
    }
}

/// <summary>What staff decide in Booking is in force at the relay, through the real feed, gateway, broker and device; and nobody is named in the log.</summary>
public sealed class InForceTests(TalkativeLab lab) : IClassFixture<TalkativeLab>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_grant_and_a_withdrawal_made_in_booking_are_in_force_at_the_relay()
    {
        var (person, training) = (await IdAsync("person", "short_code", "M04"), await IdAsync("training", "code", Training));
        var refused = await lab.Lab.TapAsync("LAS-1", "M04", Cancel);
        Assert.Equal("training_missing", refused.Code);

        var granted = await lab.PostAsync($"/api/v1/people/{person}/habilitations", new JsonObject { ["training"] = training, ["level"] = "autonomous", ["evidence"] = "essai" }, Cancel);
        await KnownAsync();
        await lab.Lab.GrantedAsync("LAS-1", "M04", Cancel);
        Assert.True(await lab.Lab.IsOnAsync("LAS-1", Cancel));
        await lab.PostAsync($"/api/v1/habilitations/{granted["id"]!.GetValue<string>()}/withdraw", new JsonObject { ["evidence"] = "essai", ["lastAct"] = granted["act"]!.GetValue<int>() }, Cancel);

        await Eventually.IsAsync(() => lab.Lab.IsOnAsync("LAS-1", Cancel), on => !on, "the withdrawal has opened the relay", Cancel);
        await KnownAsync();
        // The reader may still be telling that the use has ended: that is not yet the answer to this tap.
        var after = await Eventually.IsAsync(() => lab.Lab.TapAsync("LAS-1", "M04", Cancel), tapped => tapped.Outcome != "ended", "the reader has told of the end", Cancel);
        Assert.Equal(ExitCodes.Refused, after.Exit);
    }

    [Fact]
    public async Task A_lock_out_made_in_booking_opens_the_relay_and_its_release_lets_it_close_again()
    {
        var machine = await IdAsync("machine", "code", "BRO-1");
        await lab.Lab.GrantedAsync("BRO-1", "M13", Cancel);

        var locked = await lab.PostAsync($"/api/v1/machines/{machine}/lock-outs", new JsonObject { ["cause"] = "aiguille" }, Cancel);
        await Eventually.IsAsync(() => lab.Lab.IsOnAsync("BRO-1", Cancel), on => !on, "the lock-out has opened the relay", Cancel);
        Assert.Equal("locked_out", (await lab.Lab.TapAsync("BRO-1", "M13", Cancel)).Code);
        await lab.PostAsync($"/api/v1/lock-outs/{locked["id"]!.GetValue<string>()}/release", [], Cancel);

        await Eventually.IsAsync(() => lab.Lab.TapAsync("BRO-1", "M13", Cancel), tapped => tapped.Outcome == "granted", "the release is in force", Cancel);
        await lab.Lab.EndedAsync("BRO-1", "M13", Cancel);
    }

    [Fact]
    public async Task Who_comes_in_at_the_door_may_start_a_machine_that_asks_for_it_and_who_has_left_may_not()
    {
        var machine = await IdAsync("machine", "code", "BRO-1");
        await CheckInAsync(machine, needed: true);
        using var door = new HttpClient { BaseAddress = lab.Door };
        using (var away = await lab.Staff.DeleteAsync(new Uri($"/api/v1/people/{await IdAsync("person", "short_code", "M13")}/presence", UriKind.Relative), Cancel))
            Assert.True(away.IsSuccessStatusCode);
        await KnownAsync();
        Assert.Equal("not_checked_in", (await lab.Lab.TapAsync("BRO-1", "M13", Cancel)).Code);

        await Eventually.IsAsync(() => SayAsync("code"), title => title.Contains("Bonjour", StringComparison.Ordinal), "the door knows the code", Cancel);
        await PresentAsync(1);
        await lab.Lab.GrantedAsync("BRO-1", "M13", Cancel);
        await lab.Lab.EndedAsync("BRO-1", "M13", Cancel);
        Assert.Contains("Au revoir", await SayAsync("code?leaving=true"), StringComparison.Ordinal);

        await PresentAsync(0);
        Assert.Equal("not_checked_in", (await lab.Lab.TapAsync("BRO-1", "M13", Cancel)).Code);
        await CheckInAsync(machine, needed: false);
        await KnownAsync();

        async Task PresentAsync(long rows)
        {
            await Eventually.IsAsync(
                () => CountAsync("SELECT COUNT(*) FROM presence WHERE person_id = (SELECT id FROM person WHERE short_code = 'M13')"), present => present == rows, "the door's word has arrived", Cancel);
            await KnownAsync();
        }

        async Task<string> SayAsync(string address)
        {
            using var typed = new FormUrlEncodedContent([new("typed", "M13"), new("key", "done")]);
            using var answer = await door.PostAsync(new Uri(address, UriKind.Relative), typed, Cancel);
            return await answer.Content.ReadAsStringAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_session_opened_in_booking_lets_a_learner_start_with_one_tap_and_its_end_opens_the_relay()
    {
        var (machine, mentor, learner) = (await IdAsync("machine", "code", "BRO-1"), await IdAsync("person", "short_code", "M01"), await IdAsync("person", "short_code", "M04"));
        var added = await lab.PostAsync(
            "/api/v1/group-sessions",
            new JsonObject
            {
                ["title"] = "Broderie", ["start"] = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), ["minutes"] = 120, ["keepMachines"] = false,
                ["mentors"] = new JsonArray(new JsonObject { ["person"] = mentor }), ["machines"] = new JsonArray(machine),
            },
            Cancel);
        var path = $"/api/v1/group-sessions/{added["id"]!.GetValue<string>()}";
        await lab.PostAsync($"{path}/list", new JsonObject { ["people"] = new JsonArray(learner) }, Cancel);

        await lab.PostAsync($"{path}/open", [], Cancel);
        await KnownAsync();
        await lab.Lab.GrantedAsync("BRO-1", "M04", Cancel);
        Assert.True(await lab.Lab.IsOnAsync("BRO-1", Cancel));

        await lab.PostAsync($"{path}/end", [], Cancel);
        await Eventually.IsAsync(() => lab.Lab.IsOnAsync("BRO-1", Cancel), on => !on, "the end of the session has opened the relay", Cancel);
    }

    [Fact]
    public async Task A_device_is_enrolled_by_its_code_while_the_gateway_runs_and_a_wrong_code_is_told()
    {
        var (key, other) = (DeviceKey.Create(), DeviceKey.Create());
        using var node = new CodeNode("essai-9", key, 2, lab.BrokerPort);

        // The code of before its key was changed: the device knocks and is turned away.
        await EnrolAsync(other, keyId: 1);
        await PageSaysAsync("sa clé n’est pas celle de ce code");
        Assert.False(node.Knocking.IsCompleted);

        var code = await EnrolAsync(key, keyId: 2);
        await node.Knocking.WaitAsync(Cancel);
        await PageSaysAsync("est enrôlé, et il répond");
        using var again = await lab.Staff.PostAsJsonAsync(new Uri("/api/v1/devices/enrol", UriKind.Relative), new { device = "essai-9", code }, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, again.StatusCode);

        // The gateway has the key, Booking has it no more, and nobody has said it aloud.
        Assert.Contains(key.ToBase64Url(), await File.ReadAllTextAsync(Directory.GetFiles(lab.Lab.Data, "devices.json", SearchOption.AllDirectories).Single(), Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM device WHERE enrol_sealed IS NOT NULL"));
        Assert.DoesNotContain(key.ToBase64Url(), lab.Process.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(code, lab.Process.Said, StringComparison.Ordinal);

        async Task<string> EnrolAsync(DeviceKey with, byte keyId)
        {
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(with.ToBase64Url());
            var text = ClaimCode.Write(new DeviceId("essai-9"), keyId, bytes);
            await lab.PostAsync("/api/v1/devices/enrol", new JsonObject { ["device"] = "essai-9", ["code"] = text, ["relays"] = 1 }, Cancel);
            return text;
        }

        Task<string> PageSaysAsync(string words) => Eventually.IsAsync(
            () => lab.Staff.GetStringAsync(new Uri("/devices/essai-9", UriKind.Relative), Cancel),
            page => System.Net.WebUtility.HtmlDecode(page).Contains(words, StringComparison.Ordinal), words, Cancel);
    }

    [Fact]
    public async Task A_tap_reaches_the_open_floor_as_a_hint_and_the_part_that_is_fetched_says_it_in_words()
    {
        using var open = new HttpClient { BaseAddress = lab.Staff.BaseAddress };
        using var stream = await open.GetAsync(new Uri("/live", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));
        var machine = await IdAsync("machine", "code", "COU-1");

        await lab.Lab.GrantedAsync("COU-1", "M12", Cancel);
        string? line;
        while ((line = await lines.ReadLineAsync(Cancel)) != $"event: m-{machine.ToString().ToLowerInvariant()}")
            Assert.NotNull(line);

        await Eventually.IsAsync(
            () => open.GetStringAsync(new Uri("/live/machines/COU-1", UriKind.Relative), Cancel),
            part => part.Contains("Allumée", StringComparison.Ordinal) || part.Contains("En marche", StringComparison.Ordinal), "the floor says that COU-1 is on", Cancel);
        await lab.Lab.EndedAsync("COU-1", "M12", Cancel);
        await lab.Lab.LedgerAddsUpAsync("COU-1", rows: 1, Cancel);
    }

    [Theory]
    [InlineData("/trainings", "Prise en main impression 3D")]
    [InlineData("/sessions", "Atelier ouvert du groupe")]
    [InlineData("/programmes", "Professionnalisation")]
    [InlineData("/front-desk", "Karim Rabot")]
    [InlineData("/reports", "Politique de la Ville")]
    [InlineData("/planning", "Bureau partagé")]
    public async Task The_pages_of_the_demonstration_show_a_lab_at_work(string path, string words)
    {
        // Its past comes in once it has said that it runs.
        await Eventually.IsAsync(
            () => lab.Staff.GetStringAsync(new Uri(path, UriKind.Relative), Cancel),
            page => System.Net.WebUtility.HtmlDecode(page).Contains(words, StringComparison.Ordinal), words, Cancel);
    }

    [Fact]
    public async Task Whatever_is_logged_names_nobody_and_no_badge()
    {
        foreach (var person in new[] { "M02", "M05", "M06", "M07", "M41", "0102030405" })
            await lab.Lab.TapAsync("VIN-1", person, Cancel);
        var description = JsonNode.Parse(
            await File.ReadAllTextAsync(Repository.File("samples", "lab", "lab.json"), Cancel), null, new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;

        var people = description["people"]!.AsArray();
        var secrets = people.Select(person => person!["name"]!.GetValue<string>())
            .Concat(people.Select(person => person!["name"]!.GetValue<string>().Split(' ')[^1]))
            .Concat(people.SelectMany(person => person!["badges"]!.AsArray().Select(badge => badge!.GetValue<string>())))
            .Append("0102030405").ToList();
        Assert.True(secrets.Count > 60, $"{secrets.Count} names and numbers: was the lab read at all?");
        var log = lab.Process.Said;
        Assert.Contains("info: FabLab.", log, StringComparison.Ordinal);
        Assert.DoesNotContain(secrets, secret => log.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private const string Training = "laser-1";

    /// <summary>The gateway decides by all that Booking has said until now: nobody has to tap to find out, which counts as an attempt.</summary>
    private async Task KnownAsync()
    {
        var revision = await CountAsync("SELECT revision FROM policy_counter");
        await Eventually.IsAsync(
            () => lab.Staff.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel),
            metrics => System.Text.RegularExpressions.Regex.Match(metrics, @"^fablab_policy_revision\S* (\d+)", System.Text.RegularExpressions.RegexOptions.Multiline) is { Success: true } said
                && long.Parse(said.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) >= revision,
            "the rules have reached the gateway", Cancel);
    }

    /// <summary>BRO-1 as it is in the sample lab, but for whether one must have come in at the door.</summary>
    private async Task CheckInAsync(Guid machine, bool needed)
    {
        var rules = new JsonObject
        {
            ["level"] = "orange", ["ageAccompanied"] = 10, ["ageAlone"] = 14, ["needsMembership"] = true, ["needsCheckIn"] = needed, ["needsProject"] = false,
            ["needsSecondPerson"] = false, ["learnersWelcome"] = true, ["version"] = await CountAsync("SELECT version FROM machine WHERE code = 'BRO-1'"),
        };
        using var answer = await lab.Staff.PutAsJsonAsync(new Uri($"/api/v1/machines/{machine}/rules", UriKind.Relative), rules, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<long> CountAsync(string query)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(lab.Lab.Data, "booking.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        // The query stands in this file.
#pragma warning disable CA2100
        command.CommandText = query;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private async Task<Guid> IdAsync(string table, string column, string value)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(lab.Lab.Data, "booking.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        // Names of tables and columns stand in this file; the value is a parameter.
#pragma warning disable CA2100
        command.CommandText = $"SELECT id FROM {table} WHERE {column} = $value";
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$value", value);
        var id = await command.ExecuteScalarAsync(Cancel);
        return id is byte[] bytes ? new Guid(bytes, bigEndian: true) : Guid.Parse((string)id!);
    }
}
