using System.Data.Common;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Contracts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Features;

/// <summary>Every error of the API leaves as problem details with a stable code, and says nothing about the inside.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer; the server closes the connection.
            Log.Gone(log);
            return;
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await Explain(fault, log).ToResult().ExecuteAsync(http);
            return;
        }
        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0, ContentType: null })
            await OfStatus(http.Response.StatusCode).ToResult().ExecuteAsync(http);
    }

    /// <summary>What a fault is for the caller. Handlers called by pages may use it too.</summary>
    internal static Refusal Explain(Exception fault, ILogger log)
    {
        switch (fault)
        {
            case RefusedException refused:
                return refused.Refusal;
            case AntiforgeryValidationException:
                return new Refusal(ProblemCodes.ForgeryToken, 400, "The anti-forgery token is missing or wrong. Load the page again.");
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return OfStatus(StatusCodes.Status413PayloadTooLarge);
            case BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType }:
                return OfStatus(StatusCodes.Status415UnsupportedMediaType);
            case BadHttpRequestException bad:
                return new Refusal(ProblemCodes.BadRequest, StatusCodes.Status400BadRequest, "The request cannot be read.", (bad.InnerException as JsonException)?.Path);
            case DbUpdateConcurrencyException:
                return Refusal.Stale;
            case DbUpdateException { InnerException: DbException inner } when DatabaseRefusals.Of(inner) is { } known:
                return known;
            case DbException direct when DatabaseRefusals.Of(direct) is { } known:
                return known;
            case DbUpdateException or DbException or IOException:
                Log.Storage(log, fault);
                return new Refusal(ProblemCodes.StorageFailure, StatusCodes.Status503ServiceUnavailable, "The database could not store or read it. Nothing was changed.");
            default:
                Log.Unexpected(log, fault);
                return new Refusal(ProblemCodes.Internal, StatusCodes.Status500InternalServerError, "Something broke. Nothing was changed; the log of the server says more.");
        }
    }

    private static Refusal OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(ProblemCodes.NotFound, status, "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => new("method_not_allowed", status, "This address does not take that method."),
        StatusCodes.Status413PayloadTooLarge => new(ProblemCodes.TooLarge, status, "The body is too large."),
        StatusCodes.Status415UnsupportedMediaType => new("media_type", status, "Send JSON: Content-Type application/json."),
        StatusCodes.Status401Unauthorized => new(ProblemCodes.SignInNeeded, status, "Sign in first."),
        StatusCodes.Status403Forbidden => new(ProblemCodes.NotAllowed, status, "This account may not do that."),
        _ => new(ProblemCodes.BadRequest, status, "The request cannot be read."),
    };

    private static partial class Log
    {
        [LoggerMessage(EventId = 5301, Level = LogLevel.Debug, Message = "The caller went away.")]
        public static partial void Gone(ILogger logger);

        [LoggerMessage(EventId = 5302, Level = LogLevel.Error, Message = "The database refused to read or write.")]
        public static partial void Storage(ILogger logger, Exception fault);

        [LoggerMessage(EventId = 5303, Level = LogLevel.Error, Message = "A request ended in an unexpected fault.")]
        public static partial void Unexpected(ILogger logger, Exception fault);
    }
}
