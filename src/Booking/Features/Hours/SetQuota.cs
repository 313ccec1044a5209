using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>A limit on what people book, as it is to be. Version 0 for a new one.</summary>
public sealed record QuotaToBe(BookingQuota? Quota, long Version);

/// <summary>Sets and removes limits on what people book.</summary>
internal sealed class SetQuota(BookingWriter writer)
{
    public const int MostQuotas = 100;
    public const int MostNamed = 200;
    private const int LongestKey = 40;

    public static void Map(RouteGroupBuilder changes)
    {
        changes.MapPut("/booking-quotas/{id:guid}", async (Guid id, QuotaToBe request, HttpContext http, SetQuota handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new QuotaId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetBookingQuota").WithTags("hours").WithSummary("Makes or changes a limit on what people book. The caller chooses the id of a new one.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        changes.MapDelete("/booking-quotas/{id:guid}", async (Guid id, HttpContext http, SetQuota handler, CancellationToken cancellationToken) =>
                (await handler.RemoveAsync(new QuotaId(id), http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("RemoveBookingQuota").WithTags("hours").WithSummary("Removes a limit on what people book.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    public Task<Outcome<Changed>> HandleAsync(QuotaId id, QuotaToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (request.Quota is not { } quota)
                    return Refusal.BadValue("quota", "The limit is missing.");
                if (Fault(quota) is { } fault)
                    return fault;
                List<MachineId> machines = [.. quota.Machines];
                if (await write.Db.Machines.CountAsync(m => machines.Contains(m.Id) && !m.Retired, cancel) != machines.Distinct().Count())
                    return Refusal.BadValue("machines", "It names a machine that is not there.");
                List<PersonId> people = [.. quota.People];
                if (await write.Db.People.CountAsync(p => people.Contains(p.Id), cancel) != people.Distinct().Count())
                    return Refusal.BadValue("people", "It names somebody who is not there.");
                var row = await write.Db.BookingQuotas.SingleOrDefaultAsync(r => r.Id == id, cancel);
                if ((row?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (row is null)
                {
                    if (await write.Db.BookingQuotas.CountAsync(cancel) >= MostQuotas)
                        return Refusal.BadValue("quota", $"At most {MostQuotas} limits.");
                    row = new BookingQuotaRow { Id = id, Quota = quota };
                    write.Db.BookingQuotas.Add(row);
                }
                row.Quota = quota;
                row.Version++;
                write.Audit(by.Id, "booking.quota", id.Value);
                return new Changed(row.Version);
            },
            cancellationToken);

    public Task<Outcome<Changed>> RemoveAsync(QuotaId id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await write.Db.BookingQuotas.SingleOrDefaultAsync(r => r.Id == id, cancel) is not { } row)
                    return Refusal.NotFound("quota");
                write.Db.BookingQuotas.Remove(row);
                write.Audit(by.Id, "booking.quota_removed", id.Value);
                return new Changed(0);
            },
            cancellationToken);

    private static Refusal? Fault(BookingQuota quota)
    {
        if (!Enum.IsDefined(quota.Period))
            return Refusal.BadValue("period", "day, week or month.");
        if (quota.Time is null && quota.Count is null)
            return Refusal.BadValue("time", "It limits nothing: give a time or a number of bookings.");
        if (quota.Time is { } time && (time <= Duration.Zero || time > Duration.FromDays(31)))
            return Refusal.BadValue("time", "More than nothing, at most 31 days.");
        if (quota.Count is < 1 or > 1000)
            return Refusal.BadValue("count", "1 to 1000.");
        if (quota.Machines is null || quota.Classes is null || quota.Plans is null || quota.People is null)
            return Refusal.BadValue("quota", "A list is missing.");
        if (quota.Machines.Count > MostNamed || quota.People.Count > MostNamed)
            return Refusal.BadValue("quota", $"At most {MostNamed} machines and {MostNamed} people.");
        return Keys(quota.Classes, "classes") ?? Keys(quota.Plans, "plans");
    }

    private static Refusal? Keys(ValueList<string> keys, string field) =>
        keys.Count <= MostNamed && keys.All(key => Text.Required(key, LongestKey) == key) ? null : Refusal.BadValue(field, $"Words of 1 to {LongestKey} characters.");
}
