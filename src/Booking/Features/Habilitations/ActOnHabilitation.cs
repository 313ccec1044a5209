using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>A suspension, its end, or a withdrawal: on what ground, and the last act that was seen.</summary>
public sealed record HabilitationActRequest(string? Evidence, int LastAct);

internal sealed class ActOnHabilitation(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff)
    {
        Map(staff, "suspend", HabilitationActKind.Suspended, "Suspends a habilitation: from now on it gives no right.");
        Map(staff, "resume", HabilitationActKind.Resumed, "Ends a suspension.");
        Map(staff, "withdraw", HabilitationActKind.Withdrawn, "Withdraws a habilitation.");
    }

    private static void Map(RouteGroupBuilder staff, string verb, HabilitationActKind kind, string summary) =>
        staff.MapPost($"/habilitations/{{id:guid}}/{verb}", async (
                Guid id, HabilitationActRequest request, HttpContext http, ActOnHabilitation handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new HabilitationId(id), kind, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Habilitation").WithTags("habilitations").WithSummary(summary)
            .Produces<HabilitationActed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<HabilitationActed>> HandleAsync(
        HabilitationId id, HabilitationActKind kind, HabilitationActRequest request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<HabilitationActed>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Evidence, GrantHabilitation.MaxEvidence) is not { } evidence)
                    return Refusal.BadValue("evidence", $"Say why, in 1 to {GrantHabilitation.MaxEvidence} characters.");
                if (await write.Db.Habilitations.SingleOrDefaultAsync(h => h.Id == id, cancel) is not { } head)
                    return Refusal.NotFound("habilitation");
                if (!await write.Db.MayAsync(by, Right.Grant, head.TrainingId, cancel))
                    return Refusal.NotAllowed;
                var standing = HabilitationStanding.Of(head, await write.Db.HabilitationActs.Where(a => a.HabilitationId == id).ToListAsync(cancel));
                if (standing.LastAct != request.LastAct)
                    return Refusal.Stale;
                var fits = standing.Level > HabilitationLevel.None && (kind, standing.Suspended) is
                    (HabilitationActKind.Suspended, false) or (HabilitationActKind.Resumed, true) or (HabilitationActKind.Withdrawn, _);
                if (!fits)
                    return Refusal.Conflict("habilitation_not_so", "In its present state that cannot be done with it.");
                write.Db.HabilitationActs.Add(new HabilitationAct
                {
                    HabilitationId = id,
                    Number = standing.LastAct + 1,
                    Kind = kind,
                    By = by.Id,
                    At = write.Now,
                    Evidence = evidence,
                });
                write.Audit(by.Id, $"habilitation.{kind}".ToLowerInvariant(), id.Value, evidence);
                return new HabilitationActed(id, standing.LastAct + 1);
            },
            cancellationToken);
}
