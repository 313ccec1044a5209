using System.Text.Json.Nodes;
using FabLab.Host.Cli;
using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Hosting;

/// <summary>
/// Short acts on Booking's data. Its file has one writer: when a program runs on the folder it is asked over its socket, else
/// Booking is started for a moment, without a port.
/// </summary>
internal static class BookingVerbs
{
    public static async Task<int> SignInLinkAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var question = new JsonObject { ["do"] = "sign-in-link" };
        if (invocation.Arguments.Count > 0)
            question["login"] = invocation.Arguments[0];
        if (await AskAsync(invocation, question, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["link"]?.GetValue<string>() is not { } link)
            return Refuse(invocation, answer);
        invocation.Out.WriteLine(link);
        return ExitCodes.Success;
    }

    public static async Task<int> ImportAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(invocation.Arguments[0]);
        if (!File.Exists(file))
        {
            invocation.Error.WriteLine($"fablab import: there is no file {file}.");
            return ExitCodes.Failure;
        }
        if (await AskAsync(invocation, new JsonObject { ["do"] = "import", ["file"] = file }, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["faults"] is not JsonArray faults)
            return Refuse(invocation, answer);
        if (invocation.Has("--json"))
            invocation.Out.WriteLine(answer.ToJsonString());
        else if (faults.Count == 0)
            invocation.Out.WriteLine($"{answer["added"]} new, {answer["changed"]} changed.");
        else
            invocation.Error.WriteLine($"Nothing was brought in:\n  {string.Join("\n  ", faults.Select(fault => fault?.GetValue<string>()))}");
        return faults.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    public static async Task<int> AuditVerifyAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var question = new JsonObject { ["do"] = "audit-verify" };
        if (invocation.Value("--head") is { } head)
        {
            question["head"] = head.Trim() is { Length: 64 } digits && digits.All(char.IsAsciiHexDigit)
                ? digits
                : throw new UsageException("--head: a head is 64 hexadecimal digits, as this verb prints it.");
        }
        if (await AskAsync(invocation, question, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["faults"] is not JsonArray faults)
            return Refuse(invocation, answer);
        if (invocation.Has("--json"))
        {
            invocation.Out.WriteLine(answer.ToJsonString());
        }
        else if (faults.Count == 0)
        {
            invocation.Out.WriteLine($"{answer["entries"]} entries, none changed, taken out, put in or moved. {answer["erased"]} values were erased as they should be.");
            invocation.Out.WriteLine($"Head, to be kept elsewhere: {answer["head"]}");
        }
        else
        {
            foreach (var fault in faults)
                invocation.Error.WriteLine($"  {fault!["seq"]}  {fault["code"]}  {fault["detail"]}");
        }
        return faults.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    public static async Task<int> ImportPeopleAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(invocation.Arguments[0]);
        if (!File.Exists(file))
        {
            invocation.Error.WriteLine($"fablab import-people: there is no file {file}.");
            return ExitCodes.Failure;
        }
        var question = new JsonObject { ["do"] = "import-people", ["file"] = file, ["dryRun"] = invocation.Has("--dry-run") };
        if (await AskAsync(invocation, question, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["lines"] is not JsonArray lines)
            return Refuse(invocation, answer);
        var sound = answer["faults"]!.GetValue<int>() == 0;
        if (invocation.Has("--json"))
        {
            invocation.Out.WriteLine(answer.ToJsonString());
        }
        else
        {
            foreach (var line in lines)
                invocation.Out.WriteLine($"{line!["line"],5}  {line["fr"]}");
            var summary = !sound ? "Nothing was brought in." : invocation.Has("--dry-run") ? "A try: nothing was brought in." : "Brought in.";
            (sound ? invocation.Out : invocation.Error).WriteLine($"{answer["added"]} new, {answer["changed"]} changed, {answer["faults"]} with a fault. {summary}");
        }
        return sound ? ExitCodes.Success : ExitCodes.Failure;
    }

    public static Task<int> RotateBadgeKeyAsync(Invocation invocation, CancellationToken cancellationToken) => BadgeKeyAsync(invocation, true, cancellationToken);

    public static Task<int> ShowBadgeKeyAsync(Invocation invocation, CancellationToken cancellationToken) => BadgeKeyAsync(invocation, false, cancellationToken);

    private static async Task<int> BadgeKeyAsync(Invocation invocation, bool rotate, CancellationToken cancellationToken)
    {
        if (await AskAsync(invocation, new JsonObject { ["do"] = "badge-key", ["rotate"] = rotate }, cancellationToken) is not { } answer)
            return ExitCodes.Usage;
        if (answer["key"] is null)
            return Refuse(invocation, answer);
        if (invocation.Has("--json"))
        {
            invocation.Out.WriteLine(answer.ToJsonString());
            return ExitCodes.Success;
        }
        invocation.Out.WriteLine($"Key {answer["key"]} is in use. {answer["underOlderKeys"]} of {answer["badges"]} badges are still known under a key before it.");
        if (rotate)
            invocation.Error.WriteLine("A gateway or a kiosk on another computer needs the new badge.key too. Badges change over as they are read.");
        return ExitCodes.Success;
    }

    internal static int Refuse(Invocation invocation, JsonNode answer)
    {
        invocation.Error.WriteLine($"fablab {invocation.Verb.Name}: {answer["error"]}");
        return ExitCodes.Failure;
    }

    /// <returns>Null when the settings are wrong; it has been said then.</returns>
    internal static async Task<JsonNode?> AskAsync(Invocation invocation, JsonObject question, CancellationToken cancellationToken)
    {
        var configuration = ProgramConfiguration.Build(invocation.Settings, DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return null;
        var options = configuration.Options;
        if (await LineSocket.AskAsync(Path.Combine(options.Data, HostSocket.FileName), question.ToJsonString(), cancellationToken) is { } line)
            return JsonNode.Parse(line);
        var booking = LabApps.Booking(configuration, demo: false, port: null);
        await using var runner = new LabRunner([booking], invocation.Error);
        return await runner.StartAsync(cancellationToken)
            ? await HostAnswers.AnswerAsync(question, booking.App.Services, options, cancellationToken)
            : new JsonObject { ["error"] = "Booking's data could not be opened." };
    }
}
