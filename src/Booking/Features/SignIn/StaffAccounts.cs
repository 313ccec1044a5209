using FabLab.Booking.Data;
using FabLab.Booking.Features.People;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.SignIn;

internal static class StaffAccounts
{
    /// <summary>The oldest active manager; made on the spot, with a person of the same code, when there is none.</summary>
    public static async Task<StaffAccount> FirstManagerAsync(BookingWrite write, CancellationToken cancel)
    {
        var manager = await write.Db.StaffAccounts
            .Where(a => (a.Role & Role.Manager) != 0 && a.Active).OrderBy(a => a.CreatedAt).FirstOrDefaultAsync(cancel);
        if (manager is not null)
            return manager;

        var person = new Person
        {
            Id = PersonId.New(write.Now),
            ShortCode = await FreeCodeAsync(write, cancel),
            DisplayName = "Gestion",
            IsAdult = true,
            CreatedAt = write.Now,
        };
        write.Db.People.Add(person);
        manager = new StaffAccount
        {
            Id = person.Id,
            LoginName = person.ShortCode.ToLowerInvariant(),
            Role = Role.Manager,
            Stamp = Guid.NewGuid(),
            CreatedAt = write.Now,
        };
        write.Db.StaffAccounts.Add(manager);
        return manager;
    }

    private static async Task<string> FreeCodeAsync(BookingWrite write, CancellationToken cancel)
    {
        for (var number = 1; ; number++)
        {
            var code = $"GESTION{(number == 1 ? "" : number)}";
            var login = code.ToLowerInvariant();
            if (!await write.Db.People.AnyAsync(person => person.ShortCode == code, cancel)
                && !await write.Db.StaffAccounts.AnyAsync(account => account.LoginName == login, cancel))
            {
                return code;
            }
        }
    }
}
