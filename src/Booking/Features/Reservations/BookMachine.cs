using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Staff keep a machine for somebody. That nothing overlaps is the database's word, not this handler's.</summary>
internal sealed class BookMachine(BookingWriter writer)
{
    private static readonly Duration Longest = Duration.FromDays(31);
    private static readonly Duration Farthest = Duration.FromDays(732);

    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapPost("/bookings", async (NewReservation request, HttpContext http, BookMachine handler, CancellationToken cancellationToken) =>
                (await handler.BookAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("BookMachine").WithTags("bookings").WithSummary("Keeps a machine for somebody.")
            .Produces<Reserved>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        staff.MapDelete("/bookings/{id:guid}", async (Guid id, HttpContext http, BookMachine handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(new BookingId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CancelBooking").WithTags("bookings").WithSummary("Cancels a booking.")
            .Produces<Reserved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<Reserved>> BookAsync(NewReservation request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                if (request.End <= request.Start || request.End - request.Start > Longest)
                    return Refusal.BadValue("end", "It must end after it begins, within 31 days.");
                if (request.End <= write.Now || request.Start > write.Now + Farthest)
                    return Refusal.BadValue("start", "It must lie ahead, within two years.");
                if (!await write.Db.Machines.AnyAsync(m => m.Id == request.Machine!.Value && !m.Retired, cancel))
                    return Refusal.NotFound("machine");
                if (request.Person is { } person && !await write.Db.People.AnyAsync(p => p.Id == person && p.Active, cancel))
                    return Refusal.NotFound("person");
                var reservation = new Reservation
                {
                    Id = BookingId.New(write.Now),
                    MachineId = request.Machine!.Value,
                    PersonId = request.Person,
                    Start = request.Start,
                    End = request.End,
                    CreatedAt = write.Now,
                };
                write.Db.Reservations.Add(reservation);
                write.Db.BookingSlots.Add(new BookingSlot
                {
                    BookingId = reservation.Id, MachineId = reservation.MachineId, Place = 0, Start = reservation.Start, End = reservation.End,
                });
                write.Audit(by.Id, "booking.made", reservation.Id.Value);
                return new Reserved(reservation.Id, reservation.MachineId, reservation.Start, reservation.End, 0);
            },
            cancellationToken);

    public Task<Outcome<Reserved>> CancelAsync(BookingId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                if (await write.Db.Reservations.SingleOrDefaultAsync(r => r.Id == id, cancel) is not { } reservation)
                    return Refusal.NotFound("booking");
                if (reservation.CancelledAt is not null)
                    return Refusal.Conflict("already_cancelled", "It was cancelled already.");
                reservation.CancelledAt = write.Now;
                await foreach (var slot in write.Db.BookingSlots.Where(s => s.BookingId == id).AsAsyncEnumerable().WithCancellation(cancel))
                    slot.Live = false;
                reservation.Version++;
                write.Audit(by.Id, "booking.cancelled", id.Value);
                return new Reserved(id, reservation.MachineId, reservation.Start, reservation.End, reservation.Version);
            },
            cancellationToken);
}
