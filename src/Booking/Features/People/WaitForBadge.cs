using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>The reader at which the badge will be tapped.</summary>
public sealed record ReaderToWatch(string? Device, int Reader = 0, BadgeAssurance Assurance = BadgeAssurance.Number);

/// <summary>The wait, and until when.</summary>
public sealed record BadgeAwaited(Guid Id, Instant EndsAt);

/// <summary>"Enrôler": the next badge of nobody at one reader is this person's. Pressed twice it waits once; another person waits elsewhere.</summary>
internal sealed class WaitForBadge(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff)
    {
        staff.MapPost("/people/{id:guid}/badge-enrolments", async (Guid id, ReaderToWatch request, HttpContext http, WaitForBadge handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("WaitForBadge").WithTags("people").WithSummary("Lets a reader wait a minute for the badge to give to a person.")
            .Produces<BadgeAwaited>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        staff.MapDelete("/badge-enrolments/{id:guid}", async (Guid id, HttpContext http, WaitForBadge handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("StopWaitingForBadge").WithTags("people").WithSummary("The reader no longer waits for a badge.")
            .Produces<BadgeAwaited>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<BadgeAwaited>> HandleAsync(PersonId id, ReaderToWatch request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<BadgeAwaited>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Device, Machines.Device.MaxId) is not { } name || request.Reader is < 0 or > 63)
                    return Refusal.BadValue("device", "Say at which reader.");
                if (!Enum.IsDefined(request.Assurance))
                    return Refusal.BadValue("assurance", "number or authenticated.");
                if (!await write.Db.People.AnyAsync(person => person.Id == id, cancel))
                    return Refusal.NotFound("person");
                var device = new DeviceId(name);
                if (!await write.Db.Devices.AnyAsync(known => known.Id == device, cancel))
                    return Refusal.NotFound("device");
                if (await write.Db.BadgeEnrolments.SingleOrDefaultAsync(
                    wait => wait.State == BadgeEnrolmentState.Waiting && wait.DeviceId == device && wait.Reader == request.Reader, cancel) is { } open)
                {
                    if (open.WaitsAt(write.Now) && open.PersonId == id && open.Assurance == request.Assurance)
                        return new BadgeAwaited(open.Id, open.EndsAt);
                    if (open.WaitsAt(write.Now) && open.PersonId != id)
                        return Refusal.Conflict("reader_busy", "This reader waits for somebody else's badge.", "device");
                    open.State = BadgeEnrolmentState.Cancelled;
                    open.Version++;
                    // The place of the one that waits is free before the next takes it.
                    await write.Db.SaveChangesAsync(cancel);
                }
                var begun = new BadgeEnrolment
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    PersonId = id,
                    DeviceId = device,
                    Reader = request.Reader,
                    Assurance = request.Assurance,
                    StartedBy = by.Id,
                    StartedAt = write.Now,
                    EndsAt = write.Now + BadgeEnrolment.Window,
                };
                write.Db.BadgeEnrolments.Add(begun);
                write.Audit(by.Id, "badge.awaited", id.Value, $"{device}/{request.Reader}");
                return new BadgeAwaited(begun.Id, begun.EndsAt);
            },
            cancellationToken);

    public Task<Outcome<BadgeAwaited>> CancelAsync(Guid id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<BadgeAwaited>(
            async (write, cancel) =>
            {
                if (await write.Db.BadgeEnrolments.SingleOrDefaultAsync(wait => wait.Id == id, cancel) is not { } open)
                    return Refusal.NotFound("badge_enrolment");
                if (open.State != BadgeEnrolmentState.Waiting)
                    return Refusal.Conflict("enrolment_over", "It is over already.");
                open.State = BadgeEnrolmentState.Cancelled;
                open.Version++;
                write.Audit(by.Id, "badge.wait_stopped", open.PersonId.Value, $"{open.DeviceId}/{open.Reader}");
                return new BadgeAwaited(open.Id, open.EndsAt);
            },
            cancellationToken);
}
