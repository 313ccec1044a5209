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
        staff.MapGet("/devices", async (DeviceQueries devices, CancellationToken cancellationToken) => await ShowAsync(200, null, devices, cancellationToken));
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
                _ => new DoneNote(DeviceText.Replaced.Words(device!, by!)), http, notes, devices, cancellationToken));
        staff.MapPost("/devices/withdraw", async (
            [FromForm] string? device, [FromForm] long? version,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.WithdrawAsync(new DeviceToManage(device, version ?? -1), frame.Viewer.Actor!, cancellationToken),
                _ => new DoneNote(DeviceText.WithdrawnNow.Words(device!)), http, notes, devices, cancellationToken));
        staff.MapPost("/devices/allow", async (
            [FromForm] string? device, [FromForm] long? version,
            HttpContext http, ManageDevice handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken) =>
            await AnswerAsync(
                await handler.AllowAsync(new DeviceToManage(device, version ?? -1), frame.Viewer.Actor!, cancellationToken),
                _ => new DoneNote(DeviceText.AllowedNow.Words(device!)), http, notes, devices, cancellationToken));
    }

    private static async Task<IResult> BindAsync(
        bool bind, string? device, string? machine, string? role, int? channel,
        HttpContext http, BookingDbContext db, BindDevices handler, DoneNotes notes, DeviceQueries devices, PageFrame frame, CancellationToken cancellationToken)
    {
        if (!Ids.TryParse(machine, out MachineId id) || !Enum.TryParse(role, out DeviceRole asked) || !Enum.IsDefined(asked) || string.IsNullOrEmpty(device)
            || await db.Machines.SingleOrDefaultAsync(m => m.Id == id && !m.Retired, cancellationToken) is not { } owner)
        {
            return await ShowAsync(400, DeviceText.BindWrong, devices, cancellationToken);
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
                return await ShowAsync(refusal.Status, ProblemOf(refusal), devices, cancellationToken);
        }

        var fields = new Dictionary<string, string>
        {
            ["device"] = device,
            ["machine"] = id.ToString(),
            ["role"] = asked.ToString(),
            ["channel"] = (channel ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        notes.Leave(http, new DoneNote((bind ? DeviceText.Bound : DeviceText.Unbound).Words(device, owner.Code), bind ? "/devices/unbind" : "/devices/bind", fields));
        return Results.LocalRedirect("/devices");
    }

    private static async Task<IResult> AnswerAsync(
        Outcome<DeviceManaged> outcome, Func<DeviceManaged, DoneNote> done, HttpContext http, DoneNotes notes, DeviceQueries devices, CancellationToken cancellationToken)
    {
        if (outcome.Refusal is { } refusal)
            return await ShowAsync(refusal.Status, ProblemOf(refusal), devices, cancellationToken);
        notes.Leave(http, done(outcome.Value));
        return Results.LocalRedirect("/devices");
    }

    private static Phrase ProblemOf(Refusal refusal) => refusal.Code switch
    {
        ProblemCodes.Stale or "already_withdrawn" or "not_withdrawn" => DeviceText.Changed,
        "channel_taken" => DeviceText.Taken,
        "device_busy" or "device_withdrawn" => DeviceText.NoSpare,
        _ => DeviceText.BindWrong,
    };

    private static async Task<IResult> ShowAsync(int status, Phrase? problem, DeviceQueries devices, CancellationToken cancellationToken) =>
        Web.Pages.Show<DevicesPage>(
            status, (nameof(DevicesPage.Sheet), await devices.SheetAsync(cancellationToken)), (nameof(DevicesPage.Problem), problem));
}
