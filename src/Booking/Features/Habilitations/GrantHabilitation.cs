using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>
/// A grant, or a renewal when the person held it before. Without an end, the training's own validity counts. The last act seen
/// guards against two at once; 0 when none was seen.
/// </summary>
public sealed record HabilitationGrant(
    TrainingId Training, HabilitationLevel Level, string? Evidence, Instant? ValidFrom = null, Instant? ValidUntil = null, int? LastAct = null,
    EvidenceKind Ground = EvidenceKind.Other, Guid? EvidenceId = null);

public sealed record HabilitationActed(HabilitationId Id, int Act);

internal sealed class GrantHabilitation(BookingWriter writer)
{
    public const int MaxEvidence = 300;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/people/{id:guid}/habilitations", async (
                Guid id, HabilitationGrant request, HttpContext http, GrantHabilitation handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("GrantHabilitation").WithTags("habilitations").WithSummary("Grants or renews a habilitation.")
            .Produces<HabilitationActed>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<HabilitationActed>> HandleAsync(PersonId person, HabilitationGrant request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<HabilitationActed>((write, cancel) => WriteAsync(write, person, request, by, cancel), cancellationToken);

    /// <summary>
    /// The same inside a larger change: the whole list of a training session, an induction at the machine. Entitled is who leads the
    /// session it is given at, whatever else they may grant.
    /// </summary>
    public static async Task<Outcome<HabilitationActed>> WriteAsync(
        BookingWrite write, PersonId person, HabilitationGrant request, StaffActor by, CancellationToken cancel, bool entitled = false)
    {
        if (request.Level is < HabilitationLevel.Accompanied or > HabilitationLevel.Trainer)
            return Refusal.BadValue("level", "accompanied, autonomous or trainer.");
        if (Text.Required(request.Evidence, MaxEvidence) is not { } evidence)
            return Refusal.BadValue("evidence", $"Say on what ground, in 1 to {MaxEvidence} characters.");
        if (!await write.Db.People.AnyAsync(p => p.Id == person, cancel))
            return Refusal.NotFound("person");
        if (await write.Db.Trainings.SingleOrDefaultAsync(t => t.Id == request.Training && !t.Retired, cancel) is not { } training)
            return Refusal.NotFound("training");
        if (!entitled && !await write.Db.MayAsync(by, Right.Grant, training.Id, cancel))
            return Refusal.NotAllowed;
        if (request.Ground is < EvidenceKind.Other or > EvidenceKind.Import)
            return Refusal.BadValue("ground", "other, session, test, induction or import.");
        var from = request.ValidFrom ?? write.Now;
        var until = request.ValidUntil ?? DefaultEnd(training, from, await write.Db.ZoneAsync(cancel));
        if (until <= from || from < write.Now - Duration.FromDays(36525) || from > write.Now + Duration.FromDays(3660))
            return Refusal.BadValue("validUntil", "It must end after it begins, and begin within ten years.");

        var head = await write.Db.Habilitations.SingleOrDefaultAsync(h => h.PersonId == person && h.TrainingId == request.Training, cancel);
        var last = head is null ? 0 : await write.Db.HabilitationActs.Where(a => a.HabilitationId == head.Id).MaxAsync(a => a.Number, cancel);
        if (request.LastAct is { } seen && seen != last)
            return Refusal.Stale;
        if (head is null)
        {
            head = new Habilitation { Id = HabilitationId.New(write.Now), PersonId = person, TrainingId = request.Training };
            write.Db.Habilitations.Add(head);
        }
        write.Db.HabilitationActs.Add(new HabilitationAct
        {
            HabilitationId = head.Id,
            Number = last + 1,
            Kind = last == 0 ? HabilitationActKind.Granted : HabilitationActKind.Renewed,
            Level = request.Level,
            ValidFrom = from,
            ValidUntil = until,
            By = by.Id,
            At = write.Now,
            Ground = request.Ground,
            EvidenceId = request.EvidenceId,
            Evidence = evidence,
        });
        write.Audit(by.Id, last == 0 ? "habilitation.granted" : "habilitation.renewed", head.Id.Value, evidence);
        return new HabilitationActed(head.Id, last + 1);
    }

    internal static Instant? DefaultEnd(Training training, Instant from, DateTimeZone zone) => training.ValidMonths is { } months
        ? from.InZone(zone).Date.PlusMonths(months).AtStartOfDayInZone(zone).ToInstant()
        : null;
}
