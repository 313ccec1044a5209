using System.Collections.Concurrent;
using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Contracts;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Devices;

/// <summary>Something that a gateway has found and that staff want on its list.</summary>
/// <param name="Device">The name it is to have.</param>
/// <param name="Gateway">Which gateway has found it.</param>
/// <param name="Place">Where, as the gateway says.</param>
/// <param name="Driver">One of the drivers the gateway offers for it.</param>
/// <param name="Relays">How many of its relays are used; all of them when left out.</param>
/// <param name="Secret">What the gateway shows the device, where it needs that; for a device that has to be told of the broker, the password it will sign in with, which is made when left out.</param>
/// <param name="Certificate">The SHA-256 of its certificate, 64 hex digits, where it needs that.</param>
public sealed record DeviceAdoption(string? Device, string? Gateway, string? Place, string? Driver, int? Relays = null, string? Secret = null, string? Certificate = null)
{
    /// <summary>Without the secret.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"DeviceAdoption({Device}, {Place})";
}

/// <summary>
/// What gateways have found around them, and what is to be adopted of it. Kept in memory: a gateway tells all of it again and again, and what
/// somebody clicked on is over in two minutes.
/// </summary>
public sealed class DiscoveryBoard
{
    /// <summary>Most relays of one device.</summary>
    public const int MostRelays = 4;

    private readonly ConcurrentDictionary<string, (Instant At, IReadOnlyList<DeviceFound> Found)> _found = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DeviceId, (string Gateway, Instant Asked, DeviceToAdopt Order)> _orders = [];

    /// <summary>How long what is to be set on a device is shown: it holds a password.</summary>
    public static readonly Duration ToSetFor = Duration.FromMinutes(30);

    private readonly ConcurrentDictionary<DeviceId, (Instant At, string Text)> _toSet = [];

    /// <summary>Everything, by gateway, with when it was told.</summary>
    public IReadOnlyList<(string Gateway, Instant At, IReadOnlyList<DeviceFound> Found)> All =>
        [.. _found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value.At, f.Value.Found))];

    /// <summary>What a gateway has found at a place; null when it is not there any more.</summary>
    public DeviceFound? Find(string gateway, string place) =>
        _found.TryGetValue(gateway, out var told) ? told.Found.FirstOrDefault(found => found.Place == place) : null;

    internal void Hear(string gateway, DevicesNow told, Instant at)
    {
        foreach (var result in told.Enrolled ?? [])
            _orders.TryRemove(result.Device, out _);
        _found[gateway] = (at, [.. (told.Found ?? []).Take(DeviceFound.Most).Where(IsWhole).Select(Clean)]);
    }

    /// <summary>What somebody is to set on a device that was adopted a moment ago, its name and its password in it; null when there is nothing, or no more.</summary>
    public string? ToSet(DeviceId device, Instant now) => _toSet.TryGetValue(device, out var text) && now - text.At < ToSetFor ? text.Text : null;

    internal void Ask(string gateway, DeviceToAdopt order, string? toSet, Instant at)
    {
        _orders[order.Device] = (gateway, at, order);
        foreach (var (device, old) in _toSet)
        {
            if (at - old.At >= ToSetFor)
                _toSet.TryRemove(device, out _);
        }
        if (toSet is not null)
            _toSet[order.Device] = (at, toSet.Replace(DeviceFound.NamePlace, order.Device.Value, StringComparison.Ordinal).Replace(DeviceFound.PasswordPlace, order.Secret, StringComparison.Ordinal));
    }

    internal IReadOnlyList<DeviceToAdopt>? Orders(string gateway, Instant now)
    {
        List<DeviceToAdopt> orders = [.. _orders.Values.Where(o => o.Gateway == gateway && now - o.Asked < EnrolDevice.Window).Select(o => o.Order)];
        return orders.Count > 0 ? orders : null;
    }

    private static bool IsWhole(DeviceFound? found) =>
        found is { Place.Length: > 0 and <= DeviceFound.MostText, Drivers: { Count: > 0 and <= 8 } drivers, Label: not null, Name: not null, WillSet.Count: <= 64 }
        && drivers.All(driver => driver is { Length: > 0 and <= 32 })
        && found.Needs is null or { Count: <= 4 } && found.ToSet is null or { Length: <= DeviceFound.MostToSet };

    private static DeviceFound Clean(DeviceFound found) => found with
    {
        Label = Text.Clean(found.Label, DeviceFound.MostText),
        Name = Text.Clean(found.Name, Device.MaxId),
        Relays = Math.Clamp(found.Relays, 0, MostRelays),
        Address = found.Address is null ? null : Text.Clean(found.Address, DeviceFound.MostText),
        Needs = found.Needs?.Where(Enum.IsDefined).ToList(),
        WillSet = [.. found.WillSet.Select(line => Text.Clean(line, DeviceFound.MostText))],
    };
}

/// <summary>Takes what a gateway has found onto its list of devices. The gateway does it, and is woken by the commit. docs/adr/0041.</summary>
internal sealed class AdoptDevice(BookingWriter writer, DiscoveryBoard board)
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapGet("/devices/found", (DiscoveryBoard board) => board.All.SelectMany(told => told.Found.Select(found => new DeviceFoundAt(told.Gateway, found))))
            .WithName("ListFoundDevices").WithTags("machines").WithSummary("What gateways have found around them that is on no list of devices.")
            .Produces<IReadOnlyList<DeviceFoundAt>>();
        staff.MapPost("/devices/adopt", async (DeviceAdoption request, HttpContext http, AdoptDevice handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status202Accepted))
            .WithName("AdoptDevice").WithTags("machines").WithSummary("Takes what a gateway has found onto its list of devices.")
            .Produces<DeviceManaged>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<DeviceManaged>> HandleAsync(DeviceAdoption request, StaffActor by, CancellationToken cancellationToken)
    {
        var name = request.Device?.Trim().ToLowerInvariant();
        if (!ClaimCode.IsName(name))
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("device", "3 to 24 of a-z, 0-9 and dash, no dash at either end."));
        var gateway = Text.Clean(request.Gateway, 64);
        if (board.Find(gateway, request.Place ?? "") is not { } found)
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.Conflict("device_gone", "The gateway does not see it any more. Plug it in and look again.", "place"));
        if (!found.Drivers.Contains(request.Driver))
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("driver", $"One of {string.Join(", ", found.Drivers)}."));
        if (found.ToSet is "")
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.Conflict("broker_unreachable", "The gateway's broker listens on its own computer only: set FabLab:Listen or Gateway:Broker:LanAddress there.", "place"));
        var secret = request.Secret?.Trim();
        if (found.ToSet is not null && string.IsNullOrEmpty(secret))
            secret = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);
        if ((found.ToSet is not null || found.Needs?.Contains(DeviceNeed.Secret) == true) && secret is not { Length: > 0 and <= DeviceToAdopt.MostSecret })
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("secret", $"1 to {DeviceToAdopt.MostSecret} characters."));
        var certificate = request.Certificate?.Replace(":", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
        if (found.Needs?.Contains(DeviceNeed.Certificate) == true && !(certificate is { Length: 64 } && certificate.All(char.IsAsciiHexDigit)))
            return Task.FromResult<Outcome<DeviceManaged>>(Refusal.BadValue("certificate", "64 hex digits."));
        var id = new DeviceId(name!);
        return writer.ChangeAsync<DeviceManaged>(
            async (write, cancel) =>
            {
                if (await write.Db.Devices.SingleOrDefaultAsync(d => d.Id == id, cancel) is { } known)
                {
                    // One that was adopted a moment ago and did not get through may be tried again.
                    if (known is { Enrolment: EnrolmentState.None } or not { Online: false, WithdrawnAt: null, Gateway: null } || EnrolDevice.Waits(known, write.Now))
                        return Refusal.Conflict("device_enrolled", "There is a device of this name already. Give another one.", "device");
                    known.Driver = request.Driver!;
                }
                else
                {
                    known = new Device { Id = id, Driver = request.Driver!, Label = found.Label.Length > 0 ? found.Label : "" };
                    write.Db.Devices.Add(known);
                }
                (known.Enrolment, known.EnrolAt, known.EnrolGateway, known.EnrolSealed) = (EnrolmentState.Asked, write.Now, gateway, null);
                board.Ask(gateway, Order(), found.ToSet, write.Now);
                await ManageDevice.WakeGatewaysAsync(write, cancel);
                write.Audit(by.Id, "device.adopted", Guid.Empty, $"{id} → {gateway}");
                return new DeviceManaged(id, ++known.Version);
            },
            cancellationToken);

        // How many relays a device has that does not speak with us yet, nobody knows but who stands before it.
        DeviceToAdopt Order() => new(id, found.Place, request.Driver!, Math.Clamp(request.Relays ?? found.Relays, 0, found.ToSet is null ? found.Relays : DiscoveryBoard.MostRelays))
        {
            Secret = found.ToSet is not null || found.Needs?.Contains(DeviceNeed.Secret) == true ? secret : null,
            Certificate = found.Needs?.Contains(DeviceNeed.Certificate) == true ? certificate : null,
        };
    }
}

/// <summary>What a gateway has found.</summary>
/// <param name="Gateway">Which gateway.</param>
/// <param name="Found">What it is.</param>
internal sealed record DeviceFoundAt(string Gateway, DeviceFound Found);
