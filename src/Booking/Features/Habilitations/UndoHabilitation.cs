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

/// <summary>Which act is taken back: the last one, as it was seen.</summary>
public sealed record HabilitationUndo(int Act);

/// <summary>Makes a habilitation again what it was before its last act, by new acts: nothing is deleted.</summary>
internal sealed class UndoHabilitation(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/habilitations/{id:guid}/undo", async (
                Guid id, HabilitationUndo request, HttpContext http, UndoHabilitation handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new HabilitationId(id), request.Act, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("UndoHabilitation").WithTags("habilitations").WithSummary("Takes back the last act. All acts stay on the ledger.")
            .Produces<HabilitationActed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<HabilitationActed>> HandleAsync(HabilitationId id, int act, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<HabilitationActed>(
            async (write, cancel) =>
            {
                if (await write.Db.Habilitations.SingleOrDefaultAsync(h => h.Id == id, cancel) is not { } head)
                    return Refusal.NotFound("habilitation");
                if (!await write.Db.MayAsync(by, Right.Grant, head.TrainingId, cancel))
                    return Refusal.NotAllowed;
                return await WriteAsync(write, head, act, by, cancel);
            },
            cancellationToken);

    /// <summary>The same inside a larger change; whether somebody may do it was asked before.</summary>
    public static async Task<Outcome<HabilitationActed>> WriteAsync(BookingWrite write, Habilitation head, int act, StaffActor by, CancellationToken cancel)
    {
        var acts = await write.Db.HabilitationActs.Where(a => a.HabilitationId == head.Id).ToListAsync(cancel);
        var last = acts.MaxBy(a => a.Number)!;
        if (last.Number != act)
            return Refusal.Stale;
        // What time did, time would do again.
        if (last.Kind == HabilitationActKind.Expired)
            return Refusal.Conflict("habilitation_not_so", "In its present state that cannot be done with it.");

        var before = HabilitationStanding.Of(head, acts.Where(a => a.Number < act));
        var number = act;
        Add(HabilitationActKind.Restored, before);
        if (before is { Suspended: true, Level: > HabilitationLevel.None })
            Add(HabilitationActKind.Suspended, null);
        write.Audit(by.Id, "habilitation.restored", head.Id.Value, $"act {act}");
        return new HabilitationActed(head.Id, number);

        void Add(HabilitationActKind kind, HabilitationStanding? was) => write.Db.HabilitationActs.Add(new HabilitationAct
        {
            HabilitationId = head.Id,
            Number = ++number,
            Kind = kind,
            Level = was?.Level ?? HabilitationLevel.None,
            ValidFrom = was?.ValidFrom ?? default,
            ValidUntil = was?.ValidUntil,
            By = by.Id,
            At = write.Now,
            Ground = EvidenceKind.Undo,
            Evidence = "",
        });
    }
}
