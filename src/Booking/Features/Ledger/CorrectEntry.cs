using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Ledger;

/// <summary>
/// How a row should read instead: for whom, for which project, and, when it is given, how long the machine was on.
/// With <paramref name="Remove"/> nothing stands for it. The old row stays, taken back by a row with the other sign.
/// </summary>
/// <param name="Person">For whom; null for nobody known.</param>
/// <param name="Project">For which project; null for none.</param>
/// <param name="PoweredMs">Milliseconds; null to leave it.</param>
/// <param name="Reason">Why, in 1 to 300 characters.</param>
/// <param name="Remove">Whether the time is only taken back.</param>
public sealed record LedgerCorrection(PersonId? Person, ProjectId? Project, long? PoweredMs, string? Reason, bool Remove = false);

/// <summary>The rows written; no replacement when the time was only taken back.</summary>
public sealed record LedgerCorrected(Guid Reversal, Guid? Replacement);

internal sealed class CorrectEntry(BookingWriter writer, FloorChanges floor)
{
    public const int MaxReason = 300;
    private const long MostMs = 31L * 24 * 3600 * 1000;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/ledger/{id:guid}/corrections", async (Guid id, LedgerCorrection request, HttpContext http, CorrectEntry handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(id, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("CorrectEntry").WithTags("ledger").WithSummary("Corrects a row of the ledger by new rows that name it.")
            .Produces<LedgerCorrected>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<LedgerCorrected>> HandleAsync(Guid id, LedgerCorrection request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<LedgerCorrected>(
            async (write, cancel) =>
            {
                if (Text.Required(request.Reason, MaxReason) is not { } reason)
                    return Refusal.BadValue("reason", $"Say why, in 1 to {MaxReason} characters.");
                if (request.PoweredMs is < 0 or > MostMs)
                    return Refusal.BadValue("poweredMs", "0 to 31 days, in milliseconds.");
                if (await write.Db.Ledger.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } old)
                    return Refusal.NotFound("ledger_row");
                if (old.Kind == LedgerKind.Reversal || await write.Db.Ledger.AnyAsync(row => row.Corrects == id && row.Kind == LedgerKind.Reversal, cancel))
                    return Refusal.Conflict("already_corrected", "This row was taken back already. Correct the one that stands for it.");
                if (!request.Remove && request.Person is { } person && !await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (!request.Remove && request.Project is { } project && !await write.Db.Projects.AnyAsync(p => p.Id == project, cancel))
                    return Refusal.NotFound("project");

                var reversal = LedgerBooks.Reversal(old, by.Id, reason, write.Now);
                LedgerBooks.Add(write, floor, reversal);
                MachineTimeEntry? instead = null;
                if (!request.Remove)
                {
                    instead = LedgerBooks.Instead(old, request.Person, request.Project, request.PoweredMs ?? old.PoweredMs, by.Id, reason, write.Now);
                    LedgerBooks.Add(write, floor, instead);
                }
                write.Audit(by.Id, "ledger.corrected", id, reason);
                return new LedgerCorrected(reversal.Id, instead?.Id);
            },
            cancellationToken);
}
