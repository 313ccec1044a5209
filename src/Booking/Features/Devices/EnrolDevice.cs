using System.Globalization;
using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Devices;

/// <summary>How far an enrolment by code has come.</summary>
public enum EnrolmentState
{
    /// <summary>None was asked for, or it is long past.</summary>
    None,

    /// <summary>The gateway is to fetch it; over by itself after <see cref="EnrolDevice.Window"/>.</summary>
    Asked,

    /// <summary>The gateway has the key; the device may sign in.</summary>
    Taken,

    /// <summary>The gateway knows a device of this name that has answered with the key it has.</summary>
    Already,

    /// <summary>The device signs in with another key.</summary>
    WrongKey,

    /// <summary>The gateway could not write its list.</summary>
    NotStored,

    /// <summary>What was to be adopted had gone.</summary>
    NotThere,
}

/// <summary>A device, and the code that came with it.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Code">Its claim code, in any spelling: a secret.</param>
/// <param name="Gateway">The gateway that is to look after it; may be left out where there is one.</param>
/// <param name="Relays">How many relays it has, 0 to 4.</param>
public sealed record DeviceToEnrolByCode(string? Device, string? Code, string? Gateway = null, int Relays = 1)
{
    /// <summary>Without the code.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"DeviceToEnrolByCode({Device})";
}

/// <summary>
/// Enrols one of our own devices by its claim code. The code is checked against the name at once; its key waits sealed for the gateway,
/// which is woken by the commit, and is gone from here when the gateway says that it has it.
/// </summary>
internal sealed class EnrolDevice(BookingWriter writer, IDataProtectionProvider protection)
{
    /// <summary>How long a key waits for its gateway.</summary>
    public static readonly Duration Window = Duration.FromMinutes(2);

    private const int MostRelays = 4;

    private readonly IDataProtector _protector = protection.CreateProtector("claim-code");

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/devices/enrol", async (DeviceToEnrolByCode request, HttpContext http, EnrolDevice handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status202Accepted))
            .WithName("EnrolDevice").WithTags("machines").WithSummary("Enrols a device by its claim code; the gateway fetches it at once.")
            .Produces<DeviceManaged>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<DeviceManaged>> HandleAsync(DeviceToEnrolByCode request, StaffActor by, CancellationToken cancellationToken)
    {
        var name = request.Device?.Trim().ToLowerInvariant();
        if (!ClaimCode.IsName(name))
            return Refused(Refusal.BadValue("device", "3 to 24 of a-z, 0-9 and dash, no dash at either end."));
        if (request.Relays is < 0 or > MostRelays)
            return Refused(Refusal.BadValue("relays", $"0 to {MostRelays}."));
        var id = new DeviceId(name!);
        if (ClaimCode.Read(request.Code, id, out var fault) is not { } code)
        {
            return Refused(fault == ClaimCodeFault.OtherDevice
                ? new Refusal("claim_code_other_device", StatusCodes.Status400BadRequest, "This is not the code of a device of that name, or a character is wrong.", "code")
                : new Refusal("claim_code_unreadable", StatusCodes.Status400BadRequest, $"A code has {ClaimCode.Characters} characters in groups of four.", "code"));
        }
        var sealedKey = _protector.Protect(string.Create(CultureInfo.InvariantCulture, $"{code.KeyId} {request.Relays} {Convert.ToBase64String(code.Key)}"));
        return writer.ChangeAsync<DeviceManaged>(
            async (write, cancel) =>
            {
                var gateways = await write.Db.Gateways.Select(g => g.Name).ToListAsync(cancel);
                var asked = Text.Clean(request.Gateway, GatewayNameLength);
                var gateway = asked.Length == 0 && gateways.Count == 1 ? gateways[0] : gateways.FirstOrDefault(g => g == asked);
                if (gateway is null)
                    return Refusal.BadValue("gateway", "Say which gateway is to look after it.");
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } device)
                {
                    device = new Device { Id = id, Driver = "node" };
                    write.Db.Devices.Add(device);
                }
                if (device.WithdrawnAt is not null)
                    return Refusal.Conflict("device_withdrawn", "This device is withdrawn. Allow it again first.", "device");
                if (device.Online)
                    return Refusal.Conflict("device_enrolled", "This device is enrolled and answers. Withdraw its keys first.", "device");
                (device.Enrolment, device.EnrolAt, device.EnrolGateway, device.EnrolSealed) = (EnrolmentState.Asked, write.Now, gateway, sealedKey);
                await ManageDevice.WakeGatewaysAsync(write, cancel);
                write.Audit(by.Id, "device.enrolled", Guid.Empty, $"{id} → {gateway}");
                return new DeviceManaged(id, ++device.Version);
            },
            cancellationToken);
    }

    /// <summary>Takes what a gateway says of enrolments. The key is gone with it.</summary>
    public static async Task HeardAsync(BookingWrite write, string gateway, IReadOnlyList<DeviceEnrolled> told, CancellationToken cancellationToken)
    {
        foreach (var one in told.Take(DevicesNow.Most))
        {
            if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == one.Device && d.EnrolGateway == gateway, cancellationToken) is not { } device
                || device.Enrolment is not (EnrolmentState.Asked or EnrolmentState.Taken))
            {
                continue;
            }
            End(device, one.Result switch
            {
                EnrolmentResult.Taken => EnrolmentState.Taken,
                EnrolmentResult.Already => EnrolmentState.Already,
                EnrolmentResult.WrongKey => EnrolmentState.WrongKey,
                EnrolmentResult.NotThere => EnrolmentState.NotThere,
                _ => EnrolmentState.NotStored,
            });
        }
    }

    /// <summary>What a gateway is to enrol; null when there is nothing.</summary>
    public async Task<IReadOnlyList<DeviceToEnrol>?> OrdersAsync(BookingWrite write, string gateway, CancellationToken cancellationToken)
    {
        var asked = await write.Db.Devices.Where(d => d.EnrolGateway == gateway && d.EnrolSealed != null).ToListAsync(cancellationToken);
        List<DeviceToEnrol> orders = [.. asked.Where(d => Waits(d, write.Now) && d.WithdrawnAt is null).Select(Opened).OfType<DeviceToEnrol>()];
        return orders.Count > 0 ? orders : null;
    }

    /// <summary>Keys that no gateway has fetched in time are forgotten.</summary>
    public static async Task ForgetAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        var until = write.Now - Window;
        foreach (var device in await write.Db.Devices.Where(d => d.EnrolSealed != null && d.EnrolAt < until).ToListAsync(cancellationToken))
            device.EnrolSealed = null;
    }

    /// <summary>Ends the wait of a key, however it ends.</summary>
    public static void End(Device device, EnrolmentState state) => (device.Enrolment, device.EnrolSealed) = (state, null);

    /// <summary>Whether the gateway may still fetch it.</summary>
    public static bool Waits(Device device, Instant now) => device.Enrolment == EnrolmentState.Asked && device.EnrolAt is { } at && now - at < Window;

    private const int GatewayNameLength = 64;

    private static Task<Outcome<DeviceManaged>> Refused(Refusal refusal) => Task.FromResult<Outcome<DeviceManaged>>(refusal);

    private DeviceToEnrol? Opened(Device device)
    {
        try
        {
            var parts = _protector.Unprotect(device.EnrolSealed!).Split(' ');
            return new DeviceToEnrol(
                device.Id, int.Parse(parts[0], CultureInfo.InvariantCulture), Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        catch (CryptographicException)
        {
            // Another key ring: the code is typed again.
            return null;
        }
    }
}
