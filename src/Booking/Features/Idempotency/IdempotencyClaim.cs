using FabLab.Booking.Data;
using FabLab.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Idempotency;

/// <summary>
/// The run of a request that has a key. The writer notes in each of its writes that it is made: after a power cut between the
/// change and its answer, the change is known to be there, and it is not made again.
/// </summary>
internal sealed record IdempotencyClaim(PersonId Actor, string Name, Guid Id)
{
    private static readonly AsyncLocal<IdempotencyClaim?> Here = new();

    public static readonly Refusal Lost = new("idempotency_in_progress", StatusCodes.Status409Conflict, "Another request with this key has taken over.");

    /// <summary>The one of the request that this code runs for; null for none.</summary>
    public static IdempotencyClaim? Current
    {
        get => Here.Value;
        set => Here.Value = value;
    }

    /// <returns>False when another run has the key: then nothing may be committed.</returns>
    public async Task<bool> CommitAsync(BookingDbContext db, CancellationToken cancellationToken) =>
        await db.IdempotencyKeys.Where(row => row.Actor == Actor && row.Name == Name && row.Claim == Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Committed, true), cancellationToken) == 1;
}
