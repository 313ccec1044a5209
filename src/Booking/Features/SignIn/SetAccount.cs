using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.People;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What a person is in the place, and which machines are in their charge. Version 0 when there was no account.</summary>
public sealed record AccountOfPerson(
    long Version, IReadOnlyList<Role>? Roles, bool Active = true, IReadOnlyList<MachineId>? Leads = null, IReadOnlyList<MachineId>? Trains = null);

/// <summary>A manager says what somebody is. It holds at the next request of theirs: they are signed out and in anew with what they are now.</summary>
internal sealed class SetAccount(BookingWriter writer, SessionEnds ends)
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapPut("/people/{id:guid}/account", async (Guid id, AccountOfPerson request, HttpContext http, SetAccount handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetAccount").WithTags("sign-in").WithSummary("Says what a person is in the place and which machines are in their charge.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<Changed>> HandleAsync(PersonId person, AccountOfPerson request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                var roles = (request.Roles ?? []).Aggregate(Role.None, (all, role) => all | role);
                if (!Rights.Fit(roles))
                    return Refusal.BadValue("roles", "These roles do not go together.");
                if (await write.Db.People.SingleOrDefaultAsync(p => p.Id == person, cancel) is not { } row)
                    return Refusal.NotFound("person");
                var leads = (request.Leads ?? []).Distinct().ToList();
                var trains = (request.Trains ?? []).Distinct().ToList();
                List<MachineId> wanted = [.. leads.Union(trains)];
                if (await write.Db.Machines.CountAsync(m => wanted.Contains(m.Id) && !m.Retired, cancel) != wanted.Count)
                    return Refusal.NotFound("machine");

                var account = await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == person, cancel);
                if ((account?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                await write.OneAtATimeAsync("last manager", cancel);
                if (account is { Active: true } && account.Role.HasFlag(Role.Manager) && !(roles.HasFlag(Role.Manager) && request.Active)
                    && !await write.Db.StaffAccounts.AnyAsync(a => a.Id != person && a.Active && (a.Role & Role.Manager) != 0, cancel))
                {
                    return Refusal.Conflict("last_manager", "This is the last manager. Make somebody else a manager first.");
                }
                if (account is null)
                {
                    var login = row.ShortCode.ToLowerInvariant();
                    if (await write.Db.StaffAccounts.AnyAsync(a => a.LoginName == login, cancel))
                        return Refusal.Conflict("login_taken", "Somebody signs in under this short code already.");
                    account = new StaffAccount { Id = person, LoginName = login, CreatedAt = write.Now };
                    write.Db.StaffAccounts.Add(account);
                }
                if (account.Role != roles || account.Active != request.Active)
                {
                    account.Stamp = Guid.NewGuid();
                    write.AfterCommit(() => ends.End(person));
                    write.Audit(by.Id, request.Active ? "account.roles" : "account.closed", person.Value, roles.ToString());
                }
                (account.Role, account.Active) = (roles, request.Active);
                account.Version++;

                var before = await write.Db.MachineDuties.Where(d => d.PersonId == person).ToListAsync(cancel);
                var after = leads.Select(m => (Machine: m, Duty: Duty.Leads)).Concat(trains.Select(m => (Machine: m, Duty: Duty.Trains))).ToHashSet();
                foreach (var duty in before.Where(d => !after.Contains((d.MachineId, d.Duty))))
                {
                    write.Db.MachineDuties.Remove(duty);
                    write.Audit(by.Id, "machine.charge_ended", duty.MachineId.Value, $"{duty.Duty} {person}");
                }
                foreach (var (machine, duty) in after.Where(a => !before.Any(d => d.MachineId == a.Machine && d.Duty == a.Duty)))
                {
                    write.Db.MachineDuties.Add(new MachineDuty { PersonId = person, MachineId = machine, Duty = duty });
                    write.Audit(by.Id, "machine.charge_given", machine.Value, $"{duty} {person}");
                }
                return new Changed(account.Version);
            },
            cancellationToken);
}
