using System.Data.Common;
using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features;

internal static class Handling
{
    /// <summary>
    /// Runs a change that may be refused. A refusal, whether the handler says it or the database, undoes all of the change.
    /// </summary>
    public static async Task<Outcome<T>> ChangeAsync<T>(
        this BookingWriter writer, Func<BookingWrite, CancellationToken, Task<Outcome<T>>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(
                async (write, cancel) =>
                {
                    var outcome = await work(write, cancel);
                    // The writer saves what there is to save, with what listeners add to it; what the database refuses then comes back here.
                    return outcome.Refusal is { } refusal ? throw new RefusedException(refusal) : outcome;
                },
                cancellationToken);
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Two at once: the other one was first.
            return Refusal.Stale;
        }
        catch (DbUpdateException fault) when (fault.InnerException is DbException inner && DatabaseRefusals.Of(inner) is { } known)
        {
            return known;
        }
    }
}
