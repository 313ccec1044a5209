using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Devices;

/// <summary>
/// Has the relay of a device tried: whether it opens by itself when nobody renews, and what it does after somebody cut its network or its power.
/// The gateway does it, and is woken by the commit; what came of it is kept with the date and the firmware. docs/adr/0031.
/// </summary>
internal sealed class TestDevice(BookingWriter writer)
{
    /// <summary>How long the result of a trial is awaited.</summary>
    public static readonly Duration Window = Duration.FromMinutes(1);

    /// <summary>The same where somebody cuts something by hand and gives it back.</summary>
    public static readonly Duration WindowByHand = Duration.FromMinutes(6);

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/devices/test", async (DeviceToTry request, HttpContext http, TestDevice handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status202Accepted))
            .WithName("TestDevice").WithTags("machines").WithSummary("Has a device's relay tried: it closes for some seconds and must open by itself.")
            .Produces<DeviceManaged>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<DeviceManaged>> HandleAsync(DeviceToTry request, StaffActor? by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<DeviceManaged>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Device, Device.MaxId) is not { } name)
                    return Refusal.BadValue("device", "Name the device.");
                var id = new DeviceId(name);
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                    return Refusal.NotFound("device");
                if (request.Version >= 0 && device.Version != request.Version)
                    return Refusal.Stale;
                if (device.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "This device is withdrawn.", "device");
                if (!device.Online)
                    return Refusal.Conflict("device_silent", "This device does not answer.", "device");
                if (IsAwaited(device, write.Now))
                    return Refusal.Conflict("test_running", "This device is being tested already.", "device");
                if (!Enum.IsDefined(request.Kind))
                    return Refusal.BadValue("kind", "Lease, Link or Power.");
                (device.TestAskedAt, device.TestAskedKind) = (write.Now, request.Kind);
                await ManageDevice.WakeGatewaysAsync(write, cancel);
                write.Audit(by?.Id ?? default, "device.test_asked", Guid.Empty, request.Kind is TrialKind.Lease ? id.Value : $"{id.Value} {request.Kind}");
                return new DeviceManaged(id, ++device.Version);
            },
            cancellationToken);

    /// <summary>Whether somebody waits for what comes of it.</summary>
    public static bool IsAwaited(Device device, Instant now) => device.TestAskedAt is { } at && now - at < (device.TestAskedKind is TrialKind.Lease ? Window : WindowByHand);

    /// <summary>What a gateway is to try; null when there is nothing.</summary>
    public static async Task<IReadOnlyList<DeviceToTest>?> OrdersAsync(BookingWrite write, string gateway, CancellationToken cancellationToken)
    {
        var asked = await write.Db.Devices.Where(d => d.Gateway == gateway && d.TestAskedAt != null && d.WithdrawnAt == null).ToListAsync(cancellationToken);
        var waiting = asked.Where(d => IsAwaited(d, write.Now)).ToList();
        if (waiting.Count == 0)
            return null;
        var orders = new List<DeviceToTest>();
        foreach (var device in waiting)
        {
            // The relay that a machine hangs on; of a device without work the first one.
            var channels = await write.Db.MachineDevices.Where(b => b.DeviceId == device.Id && b.Role == DeviceRole.Relay).Select(b => b.Channel).ToListAsync(cancellationToken);
            orders.Add(new DeviceToTest(device.Id, channels.DefaultIfEmpty(0).Min(), device.TestAskedAt!.Value, device.TestAskedKind));
        }
        return orders;
    }

    /// <summary>Takes what a gateway says of trials. One that is not awaited, or of another moment, says nothing.</summary>
    public static async Task HeardAsync(BookingWrite write, string gateway, IReadOnlyList<DeviceTested> told, CancellationToken cancellationToken)
    {
        foreach (var one in told.Take(DevicesNow.Most))
        {
            if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == one.Device && d.Gateway == gateway, cancellationToken) is not { } device
                || device.TestAskedAt != one.Asked || device.TestAskedKind != one.Kind || !Enum.IsDefined(one.Outcome))
            {
                continue;
            }
            device.TestAskedAt = null;
            var firmware = one.Firmware is null ? null : Text.Clean(one.Firmware, 64);
            write.Db.DeviceTrials.Add(new DeviceTrialRow
            {
                Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), DeviceId = device.Id, Kind = one.Kind, At = write.Now, Firmware = firmware, Outcome = one.Outcome, ByPower = one.ByPower,
            });
            // One that did not take place says nothing of the relay: what was known stays known.
            if (one.Kind is TrialKind.Lease && !(one.Outcome is TrialOutcome.Away or TrialOutcome.Busy && device.IsProven))
                (device.TestedAt, device.TestedFirmware, device.TestOutcome, device.TestedByPower) = (write.Now, firmware, one.Outcome, one.ByPower);
            write.Audit(default, "device.tested", Guid.Empty, $"{device.Id} {(one.Kind is TrialKind.Lease ? "" : $"{one.Kind} ")}{one.Outcome} {firmware}");
        }
    }
}

/// <summary>A device whose relay is to be tried.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Version">The version that was seen; negative for any.</param>
/// <param name="Kind">What is tried. By hand: somebody stands at the device and cuts it.</param>
internal sealed record DeviceToTry(string? Device, long Version, TrialKind Kind = TrialKind.Lease);

/// <summary>The trial of a device's relay, for who asks from this computer.</summary>
public interface IDeviceTests
{
    /// <summary>Asks for one.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="kind">What is tried.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Why not; null when it was asked for.</returns>
    Task<string?> AskAsync(string device, TrialKind kind, CancellationToken cancellationToken);

    /// <summary>How it stands.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="kind">What is tried.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The device, and its last trial of that kind unless one is awaited; nothing when there is no such device.</returns>
    Task<(Device Device, DeviceTrialRow? Last)?> FindAsync(string device, TrialKind kind, CancellationToken cancellationToken);
}

internal sealed class DeviceTestsHere(TestDevice handler, IDbContextFactory<BookingDbContext> databases) : IDeviceTests
{
    public async Task<string?> AskAsync(string device, TrialKind kind, CancellationToken cancellationToken) =>
        (await handler.HandleAsync(new DeviceToTry(device, -1, kind), null, cancellationToken)).Refusal?.Detail;

    public async Task<(Device Device, DeviceTrialRow? Last)?> FindAsync(string device, TrialKind kind, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = new DeviceId(device);
        if (await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } found)
            return null;
        return (found, found.TestAskedAt is not null ? null
            : await db.DeviceTrials.AsNoTracking().Where(t => t.DeviceId == id && t.Kind == kind).OrderByDescending(t => t.At).FirstOrDefaultAsync(cancellationToken));
    }
}
