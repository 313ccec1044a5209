using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>The devices: alive or not, bound to which machine, replaced, withdrawn.</summary>
internal static class DevicePages
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/devices", async (DeviceQueries devices, CancellationToken cancellationToken) =>
            Web.Pages.Show<DevicesPage>((nameof(DevicesPage.Sheet), await devices.SheetAsync(cancellationToken))));
        staff.MapGet("/devices/{device}", async (string device, DeviceQueries devices, CancellationToken cancellationToken) =>
            await ShowAsync(200, device, null, devices, cancellationToken));
        staff.MapGet("/device-enrolment", async (string? device, DeviceQueries devices, CancellationToken cancellationToken) =>
            await FormAsync(200, new EnrolForm(device), devices, cancellationToken));
        staff.MapPost("/device-enrolment", EnrolAsync);
        staff.MapGet("/device-discovery", (DiscoveryBoard board) => Web.Pages.Show<DiscoveryPage>((nameof(DiscoveryPage.All), board.All)));
        staff.MapPost("/device-discovery", AdoptAsync);
        staff.MapPost("/devices/bind", async (
            [FromForm] string? device, [FromForm] string? machine, [FromForm] string? role, [FromForm] int? channel,
            HttpContext http, BookingDbContext db, BindDevices handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await BindAsync(true, device, machine, role, channel, http, db, handler, notes, devices, frame, cancellationToken));
        staff.MapPost("/devices/unbind", async (
            [FromForm] string? device, [FromForm] string? machine, [FromForm] string? role, [FromForm] int? channel,
            HttpContext http, BookingDbContext db, BindDevices handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await BindAsync(false, device, machine, role, channel, http, db, handler, notes, devices, frame, cancellationToken));
        staff.MapPost("/devices/replace", async (
            [FromForm] string? device, [FromForm] long? version, [FromForm] string? by,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.ReplaceAsync(new DeviceToReplace(device, version ?? -1, by), frame.Viewer.Actor!, cancellationToken),
                device, _ => new DoneNote(DeviceText.Replaced.Words(device!, by!)), http, notes, devices, cancellationToken));
        staff.MapPost("/devices/withdraw", async (
            [FromForm] string? device, [FromForm] long? version,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.WithdrawAsync(new DeviceToManage(device, version ?? -1), frame.Viewer.Actor!, cancellationToken),
                device, _ => new DoneNote(DeviceText.WithdrawnNow.Words(device!)), http, notes, devices, cancellationToken));
        staff.MapPost("/devices/test", async (
            [FromForm] string? device, [FromForm] long? version, [FromForm] TrialKind? kind,
            HttpContext http, TestDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.HandleAsync(new DeviceToTry(device, version ?? -1, kind ?? TrialKind.Lease), frame.Viewer.Actor!, cancellationToken),
                device, _ => new DoneNote((kind is null or TrialKind.Lease ? DeviceText.TestAsked : DeviceText.TestHandAsked).Words(device!)), http, notes, devices, cancellationToken));
        staff.MapPost("/devices/firmware", FirmwareAsync)
            .WithMetadata(new BodyLimit(FirmwareSignature.MostFirmware + BodyLimit.Ordinary))
            .WithMetadata(new RequestFormLimitsAttribute { MultipartBodyLengthLimit = FirmwareSignature.MostFirmware + BodyLimit.Ordinary });
        staff.MapPost("/devices/door", async (
            [FromForm] string? device, [FromForm] long? version, [FromForm] string? door,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.DoorAsync(new DeviceAtDoor(device, version ?? -1, door == "on"), frame.Viewer.Actor!, cancellationToken),
                device,
                done => new DoneNote((door == "on" ? DeviceText.DoorNow : DeviceText.DoorNoMore).Words(device!), "/devices/door", new Dictionary<string, string>
                {
                    ["device"] = device!,
                    ["version"] = done.Version.ToString(CultureInfo.InvariantCulture),
                    ["door"] = door == "on" ? "" : "on",
                }),
                http, notes, devices, cancellationToken));
        staff.MapPost("/devices/allow", async (
            [FromForm] string? device, [FromForm] long? version,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.AllowAsync(new DeviceToManage(device, version ?? -1), frame.Viewer.Actor!, cancellationToken),
                device, _ => new DoneNote(DeviceText.AllowedNow.Words(device!)), http, notes, devices, cancellationToken));
    }

    private static async Task<IResult> BindAsync(
        bool bind, string? device, string? machine, string? role, int? channel,
        HttpContext http, BookingDbContext db, BindDevices handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(machine, out MachineId id) || !Enum.TryParse(role, out DeviceRole asked) || !Enum.IsDefined(asked) || string.IsNullOrEmpty(device)
            || await db.Machines.SingleOrDefaultAsync(m => m.Id == id && !m.Retired, cancellationToken) is not { } owner)
        {
            return await ShowAsync(400, device, DeviceText.BindWrong, devices, cancellationToken);
        }

        List<DeviceAtWork> now = [.. (await db.MachineDevices.Where(d => d.MachineId == id).ToListAsync(cancellationToken))
            .Select(d => new DeviceAtWork(d.Role, d.DeviceId.Value, d.Channel, d.Reader))];
        bool there = now.RemoveAll(d => d.Role == asked && d.Device == device && d.Channel == (channel ?? 0)) > 0;
        // A second click finds it done.
        if (bind)
            now.Add(new DeviceAtWork(asked, device, channel ?? 0));
        if (there != bind)
        {
            Outcome<People.Changed> outcome = await handler.HandleAsync(id, new DevicesOfMachine(owner.Version, now), frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is { } refusal)
                return await ShowAsync(refusal.Status, device, ProblemOf(refusal), devices, cancellationToken);
        }

        var fields = new Dictionary<string, string>
        {
            ["device"] = device,
            ["machine"] = id.ToString(),
            ["role"] = asked.ToString(),
            ["channel"] = (channel ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        notes.Leave(http, new DoneNote((bind ? DeviceText.Bound : DeviceText.Unbound).Words(device, owner.Code), bind ? "/devices/unbind" : "/devices/bind", fields));
        return Results.LocalRedirect(DeviceLine.Address(device));
    }

    private static async Task<IResult> AdoptAsync(
        [FromForm] string? device, [FromForm] string? gateway, [FromForm] string? place, [FromForm] string? driver, [FromForm] int? relays, [FromForm] string? secret, [FromForm] string? certificate,
        AdoptDevice handler, DiscoveryBoard board, PageFrame frame, CancellationToken cancellationToken)
    {
        Outcome<DeviceManaged> outcome = await handler.HandleAsync(new DeviceAdoption(device, gateway, place, driver, relays, secret, certificate), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is not { } refusal)
            return Results.LocalRedirect(DeviceLine.Address(outcome.Value.Device.Value));
        Phrase problem = refusal.Code switch
        {
            "device_gone" => DeviceText.AdoptGone,
            "device_enrolled" => DeviceText.AdoptNamed,
            "broker_unreachable" => DeviceText.AdoptNoBroker,
            _ when refusal.Field == "secret" => DeviceText.AdoptSecretWrong,
            _ when refusal.Field == "certificate" => DeviceText.AdoptCertificateWrong,
            _ => DeviceText.NameWrong,
        };
        // What was typed as a secret does not come back in the page.
        return Web.Pages.Show<DiscoveryPage>(
            refusal.Status, (nameof(DiscoveryPage.All), board.All), (nameof(DiscoveryPage.Place), place), (nameof(DiscoveryPage.Name), device), (nameof(DiscoveryPage.Problem), problem));
    }

    private static async Task<IResult> FirmwareAsync(
        IFormCollection form, HttpContext http, UpdateDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken)
    {
        string device = form["device"].ToString();
        byte[]? file = await ReadAsync("file", FirmwareSignature.MostFirmware);
        byte[]? signature = await ReadAsync("signature", FirmwareSignature.MostText);
        long version = long.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;
        return await AnswerAsync(
            await handler.HandleAsync(new DeviceFirmware(device, version, file, signature is null ? null : System.Text.Encoding.UTF8.GetString(signature)), frame.Viewer.Actor!, cancellationToken),
            device, _ => new DoneNote(DeviceText.UploadAsked.Words(device)), http, notes, devices, cancellationToken);

        async Task<byte[]?> ReadAsync(string name, int most)
        {
            if (form.Files.GetFile(name) is not { Length: > 0 } upload || upload.Length > most)
                return null;
            using var bytes = new MemoryStream((int)upload.Length);
            await upload.CopyToAsync(bytes, cancellationToken);
            return bytes.ToArray();
        }
    }

    private static async Task<IResult> EnrolAsync(
        [FromForm] string? device, [FromForm] string? code, [FromForm] string? gateway, [FromForm] int? relays,
        EnrolDevice handler, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken)
    {
        Outcome<DeviceManaged> outcome = await handler.HandleAsync(new DeviceToEnrolByCode(device, code, gateway, relays ?? 1), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is not { } refusal)
            return Results.LocalRedirect(DeviceLine.Address(outcome.Value.Device.Value));
        (string field, Phrase error) = refusal.Code switch
        {
            "claim_code_other_device" => ("code", DeviceText.CodeOfOther),
            "claim_code_unreadable" => ("code", DeviceText.CodeUnreadable),
            "device_withdrawn" => ("device", DeviceText.EnrolWithdrawn),
            "device_enrolled" => ("device", DeviceText.EnrolAlready),
            _ when refusal.Field == "gateway" => ("gateway", DeviceText.WhichGateway),
            _ when refusal.Field == "relays" => ("relays", DeviceText.WhichRelays),
            _ => ("device", DeviceText.NameWrong),
        };
        // The code is a secret: it does not come back in the page.
        return await FormAsync(refusal.Status, new EnrolForm(device, gateway, relays ?? 1, field, error), devices, cancellationToken);
    }

    private static async Task<IResult> AnswerAsync(
        Outcome<DeviceManaged> outcome, string? device, Func<DeviceManaged, DoneNote> done, HttpContext http, DoneNotes notes, DeviceQueries devices, CancellationToken cancellationToken)
    {
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, device, ProblemOf(refusal), devices, cancellationToken);
        notes.Leave(http, done(outcome.Value));
        return Results.LocalRedirect(DeviceLine.Address(outcome.Value.Device.Value));
    }

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        ProblemCodes.Stale or "already_withdrawn" or "not_withdrawn" => DeviceText.Changed,
        "channel_taken" => DeviceText.Taken,
        "device_silent" => DeviceText.TestSilent,
        "test_running" => DeviceText.TestRunning,
        "device_busy" or "device_withdrawn" => DeviceText.NoSpare,
        "update_running" => DeviceText.UploadRunning,
        "device_foreign" => DeviceText.UpdateUnknownNext,
        "firmware_not_signed" => DeviceText.UploadOtherFile,
        _ when refusal.Field == "file" => DeviceText.UploadNoFile,
        _ when refusal.Field == "signature" => DeviceText.UploadNoSignature,
        _ => DeviceText.BindWrong,
    };

    private static async Task<IResult> ShowAsync(int status, string? device, Phrase? problem, DeviceQueries devices, CancellationToken cancellationToken)
    {
        DevicesSheet sheet = await devices.SheetAsync(cancellationToken);
        return sheet.Devices.FirstOrDefault(line => line.Device.Id.Value == device) is { } line
            ? Web.Pages.Show<DevicePage>(status, (nameof(DevicePage.Sheet), sheet), (nameof(DevicePage.Line), line), (nameof(DevicePage.Problem), problem))
            : problem is null
                ? Results.NotFound()
                : Web.Pages.Show<DevicesPage>(status, (nameof(DevicesPage.Sheet), sheet), (nameof(DevicesPage.Problem), problem));
    }

    private static async Task<IResult> FormAsync(int status, EnrolForm form, DeviceQueries devices, CancellationToken cancellationToken) =>
        Web.Pages.Show<EnrolPage>(status, (nameof(EnrolPage.Form), form), (nameof(EnrolPage.Gateways), await devices.GatewaysAsync(cancellationToken)));
}
