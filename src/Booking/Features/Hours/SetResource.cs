using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Policy;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>A room, a desk or a kit as it is to be. Version 0 for a new one.</summary>
/// <param name="Kind">room, desk or kit.</param>
/// <param name="Code">What is written on it; unique among machines too.</param>
/// <param name="NameFr">Its French name.</param>
/// <param name="NameEn">Its English name.</param>
/// <param name="Capacity">How many bookings or places fit at once; null = as the terms say.</param>
/// <param name="SetUpMinutes">Minutes to clear up between two bookings; null = as the terms say.</param>
/// <param name="Room">The room it stands in; null for none.</param>
/// <param name="Version">The version it was read at.</param>
/// <param name="Retired">No longer there.</param>
public sealed record ResourceToBe(
    ResourceKind Kind, string? Code, string? NameFr, string? NameEn, int? Capacity, int? SetUpMinutes, MachineId? Room, long Version, bool Retired = false);

/// <summary>Where a machine stands.</summary>
/// <param name="Room">The room; null for none.</param>
/// <param name="Version">The version of the machine.</param>
public sealed record MachinePlace(MachineId? Room, long Version);

/// <summary>Keeps the rooms, desks and kits that are booked beside machines, and says which machine stands in which room.</summary>
internal sealed class SetResource(BookingWriter writer)
{
    private const int MaxName = 100;

    public static void Map(RouteGroupBuilder changes)
    {
        changes.MapPut("/resources/{id:guid}", async (Guid id, ResourceToBe request, HttpContext http, SetResource handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetResource").WithTags("hours").WithSummary("Makes or changes a room, a desk or a kit. The caller chooses the id of a new one.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        changes.MapPut("/machines/{id:guid}/room", async (Guid id, MachinePlace request, HttpContext http, SetResource handler, CancellationToken cancellationToken) =>
                (await handler.PlaceAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetMachineRoom").WithTags("hours").WithSummary("Says which room a machine stands in.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<Changed>> HandleAsync(MachineId id, ResourceToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (request.Kind is not (ResourceKind.Room or ResourceKind.Desk or ResourceKind.Kit))
                    return Refusal.BadValue("kind", "room, desk or kit; machines come in with the description of the lab.");
                if (Text.Required(request.Code, Machine.MaxCode)?.ToUpperInvariant() is not { } code || !code.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'))
                    return Refusal.BadValue("code", $"1 to {Machine.MaxCode} letters without accents, digits, '-', '_' and '.'.");
                if (Text.Required(request.NameFr, MaxName) is not { } nameFr)
                    return Refusal.BadValue("nameFr", $"1 to {MaxName} characters.");
                if (Text.Required(request.NameEn, MaxName) is not { } nameEn)
                    return Refusal.BadValue("nameEn", $"1 to {MaxName} characters.");
                if (request.Capacity is < 1 or > 1000)
                    return Refusal.BadValue("capacity", "1 to 1000 places.");
                if (request.SetUpMinutes is < 0 or > 1440)
                    return Refusal.BadValue("setUpMinutes", "0 to 1440 minutes.");
                var row = await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == id, cancel);
                if (row is { Kind: ResourceKind.Machine })
                    return Refusal.NotFound("resource");
                if ((row?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (await write.Db.Machines.AnyAsync(m => m.Code == code && m.Id != id, cancel))
                    return Refusal.Conflict("code_taken", "Something has that code already.", "code");
                if (request.Room is { } room && (request.Kind == ResourceKind.Room || !await IsRoomAsync(write.Db, room, cancel)))
                    return Refusal.BadValue("room", "A room stands in no other room, and the room must be there.");
                if (request.Retired && await write.Db.Reservations.AnyAsync(r => r.MachineId == id && r.CancelledAt == null && r.NoShowAt == null && r.End > write.Now, cancel))
                    return Refusal.Conflict("still_booked", "It is still booked. Move or cancel these bookings first.", "retired");
                if (row is { Kind: ResourceKind.Room } && (request.Kind != ResourceKind.Room || request.Retired) && await write.Db.Machines.AnyAsync(m => m.RoomId == id && !m.Retired, cancel))
                    return Refusal.Conflict("room_in_use", "Machines stand in it. Say first that they stand elsewhere.", "retired");
                if (row is null)
                {
                    row = Machine.From(new MachineRule { Id = id, Code = code, NameFr = nameFr, NameEn = nameEn, Attended = false });
                    write.Db.Machines.Add(row);
                }
                row.Describe(row.Rule with { Code = code, NameFr = nameFr, NameEn = nameEn, Type = request.Kind.ToString().ToLowerInvariant() });
                (row.Kind, row.RoomId, row.Retired) = (request.Kind, request.Room, request.Retired);
                row.Version++;
                await SizeAsync(write, row, request.Capacity, request.SetUpMinutes, cancel);
                write.Audit(by.Id, "resource.set", id.Value, code);
                return new Changed(row.Version);
            },
            cancellationToken);

    public Task<Outcome<Changed>> PlaceAsync(MachineId id, MachinePlace request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == id && !m.Retired && m.Kind != ResourceKind.Room, cancel) is not { } machine)
                    return Refusal.NotFound("machine");
                if (machine.Version != request.Version)
                    return Refusal.Stale;
                if (request.Room is { } room && !await IsRoomAsync(write.Db, room, cancel))
                    return Refusal.BadValue("room", "There is no such room.");
                machine.RoomId = request.Room;
                machine.Version++;
                write.Audit(by.Id, "machine.room", id.Value, machine.Code);
                return new Changed(machine.Version);
            },
            cancellationToken);

    private static Task<bool> IsRoomAsync(BookingDbContext db, MachineId room, CancellationToken cancellationToken) =>
        db.Machines.AnyAsync(m => m.Id == room && m.Kind == ResourceKind.Room && !m.Retired, cancellationToken);

    /// <summary>Size and clearing up are terms of the thing itself.</summary>
    private static async Task SizeAsync(BookingWrite write, Machine row, int? capacity, int? setUpMinutes, CancellationToken cancellationToken)
    {
        var hours = await LabHours.ReadAsync(write.Db, Core.Scheduling.SchoolCalendar.Empty, cancellationToken);
        var now = hours.TermsOf(row.Id, row.Rule.Type);
        var wanted = now with
        {
            Capacity = capacity ?? now.Capacity,
            SetUp = setUpMinutes is { } minutes ? Duration.FromMinutes(minutes) : now.SetUp,
        };
        if (wanted == now)
            return;
        var scope = TermsRow.OfMachine(row.Id);
        var terms = await write.Db.BookingTerms.SingleOrDefaultAsync(r => r.Scope == scope, cancellationToken);
        if (terms is null)
        {
            terms = new TermsRow { Scope = scope, Terms = wanted };
            write.Db.BookingTerms.Add(terms);
        }
        terms.Terms = wanted;
        terms.Version++;
    }
}
