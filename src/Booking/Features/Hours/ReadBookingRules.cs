using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Hours;

/// <summary>A limit on what people book as it stands, in the shape in which it is set.</summary>
public sealed record QuotaNow(QuotaId Id, QuotaToBe Quota);

/// <summary>A room, a desk or a kit as it stands, in the shape in which it is set.</summary>
public sealed record ResourceNow(MachineId Id, ResourceToBe Resource);

/// <summary>A machine and where it stands, in the shape in which that is set.</summary>
public sealed record MachineNowIn(MachineId Id, string Code, MachinePlace Place);

/// <summary>A pool as it stands, in the shape in which it is set.</summary>
public sealed record PoolNow(PoolId Id, PoolToBe Pool);

/// <summary>What can be booked beside machines, where the machines stand, and which stand in for one another.</summary>
public sealed record ResourcesNow(IReadOnlyList<ResourceNow> Resources, IReadOnlyList<MachineNowIn> Machines, IReadOnlyList<PoolNow> Pools);

/// <summary>
/// Hours, terms, limits and resources for who sets them. What is read has the shape of what is sent to change it, version included:
/// a program reads, changes a field and sends it back.
/// </summary>
internal static class ReadBookingRules
{
    private const string Tag = "hours";

    public static void Map(IEndpointRouteBuilder routes)
    {
        Closing(Reading(routes, Right.CloseDay));
        Machines(Reading(routes, Right.KeepMachines));
        Keeping(Reading(routes, Right.KeepHours));
    }

    private static void Closing(RouteGroupBuilder closing) =>
        closing.MapGet("/hours/timetable", async (BookingDbContext db, CancellationToken cancellationToken) =>
            {
                var row = await db.SiteTimetables.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
                return Json(new SiteHoursToBe(row?.Timetable, row?.Version ?? 0));
            })
            .WithName("ReadTimetable").WithTags(Tag).WithSummary("The rules that the opening hours follow from, to change them. Without any it is open around the clock.")
            .Produces<SiteHoursToBe>();

    private static void Machines(RouteGroupBuilder machines)
    {
        machines.MapGet("/machines/{id:guid}/hours", (Guid id, HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
                OfMachineAsync(id, http, db, async machine =>
                {
                    var row = await db.MachineTimetables.AsNoTracking().SingleOrDefaultAsync(r => r.MachineId == machine.Id, cancellationToken);
                    return Json(new MachineHoursToBe(row?.Timetable, row?.Version ?? 0));
                }))
            .WithName("ReadMachineHours").WithTags(Tag).WithSummary("Where a machine's hours differ from the place's, to change them.")
            .Produces<MachineHoursToBe>().ProducesProblem(StatusCodes.Status404NotFound);
        machines.MapGet("/machines/{id:guid}/booking-end", (Guid id, HttpContext http, BookingDbContext db) =>
                OfMachineAsync(id, http, db, machine => Task.FromResult(
                    Json(new BookingEndToBe(machine.Rule.BookingEnd, (int)machine.Rule.BookingEndCap.TotalMinutes, machine.Version)))))
            .WithName("ReadBookingEnd").WithTags(Tag).WithSummary("What a machine does when the booking of who uses it ends.")
            .Produces<BookingEndToBe>().ProducesProblem(StatusCodes.Status404NotFound);
        machines.MapGet("/booking-terms/{scope}", async (string scope, HttpContext http, BookingDbContext db, CancellationToken cancellationToken) =>
            {
                if (TermsRow.MachineOf(scope) is { } machine)
                    return await OfMachineAsync(machine.Value, http, db, _ => TermsAsync(db, TermsRow.OfMachine(machine), cancellationToken));
                return http.Actor().Has(Right.KeepHours) ? await TermsAsync(db, scope, cancellationToken) : Refusal.NotAllowed.ToResult();
            })
            .WithName("ReadBookingTerms").WithTags(Tag)
            .WithSummary("How machines of a scope are booked; no terms where those of the wider scope count. The scope is 'site', 'class:' and a class, or 'machine:' and an id.")
            .Produces<TermsToBe>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static void Keeping(RouteGroupBuilder keeping)
    {
        keeping.MapGet("/site/claim-window", async (BookingDbContext db, CancellationToken cancellationToken) =>
            {
                var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
                return Json(new ClaimWindow((int)(site?.Rule ?? new SiteRule()).ClaimBefore.TotalMinutes, site?.Version ?? 0));
            })
            .WithName("ReadClaimWindow").WithTags(Tag).WithSummary("How many minutes before its start a booking is claimed by its owner's tap.")
            .Produces<ClaimWindow>();
        keeping.MapGet("/booking-quotas", async (BookingDbContext db, CancellationToken cancellationToken) =>
                Json<IReadOnlyList<QuotaNow>>(
                    [.. (await db.BookingQuotas.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken)).Select(row => new QuotaNow(row.Id, new QuotaToBe(row.Quota, row.Version)))]))
            .WithName("ListBookingQuotas").WithTags(Tag).WithSummary("The limits on what people book.")
            .Produces<IReadOnlyList<QuotaNow>>();
        keeping.MapGet("/resources", async (BookingDbContext db, SchoolHolidays school, CancellationToken cancellationToken) =>
            {
                var hours = await LabHours.ReadAsync(db, school.Calendar, cancellationToken);
                var all = (await db.Machines.AsNoTracking().Where(m => !m.Retired).ToListAsync(cancellationToken)).OrderBy(m => m.Code, StringComparer.Ordinal).ToLookup(m => m.Kind == ResourceKind.Machine);
                var pools = await db.Pools.AsNoTracking().Include(p => p.Members).Where(p => !p.Retired).OrderBy(p => p.NameFr).ToListAsync(cancellationToken);
                return Json(new ResourcesNow(
                    [
                        .. all[false].Select(m =>
                        {
                            var terms = hours.TermsOf(m.Id, m.Rule.Type);
                            return new ResourceNow(m.Id, new ResourceToBe(m.Kind, m.Code, m.NameFr, m.NameEn, terms.Capacity, (int)terms.SetUp.TotalMinutes, m.RoomId, m.Version));
                        }),
                    ],
                    [.. all[true].Select(m => new MachineNowIn(m.Id, m.Code, new MachinePlace(m.RoomId, m.Version)))],
                    [.. pools.Select(p => new PoolNow(p.Id, new PoolToBe(p.NameFr, p.NameEn, [.. p.Members.OrderBy(member => member.Position).Select(member => member.MachineId)], p.Version)))]));
            })
            .WithName("ListResources").WithTags(Tag).WithSummary("Rooms, desks, kits and pools, and in which room each machine stands.")
            .Produces<ResourcesNow>();
    }

    private static RouteGroupBuilder Reading(IEndpointRouteBuilder routes, Right right) => routes.MapGroup(Endpoints.Root).Needs(right)
        .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<IResult> OfMachineAsync(Guid id, HttpContext http, BookingDbContext db, Func<Machine, Task<IResult>> read)
    {
        var machine = new MachineId(id);
        if (await db.Machines.AsNoTracking().SingleOrDefaultAsync(m => m.Id == machine && !m.Retired, http.RequestAborted) is not { } found)
            return Refusal.NotFound("machine").ToResult();
        return await db.MayAsync(http.Actor(), Right.KeepMachines, machine, http.RequestAborted) ? await read(found) : Refusal.NotAllowed.ToResult();
    }

    private static async Task<IResult> TermsAsync(BookingDbContext db, string scope, CancellationToken cancellationToken)
    {
        var row = await db.BookingTerms.AsNoTracking().SingleOrDefaultAsync(r => r.Scope == scope, cancellationToken);
        return Json(new TermsToBe(row?.Terms, row?.Version ?? 0));
    }

    private static IResult Json<T>(T value) => Results.Json(value, CoreJson.Options);
}
