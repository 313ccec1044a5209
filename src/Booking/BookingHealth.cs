using FabLab.Booking.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking;

/// <summary>Whether Booking can do its work. Says nothing about people.</summary>
internal static partial class BookingHealth
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(
        IDbContextFactory<BookingDbContext> readers, BookingWriter writer, ILogger<BookingWriter> log, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await readers.CreateDbContextAsync(cancellationToken);
            var revision = await db.PolicyCounters.Select(counter => counter.Revision).SingleAsync(cancellationToken);
            // A database that can be read and not written is no health.
            return writer.LastCommitFailed
                ? Results.Json(new { status = "storage_failure", policyRevision = revision }, statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Json(new { status = "ok", policyRevision = revision });
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Log.NotReadable(log, fault);
            return Results.Json(new { status = "storage_failure" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5211, Level = LogLevel.Error, Message = "The database cannot be read.")]
        public static partial void NotReadable(ILogger logger, Exception fault);
    }
}
