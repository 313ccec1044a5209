using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Hours;

/// <summary>Machines that stand in for one another, as they are to be. Version 0 for a new pool.</summary>
public sealed record PoolToBe(string? NameFr, string? NameEn, IReadOnlyList<MachineId>? Machines, long Version, bool Retired = false);

/// <summary>Makes and changes pools: "any free printer".</summary>
internal sealed class SetPool(BookingWriter writer)
{
    public const int MostMachines = 100;

    public static void Map(RouteGroupBuilder changes) =>
        changes.MapPut("/pools/{id:guid}", async (Guid id, PoolToBe request, HttpContext http, SetPool handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PoolId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetPool").WithTags("hours").WithSummary("Makes or changes a pool. The caller chooses the id of a new one.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(PoolId id, PoolToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (Text.Required(request.NameFr, Pool.MaxName) is not { } nameFr)
                    return Refusal.BadValue("nameFr", $"1 to {Pool.MaxName} characters.");
                if (Text.Required(request.NameEn, Pool.MaxName) is not { } nameEn)
                    return Refusal.BadValue("nameEn", $"1 to {Pool.MaxName} characters.");
                List<MachineId> wanted = [.. (request.Machines ?? []).Distinct()];
                if (!request.Retired && wanted.Count is < 2 or > MostMachines)
                    return Refusal.BadValue("machines", $"A pool has 2 to {MostMachines} machines.");
                if (await write.Db.Machines.CountAsync(m => wanted.Contains(m.Id) && !m.Retired && m.Kind == ResourceKind.Machine, cancel) != wanted.Count)
                    return Refusal.BadValue("machines", "It names a machine that is not there.");
                if (await write.Db.PoolMembers.AnyAsync(member => wanted.Contains(member.MachineId) && member.PoolId != id, cancel))
                    return Refusal.Conflict("in_another_pool", "One of the machines is in another pool already.", "machines");
                var pool = await write.Db.Pools.Include(p => p.Members).SingleOrDefaultAsync(p => p.Id == id, cancel);
                if ((pool?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (pool is null)
                {
                    pool = new Pool { Id = id, NameFr = nameFr, NameEn = nameEn };
                    write.Db.Pools.Add(pool);
                }
                (pool.NameFr, pool.NameEn, pool.Retired) = (nameFr, nameEn, request.Retired);
                pool.Version++;
                // A pool that is given up lets its machines go to another one.
                if (request.Retired)
                    wanted = [];
                foreach (var gone in pool.Members.Where(member => !wanted.Contains(member.MachineId)).ToList())
                    write.Db.PoolMembers.Remove(gone);
                for (var position = 0; position < wanted.Count; position++)
                {
                    if (pool.Members.Find(member => member.MachineId == wanted[position]) is { } member)
                        member.Position = position;
                    else
                        write.Db.PoolMembers.Add(new PoolMember { PoolId = id, MachineId = wanted[position], Position = position });
                }
                write.Audit(by.Id, "pool.set", id.Value, nameFr);
                return new Changed(pool.Version);
            },
            cancellationToken);
}
