using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Import;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Sessions;
using FabLab.Gateway;
using FabLab.Host.Devices;
using FabLab.Host.Hosting;
using FabLab.Host.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Host.Running;

/// <summary>What a running Booking answers over <see cref="HostSocket"/>.</summary>
internal static class HostAnswers
{
    /// <summary>Asks why a person's tap at a machine did not switch it on, refused or waiting for a second badge: <c>machine</c>, <c>person</c> (short code, or a tag's number) and <c>since</c>.</summary>
    public const string RefusedTap = "refused-tap";

    /// <summary>The clocks of the gateway and of who asks are the same computer's; what lies between two readings of them.</summary>
    private static readonly Duration ClockSlack = Duration.FromMilliseconds(300);

    public static async Task<JsonObject> AnswerAsync(JsonObject question, IServiceProvider booking, ProgramOptions options, CancellationToken cancellationToken)
    {
        switch (question["do"]?.GetValue<string>())
        {
            case "sign-in-link":
                var link = await booking.GetRequiredService<IOneTimeLinks>().CreateAsync(question["login"]?.GetValue<string>(), cancellationToken);
                return link is null
                    ? new JsonObject { ["error"] = "There is no such active account." }
                    : new JsonObject { ["link"] = options.Web.ToString().TrimEnd('/') + link.Path, ["expires"] = link.ExpiresAt.ToString() };
            case "import" when question["file"]?.GetValue<string>() is { } file:
                return await ImportAsync(file, booking, cancellationToken);
            case RefusedTap when question["machine"]?.GetValue<string>() is { } machine && question["person"]?.GetValue<string>() is { } person
                && InstantPattern.ExtendedIso.Parse(question["since"]?.GetValue<string>() ?? "") is { Success: true } since:
                return await RefusedTapAsync(machine, person, since.Value - ClockSlack, booking, cancellationToken);
            case "token-create":
                return await TokenVerbs.CreateAsync(question, booking, cancellationToken);
            case "token-list":
                return await TokenVerbs.ListAsync(booking, cancellationToken);
            case "token-revoke":
                return await TokenVerbs.RevokeAsync(question, booking, cancellationToken);
            case "badge-key" when question["rotate"] is { } rotate:
                var keys = booking.GetRequiredService<IBadgeKeys>();
                var standing = rotate.GetValue<bool>() ? await keys.RotateAsync(cancellationToken) : await keys.StandingAsync(cancellationToken);
                return new JsonObject { ["key"] = standing.Key, ["badges"] = standing.Badges, ["underOlderKeys"] = standing.UnderOlderKeys, ["keys"] = standing.Keys };
            case "device-test" when question["device"]?.GetValue<string>() is { } device:
                return await booking.GetRequiredService<IDeviceTests>().AskAsync(device, DeviceTestVerb.KindOf(question), cancellationToken) is { } no ? new JsonObject { ["error"] = no } : new JsonObject { ["asked"] = true };
            case "device-test-result" when question["device"]?.GetValue<string>() is { } device:
                return await DeviceTestVerb.ResultAsync(device, DeviceTestVerb.KindOf(question), booking, cancellationToken);
            case "device-update" or "device-update-result":
                return await GatewayAnswerAsync(question, booking, cancellationToken);
            case "audit-verify":
                return await VerifyAsync(question["head"]?.GetValue<string>(), booking, cancellationToken);
            case "import-people" when question["file"]?.GetValue<string>() is { } file:
                return await ImportPeopleAsync(file, question["dryRun"]?.GetValue<bool>() ?? false, booking, cancellationToken);
            default:
                return new JsonObject { ["error"] = "This program does not know how to do that." };
        }
    }

    /// <summary>What a gateway answers, with a Booking beside it or alone.</summary>
    public static async Task<JsonObject> GatewayAnswerAsync(JsonObject question, IServiceProvider services, CancellationToken cancellationToken) => question["do"]?.GetValue<string>() switch
    {
        "device-update" => await DeviceUpdateVerb.AskAsync(question, services, cancellationToken),
        "device-update-result" when question["device"]?.GetValue<string>() is { } device => DeviceUpdateVerb.Result(device, services),
        _ => new JsonObject { ["error"] = "This program does not know how to do that." },
    };

    private static async Task<JsonObject> RefusedTapAsync(string machine, string person, Instant since, IServiceProvider booking, CancellationToken cancellationToken)
    {
        await using var db = await booking.GetRequiredService<IDbContextFactory<BookingDbContext>>().CreateDbContextAsync(cancellationToken);
        var machines = db.Machines.Where(m => m.Code == machine).Select(m => m.Id);
        var who = (await db.People.Where(p => p.ShortCode == person).Select(p => (PersonId?)p.Id).ToListAsync(cancellationToken)).SingleOrDefault();
        // The number of a tag is kept nowhere: whoever asks with one gets the last refusal, somebody's before nobody's, as readers see ghosts.
        var refused = await db.RefusedTaps.Where(tap => machines.Contains(tap.MachineId) && tap.At >= since && (who == null || tap.PersonId == who))
            .OrderBy(tap => tap.PersonId == null).ThenByDescending(tap => tap.At).FirstOrDefaultAsync(cancellationToken);
        var language = booking.GetRequiredService<IOptions<GatewayOptions>>().Value.Language;
        if (refused is null)
        {
            var events = await db.Journal.Where(row => row.MachineId != null && machines.Contains(row.MachineId.Value) && row.At >= since && row.Kind == JournalKinds.Event && row.Refused == null)
                .Select(row => row.Body).ToListAsync(cancellationToken);
            var waits = events.Select(body => JsonSerializer.Deserialize<MachineEvent>(body, CoreJson.Options))
                .Any(happened => happened is MachineEvent.TapDecided { Outcome: ReplyKind.SecondBadgePlease } tap && (who is null || tap.Person == who));
            return waits
                ? new JsonObject { ["outcome"] = "waiting", ["code"] = "second_badge_please", ["text"] = SessionWords.Of(ReplyKind.SecondBadgePlease).In(language) }
                : [];
        }
        var denied = JsonSerializer.Deserialize<AccessDecision>(refused.Decision, CoreJson.Options) as AccessDecision.Denied;
        return new JsonObject { ["outcome"] = "refused", ["code"] = refused.Reason, ["text"] = denied is null ? null : $"{denied.Sentence.In(language)} {denied.NextStep.In(language)}" };
    }

    public static async Task<JsonObject> ImportAsync(string file, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var report = await booking.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(file, cancellationToken), cancellationToken);
        MemoryBack.Give();
        return new JsonObject
        {
            ["added"] = report.Added,
            ["changed"] = report.Changed,
            ["faults"] = new JsonArray([.. report.Faults.Select(fault => (JsonNode)fault.ToString())]),
        };
    }

    private static async Task<JsonObject> VerifyAsync(string? head, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var report = await booking.GetRequiredService<IAuditCheck>().RunAsync(head, cancellationToken);
        return new JsonObject
        {
            ["sound"] = report.Sound,
            ["entries"] = report.Entries,
            ["head"] = report.Head,
            ["erased"] = report.Erased,
            ["keptHeadAt"] = report.KeptHeadAt,
            ["faults"] = new JsonArray(
                [.. report.Faults.Select(fault => (JsonNode)new JsonObject { ["seq"] = fault.Seq, ["code"] = fault.Code, ["detail"] = fault.Detail })]),
        };
    }

    private static async Task<JsonObject> ImportPeopleAsync(string file, bool dryRun, IServiceProvider booking, CancellationToken cancellationToken)
    {
        var report = await booking.GetRequiredService<IPeopleImport>().RunAsync(await File.ReadAllBytesAsync(file, cancellationToken), null, dryRun, cancellationToken);
        return new JsonObject
        {
            ["done"] = report.Done,
            ["added"] = report.Added,
            ["changed"] = report.Changed,
            ["faults"] = report.Faults,
            ["lines"] = new JsonArray(
                [
                    .. report.Lines.Select(line => (JsonNode)new JsonObject
                    {
                        ["line"] = line.Line,
                        ["fate"] = JsonNamingPolicy.CamelCase.ConvertName(line.Fate.ToString()),
                        ["fr"] = line.Sentence.Fr,
                        ["en"] = line.Sentence.En,
                    }),
                ]),
        };
    }
}
