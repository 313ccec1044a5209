using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>An answer to an offer.</summary>
/// <param name="Take">Whether to take it; false gives it to the next who waits.</param>
public sealed record OfferAnswer(bool Take);

/// <summary>Why a no-show does not count.</summary>
/// <param name="Why">Why, in 1 to 200 characters.</param>
public sealed record NoShowWaiver(string? Why = null);

/// <summary>A search for whom one may book for.</summary>
/// <param name="Search">A part of a name or of a short code; without it no person is named.</param>
public sealed record ForWhomSearch(string? Search)
{
    public const int MaxSearch = 100;
}

/// <summary>Somebody who can be booked for.</summary>
/// <param name="Id">To be named as <c>person</c>.</param>
/// <param name="Name">The name they go by here, or their short code.</param>
public sealed record NamedPerson(PersonId Id, string Name);

/// <summary>A group that can be booked for.</summary>
/// <param name="Id">To be named as <c>group</c>.</param>
/// <param name="Name">Its name.</param>
public sealed record NamedGroup(Guid Id, string Name);

/// <summary>Whom one may book for beside oneself.</summary>
/// <param name="People">The people found, of those whom one may book for.</param>
/// <param name="Groups">The groups one may book for.</param>
/// <param name="MayBlock">Whether one may keep a machine free of bookings.</param>
public sealed record ForWhom(IReadOnlyList<NamedPerson> People, IReadOnlyList<NamedGroup> Groups, bool MayBlock);

/// <summary>A stretch of time.</summary>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
public sealed record TimeSpanView(Instant Start, Instant End);

/// <summary>A machine on the planning for everybody.</summary>
/// <param name="Machine">Its id.</param>
/// <param name="Code">Painted on it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What sort of thing it is.</param>
/// <param name="Bookable">Whether it can be booked at all.</param>
/// <param name="Open">When it is open, in order.</param>
/// <param name="Taken">When it is taken, in order.</param>
public sealed record PublicPlanningLine(
    MachineId Machine, string Code, Words Name, ResourceKind Kind, bool Bookable, IReadOnlyList<TimeSpanView> Open, IReadOnlyList<TimeSpanView> Taken);

/// <summary>The planning of one day, without anybody.</summary>
public sealed record PublicPlanning(LocalDate Day, IReadOnlyList<PublicPlanningLine> Machines);

/// <summary>
/// Bookings over the API. A change may name the version it saw with <c>If-Match</c>; when that is no longer the present one the answer
/// is 412 and nothing is changed. Without it the change is made to whatever is there (docs/adr/0076).
/// </summary>
internal static class BookingEndpoints
{
    private const string Tag = "bookings";

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<BookMachine>();
        services.AddSingleton<MoveBooking>();
        services.AddSingleton<CancelBooking>();
        services.AddSingleton<BookSeries>();
        services.AddSingleton<WaitOffers>();
        services.AddSingleton<IBookingEventSink>(provider => provider.GetRequiredService<WaitOffers>());
        services.AddSingleton<WaitForTime>();
        services.AddSingleton<WaiveNoShow>();
        services.AddSingleton<BookingClock>();
        services.AddHostedService(provider => provider.GetRequiredService<BookingClock>());
        services.AddScoped<BookingQueries>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        Changes(routes.Changes(Right.BookOwn));
        Series(routes.Changes(Right.BookOwn));
        Waits(routes.Changes(Right.BookOwn));
        ForWhom(routes.Changes(Right.BookOwn));
        Staff(routes.Changes(Right.Book));
        Planning(routes.MapGroup(Endpoints.Root));
        Reading(routes.MapGroup(Endpoints.Root).Needs(Right.BookOwn)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden));
    }

    private static void Changes(RouteGroupBuilder own)
    {
        own.MapPost("/bookings", async (NewReservation request, HttpContext http, BookMachine handler, CancellationToken cancellationToken) =>
            {
                var outcome = await handler.BookAsync(request, http.Actor(), cancellationToken);
                if (outcome.Done)
                    http.Response.Headers.Location = $"{Endpoints.Root}/bookings/{outcome.Value.Id}";
                return Answer(http, outcome, made => made.Version, StatusCodes.Status201Created);
            })
            .WithName("BookMachine").WithTags(Tag).WithSummary("Books a machine or any of a pool, for oneself, for somebody or for a group; or blocks it.")
            .Produces<Reserved>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        own.MapPatch("/bookings/{id:guid}", async (Guid id, BookingChange change, HttpContext http, MoveBooking handler, CancellationToken cancellationToken) =>
            {
                var seen = Seen(http);
                if (seen.Refusal is { } bad)
                    return bad.ToResult();
                var outcome = await handler.HandleAsync(
                    new BookingId(id), seen.Value is { } version ? change with { Version = version } : change, http.Actor(), cancellationToken);
                return Answer(http, Stale(outcome, seen.Value), changed => changed.Version, StatusCodes.Status200OK);
            })
            .WithName("ChangeBooking").WithTags(Tag).WithSummary("Moves, extends or shortens a booking; changes its note or project.")
            .Produces<Reserved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        own.MapDelete("/bookings/{id:guid}", async (Guid id, string? why, HttpContext http, CancelBooking handler, CancellationToken cancellationToken) =>
            {
                var seen = Seen(http);
                if (seen.Refusal is { } bad)
                    return bad.ToResult();
                var outcome = await handler.CancelAsync(new BookingId(id), seen.Value, why, http.Actor(), cancellationToken);
                return Answer(http, Stale(outcome, seen.Value), cancelled => cancelled.Version, StatusCodes.Status200OK);
            })
            .WithName("CancelBooking").WithTags(Tag).WithSummary("Cancels a booking.")
            .Produces<BookingCancelled>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        own.MapPost("/bookings/{id:guid}/restore", async (Guid id, HttpContext http, CancelBooking handler, CancellationToken cancellationToken) =>
                Answer(http, await handler.RestoreAsync(new BookingId(id), http.Actor(), cancellationToken), restored => restored.Version, StatusCodes.Status200OK))
            .WithName("RestoreBooking").WithTags(Tag).WithSummary("Takes a cancellation back within ten minutes, when the time is still free.")
            .Produces<Reserved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static void Series(RouteGroupBuilder own)
    {
        own.MapPost("/booking-series/preview", async (NewSeries request, HttpContext http, BookSeries handler, CancellationToken cancellationToken) =>
                (await handler.PreviewAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("PreviewSeries").WithTags(Tag).WithSummary("What could be booked of a series; nothing is booked.")
            .Produces<SeriesAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        own.MapPost("/booking-series", async (NewSeries request, HttpContext http, BookSeries handler, CancellationToken cancellationToken) =>
                (await handler.BookAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("BookSeries").WithTags(Tag).WithSummary("Books a series: all of it, or all but what cannot be had.")
            .Produces<SeriesAnswer>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        own.MapDelete("/booking-series/{id:guid}", async (Guid id, HttpContext http, BookSeries handler, CancellationToken cancellationToken) =>
                (await handler.CancelAsync(new SeriesId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CancelSeries").WithTags(Tag).WithSummary("Cancels what has not begun of a series.")
            .Produces<SeriesAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static void Waits(RouteGroupBuilder own)
    {
        own.MapPost("/booking-waits", async (NewWait request, HttpContext http, WaitForTime handler, CancellationToken cancellationToken) =>
                (await handler.JoinAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("WaitForTime").WithTags(Tag).WithSummary("Waits for time on a machine; what becomes free is held for a quarter of an hour.")
            .Produces<Waiting>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        own.MapDelete("/booking-waits/{id:guid}", async (Guid id, HttpContext http, WaitForTime handler, CancellationToken cancellationToken) =>
                (await handler.LeaveAsync(new WaitId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("LeaveWaitingList").WithTags(Tag).WithSummary("Waits no more; what was held goes to the next.")
            .Produces<Waiting>().ProducesProblem(StatusCodes.Status404NotFound);
        own.MapPost("/booking-waits/{id:guid}/answer", async (Guid id, OfferAnswer answer, HttpContext http, WaitForTime handler, CancellationToken cancellationToken) =>
                (await handler.AnswerAsync(new WaitId(id), answer.Take, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("AnswerOffer").WithTags(Tag).WithSummary("Takes the time that is held, or lets it go to the next.")
            .Produces<Waiting>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>A search is a POST: a name does not belong into an address, which ends in logs.</summary>
    private static void ForWhom(RouteGroupBuilder own) =>
        own.MapPost("/bookings/for", async (ForWhomSearch request, HttpContext http, BookingDbContext db, BookQueries bookings, CancellationToken cancellationToken) =>
            {
                if (request.Search is { Length: > ForWhomSearch.MaxSearch })
                    return Refusal.BadValue("search", $"At most {ForWhomSearch.MaxSearch} characters.").ToResult();
                var actor = http.Actor();
                var who = await bookings.WhoAsync(new Viewer(actor, null) { Charge = await db.ChargeOfAsync(actor, cancellationToken) }, request.Search, cancellationToken);
                return Results.Json(
                    new ForWhom([.. who.Found.Select(p => new NamedPerson(p.Id, p.Name))], [.. who.Groups.Select(g => new NamedGroup(g.Id, g.Name))], who.MayBlock), CoreJson.Options);
            })
            .WithName("FindWhomToBookFor").WithTags(Tag).WithSummary("Whom one may book for beside oneself: people by a part of their name or short code, groups, and whether time may be blocked.")
            .Produces<ForWhom>();

    private static void Planning(IEndpointRouteBuilder open) =>
        open.MapGet("/planning", async (string? day, BookingDbContext db, PlanningQueries planning, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var asked = BookQueries.Day(day);
                if (day is not null && asked is null)
                    return Refusal.BadValue("day", "A day as in 2026-03-10.").ToResult();
                var sheet = await planning.PublicAsync(asked, Now(time), cancellationToken);
                return Results.Json(
                    new PublicPlanning(
                        sheet.Day,
                        [
                            .. sheet.Lines.Select(line => new PublicPlanningLine(
                                line.Machine.Id, line.Machine.Code, line.Machine.Name, line.Machine.Kind, line.Bookable,
                                [.. line.Open.Select(open => new TimeSpanView(open.Start, open.End))], [.. line.Taken.Select(item => new TimeSpanView(item.Start, item.End))])),
                        ]),
                    CoreJson.Options);
            })
            .WithName("PublicPlanning").WithTags(Tag).WithSummary("When each machine is open and taken on one day, for anybody. Never a person.")
            .Produces<PublicPlanning>().ProducesProblem(StatusCodes.Status400BadRequest);

    private static void Staff(RouteGroupBuilder staff) =>
        staff.MapPost("/bookings/{id:guid}/waive", async (Guid id, NoShowWaiver waiver, HttpContext http, WaiveNoShow handler, CancellationToken cancellationToken) =>
                Answer(http, await handler.HandleAsync(new BookingId(id), waiver.Why, http.Actor(), cancellationToken), waived => waived.Version, StatusCodes.Status200OK))
            .WithName("WaiveNoShow").WithTags(Tag).WithSummary("Says that a booking nobody came to does not count.")
            .Produces<Reserved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static void Reading(RouteGroupBuilder reading)
    {
        reading.MapGet("/bookings/{id:guid}", async (Guid id, HttpContext http, BookingQueries bookings, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var found = await bookings.OneAsync(new BookingId(id), http.Actor(), Now(time), cancellationToken);
                return Answer(http, found is null ? Refusal.NotFound("booking") : Outcome.Of(found), booking => booking.Version, StatusCodes.Status200OK);
            })
            .WithName("ReadBooking").WithTags(Tag).WithSummary("One booking.").Produces<BookingView>().ProducesProblem(StatusCodes.Status404NotFound);
        reading.MapGet("/bookings", async (
                long? from, long? until, Guid? machine, Guid? person, HttpContext http, BookingQueries bookings, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var range = Range(from, until, Now(time), Duration.FromDays(62));
                return range.Refusal is { } bad
                    ? bad.ToResult()
                    : Results.Json(
                        await bookings.ListAsync(
                            http.Actor(), range.Value, machine is { } one ? new MachineId(one) : null, person is { } whose ? new PersonId(whose) : null, Now(time), cancellationToken),
                        CoreJson.Options);
            })
            .WithName("ListBookings").WithTags(Tag).WithSummary("One's own bookings; staff: all. Times are Unix milliseconds, at most 62 days apart.")
            .Produces<IReadOnlyList<BookingView>>().ProducesProblem(StatusCodes.Status400BadRequest);
        reading.MapGet("/bookables", async (BookingQueries bookings, CancellationToken cancellationToken) =>
                Results.Json(await bookings.BookablesAsync(cancellationToken), CoreJson.Options))
            .WithName("ListBookables").WithTags(Tag).WithSummary("What can be booked.").Produces<IReadOnlyList<BookableView>>();
        reading.MapGet("/machines/{id:guid}/free-times", (
                Guid id, long? from, long? until, int? places, BookingQueries bookings, TimeProvider time, CancellationToken cancellationToken) =>
                FreeAsync(new MachineId(id), null, from, until, places, bookings, Now(time), cancellationToken))
            .WithName("FreeTimesOfMachine").WithTags(Tag).WithSummary("When a machine can be booked. Times are Unix milliseconds, at most 35 days apart.")
            .Produces<IReadOnlyList<FreeStartView>>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        reading.MapGet("/pools/{id:guid}/free-times", (
                Guid id, long? from, long? until, int? places, BookingQueries bookings, TimeProvider time, CancellationToken cancellationToken) =>
                FreeAsync(null, new PoolId(id), from, until, places, bookings, Now(time), cancellationToken))
            .WithName("FreeTimesOfPool").WithTags(Tag).WithSummary("When any machine of a pool can be booked. Times are Unix milliseconds, at most 35 days apart.")
            .Produces<IReadOnlyList<FreeStartView>>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        reading.MapGet("/booking-waits", async (HttpContext http, BookingQueries bookings, CancellationToken cancellationToken) =>
                Results.Json(await bookings.WaitsAsync(http.Actor(), cancellationToken), CoreJson.Options))
            .WithName("ListWaits").WithTags(Tag).WithSummary("What one waits for; staff: all.").Produces<IReadOnlyList<WaitView>>();
    }

    private static async Task<IResult> FreeAsync(
        MachineId? machine, PoolId? pool, long? from, long? until, int? places, BookingQueries bookings, Instant now, CancellationToken cancellationToken)
    {
        var range = Range(from, until, now, BookingQueries.LongestLook);
        return range.Refusal is { } bad
            ? bad.ToResult()
            : (await bookings.FreeTimesAsync(machine, pool, range.Value, places ?? 1, now, cancellationToken)).ToResult(StatusCodes.Status200OK);
    }

    private static Instant Now(TimeProvider time) => Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>From now for a week, when nothing else is said.</summary>
    private static Outcome<Interval> Range(long? from, long? until, Instant now, Duration longest)
    {
        if (At(from) is not { } start || At(until) is not { } end)
            return Refusal.BadValue("from", "Times are Unix milliseconds.");
        var begin = from is null ? now : start;
        var last = until is null ? begin + Duration.FromDays(7) : end;
        return last > begin && last - begin <= longest
            ? new Interval(begin, last)
            : Refusal.BadValue("until", string.Create(CultureInfo.InvariantCulture, $"It must lie after the start, by at most {longest.TotalDays:0} days."));

        static Instant? At(long? milliseconds) => milliseconds switch
        {
            null => Instant.MinValue,
            // 1990 to 2199: what hours are known for.
            >= 631_152_000_000 and < 7_226_582_400_000 => Instant.FromUnixTimeMilliseconds(milliseconds.Value),
            _ => null,
        };
    }

    /// <summary>The version named by If-Match; null for none, or for any.</summary>
    private static Outcome<long?> Seen(HttpContext http)
    {
        var named = http.Request.Headers.IfMatch.ToString();
        if (named.Length == 0 || named == "*")
            return (long?)null;
        var tag = named.StartsWith("W/", StringComparison.Ordinal) ? named[2..] : named;
        return tag is ['"', .. var digits, '"'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (long?)version
            : Refusal.BadValue("If-Match", "It names the ETag of one booking.");
    }

    private static Outcome<T> Stale<T>(Outcome<T> outcome, long? seen) => seen is not null && outcome.Refusal == Refusal.Stale
        ? Refusal.Stale with { Status = StatusCodes.Status412PreconditionFailed }
        : outcome;

    private static IResult Answer<T>(HttpContext http, Outcome<T> outcome, Func<T, long> version, int status)
    {
        if (outcome.Done)
            http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version(outcome.Value)}\"");
        return outcome.ToResult(status);
    }
}
