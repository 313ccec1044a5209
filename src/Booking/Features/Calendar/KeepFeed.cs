using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Features.Calendar;

/// <summary>A calendar address that was made. It is shown this once and kept nowhere.</summary>
/// <param name="Path">Its path on this site.</param>
public sealed record FeedMade(string Path);

/// <summary>Whether there is a calendar address, and whether anything reads it; never the address.</summary>
/// <param name="MadeAt">When it was made; null while there is none.</param>
/// <param name="ReadAt">When a program last read it, to the hour; null when none did.</param>
public sealed record FeedNow(Instant? MadeAt, Instant? ReadAt);

/// <summary>One's own calendar address: made, replaced, revoked; and the calendars themselves.</summary>
internal sealed class KeepFeed(BookingWriter writer)
{
    private const string ContentType = "text/calendar; charset=utf-8";
    private static readonly Duration ReadNotedEvery = Duration.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder own)
    {
        routes.MapGet("/calendar/{secret}.ics", async (string secret, CalendarQueries calendars, KeepFeed handler, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers.CacheControl = "private, no-store";
            if (await calendars.OfSecretAsync(secret, cancellationToken) is not { } calendar)
                return Results.NotFound();
            await handler.NoteReadAsync(secret, cancellationToken);
            return Results.Text(calendar, ContentType);
        }).ExcludeFromDescription();
        routes.MapGet("/agenda.ics", async (CalendarQueries calendars, PageText text, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers.CacheControl = "public, max-age=300";
            return Results.Text(await calendars.AgendaAsync(text, cancellationToken), ContentType);
        }).ExcludeFromDescription();
        routes.MapGet($"{Endpoints.Root}/calendar", async (HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
            {
                var by = http.Actor().Id;
                var feed = await db.CalendarFeeds.AsNoTracking().SingleOrDefaultAsync(row => row.PersonId == by, cancellationToken);
                return Results.Json(new FeedNow(feed?.CreatedAt, feed?.ReadAt), Core.Json.CoreJson.Options);
            })
            .WithName("ReadCalendarFeed").WithTags("calendar").WithSummary("Whether one has a secret address, and when a program last read it.")
            .Produces<FeedNow>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .AddEndpointFilter(MessageChanges.SecondFactorFirstAsync).Needs(Right.OwnAccount);
        own.MapPost("/calendar", async (HttpContext http, KeepFeed handler, CancellationToken cancellationToken) =>
                (await handler.MakeAsync(http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("MakeCalendarFeed").WithTags("calendar").WithSummary("Makes a secret address for one's own bookings; an older one ends.")
            .Produces<FeedMade>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound);
        own.MapDelete("/calendar", async (HttpContext http, KeepFeed handler, CancellationToken cancellationToken) =>
                (await handler.RevokeAsync(http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RevokeCalendarFeed").WithTags("calendar").WithSummary("Ends one's secret address.")
            .Produces<FeedMade>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    public Task<Outcome<FeedMade>> MakeAsync(StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<FeedMade>(
            async (write, cancel) =>
            {
                if (!await write.Db.People.AnyAsync(person => person.Id == by.Id, cancel))
                    return Refusal.NotFound("person");
                var secret = CalendarSecret.New();
                if (await write.Db.CalendarFeeds.SingleOrDefaultAsync(row => row.PersonId == by.Id, cancel) is { } feed)
                    (feed.SecretHash, feed.CreatedAt, feed.ReadAt) = (CalendarSecret.Hash(secret)!, write.Now, null);
                else
                    write.Db.CalendarFeeds.Add(new CalendarFeed { PersonId = by.Id, SecretHash = CalendarSecret.Hash(secret)!, CreatedAt = write.Now });
                write.Audit(by.Id, "calendar.made", by.Id.Value);
                return new FeedMade($"/calendar/{secret}.ics");
            },
            cancellationToken);

    public Task<Outcome<FeedMade>> RevokeAsync(StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<FeedMade>(
            async (write, cancel) =>
            {
                if (await write.Db.CalendarFeeds.SingleOrDefaultAsync(row => row.PersonId == by.Id, cancel) is not { } feed)
                    return Refusal.NotFound("calendar");
                write.Db.CalendarFeeds.Remove(feed);
                write.Audit(by.Id, "calendar.revoked", by.Id.Value);
                return new FeedMade("");
            },
            cancellationToken);

    /// <summary>That it is read at all, to the hour: enough to see that a forgotten link is still in use.</summary>
    private Task NoteReadAsync(string secret, CancellationToken cancellationToken)
    {
        var hash = CalendarSecret.Hash(secret)!;
        return writer.WriteAsync(
            async (write, cancel) =>
            {
                var before = write.Now - ReadNotedEvery;
                if (await write.Db.CalendarFeeds.SingleOrDefaultAsync(row => row.SecretHash == hash && (row.ReadAt == null || row.ReadAt <= before), cancel) is { } feed)
                    feed.ReadAt = write.Now;
            },
            cancellationToken);
    }
}

/// <summary>Calendars: services and endpoints.</summary>
internal static class CalendarChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddScoped<CalendarQueries>();
        services.AddSingleton<KeepFeed>();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        KeepFeed.Map(routes, routes.Changes(Right.OwnAccount).AddEndpointFilter(MessageChanges.SecondFactorFirstAsync));
}
