using FabLab.Booking.Features;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Web;

/// <summary>Gives every error outside the API a page in plain words. What a page changes it undoes or finishes; nothing of the inside is shown.</summary>
internal sealed partial class PageProblems(RequestDelegate next, ILogger<PageProblems> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (IsMachineTalk(http.Request.Path))
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
            Log.Gone(log);
            return;
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            Refusal refusal = ProblemMiddleware.Explain(fault, log);
            http.Response.Clear();
            await ShowAsync(http, refusal.Status);
            return;
        }

        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0, ContentType: null })
            await ShowAsync(http, http.Response.StatusCode);
    }

    /// <summary>The page of one status. It asks the database nothing: the database may be what failed.</summary>
    public static async Task ShowAsync(HttpContext http, int status)
    {
        // Cleared with the faulty answer; an error page is a page like the others.
        http.Response.Headers.ContentSecurityPolicy = Ui.SecurityHeadersMiddleware.ContentSecurityPolicy;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";
        http.RequestServices.GetRequiredService<PageFrame>().UseRequest(http);
        (Phrase heading, Phrase body) = status switch
        {
            StatusCodes.Status404NotFound => (CommonText.NotFoundTitle, CommonText.NotFoundBody),
            StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => (CommonText.ForbiddenTitle, CommonText.ForbiddenBody),
            < 500 => (CommonText.BadRequestTitle, CommonText.BadRequestBody),
            _ => (CommonText.FailedTitle, CommonText.FailedBody),
        };
        await Pages.Show<MessagePage>(
            status,
            (nameof(MessagePage.Heading), heading),
            (nameof(MessagePage.Body), body),
            (nameof(MessagePage.OfferSignIn), status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)).ExecuteAsync(http);
    }

    private static bool IsMachineTalk(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.Ordinal) || path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments("/assets", StringComparison.Ordinal) || path.StartsWithSegments("/metrics", StringComparison.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5421, Level = LogLevel.Debug, Message = "The reader of a page went away.")]
        public static partial void Gone(ILogger logger);
    }
}
