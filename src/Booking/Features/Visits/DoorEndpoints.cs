using System.Security.Claims;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>What a kiosk asks and tells, with its key.</summary>
internal static class DoorEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(DoorNow.Path, async (string? known, DoorSource door, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return Results.Json(await door.ReadAsync(known, cancellationToken), CoreJson.Options);
        })).WithName("GetDoor").WithSummary("What a kiosk keeps in order to go on by itself: whose badges are known, the reasons, the hours, who is in.").Produces<DoorNow>();
        Describe(routes.MapPost(VisitBatch.Path, VisitsAsync))
            .WithName("PostVisits").WithSummary("Hands in who came and went. Sent twice it changes nothing.")
            .WithDescription("The answer comes after the commit: what it covers may be forgotten.")
            .Accepts<VisitBatch>("application/json").Produces<VisitReceipt>().ProducesProblem(StatusCodes.Status400BadRequest);
        Describe(routes.MapGet(DoorNow.Path + "/people/{id:guid}", async (Guid id, DoorSource door, HttpContext http, CancellationToken cancellationToken) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return await door.NewsAsync(new PersonId(id), cancellationToken) is { } news ? Results.Json(news, CoreJson.Options) : Refusal.NotFound("person").ToResult();
        })).WithName("GetDoorNews").WithSummary("What somebody reads at the door after their badge.").Produces<DoorNews>().ProducesProblem(StatusCodes.Status404NotFound);
        Describe(routes.MapPost(DoorNow.Path + "/calls", async (DoorCall call, HttpContext http, BookingWriter writer, FloorChanges floor, CancellationToken cancellationToken) =>
            (await CallAsync(call, KioskOf(http), writer, floor, cancellationToken)).ToResult(StatusCodes.Status200OK)))
            .WithName("PostDoorCall").WithSummary("Somebody at the door asks for a person of the team.").Produces<DoorCall>().ProducesProblem(StatusCodes.Status400BadRequest);
        SignIn.GiveAccessAtDoor.Map(routes);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) =>
        route.WithTags("kiosk").ProducesProblem(StatusCodes.Status401Unauthorized).RequireAuthorization(BookingAuth.Kiosk);

    private static string KioskOf(HttpContext http) =>
        http.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("This endpoint needs the key of a kiosk.");

    private static async Task<IResult> VisitsAsync(HttpContext http, VisitIntake intake, CancellationToken cancellationToken)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 16 }, cancellationToken);
        }
        catch (JsonException)
        {
            return Unreadable();
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("sentAt", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var sent)
                || sent < 0 || sent > 7_258_118_400_000
                || !document.RootElement.TryGetProperty("items", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return Unreadable();
            }
            if (list.GetArrayLength() > VisitBatch.MaxItems)
                return Refusal.BadValue("items", $"At most {VisitBatch.MaxItems} items at once.").ToResult();
            var items = list.EnumerateArray().Select(VisitIntake.ReadItem).ToList();
            return Results.Json(await intake.TakeInAsync(KioskOf(http), Instant.FromUnixTimeMilliseconds(sent), items, cancellationToken), CoreJson.Options);
        }

        static IResult Unreadable() =>
            new Refusal(ProblemCodes.BadRequest, StatusCodes.Status400BadRequest, "Send an object with the time of sending and a list of items.").ToResult();
    }

    private static Task<Outcome<DoorCall>> CallAsync(DoorCall call, string kiosk, BookingWriter writer, FloorChanges floor, CancellationToken cancellationToken) =>
        writer.ChangeAsync<DoorCall>(
            async (write, cancel) =>
            {
                if (call.Id == Guid.Empty)
                    return Refusal.BadValue("id", "Give the call an id.");
                var name = Text.Clean(call.FirstName, DoorRequest.MaxName) is { Length: > 0 } clean ? clean : null;
                if (await write.Db.DoorRequests.AnyAsync(known => known.Id == call.Id, cancel))
                    return call;
                write.Db.DoorRequests.Add(new DoorRequest { Id = call.Id, Kiosk = kiosk, At = write.Now, FirstName = name });
                write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Door, null)));
                return call with { FirstName = name };
            },
            cancellationToken);
}
