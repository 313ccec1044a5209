using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Minors;

internal static class MinorRules
{
    /// <summary>From the 18th birthday on, or once staff say that somebody is an adult, nothing of this is needed.</summary>
    public static async Task ForgetAdultsAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        await db.MinorSheets.Where(sheet => db.People.Any(person => person.Id == sheet.PersonId && person.IsAdult)).ExecuteDeleteAsync(cancellationToken);
        await db.MinorContacts.Where(contact => db.People.Any(person => person.Id == contact.PersonId && person.IsAdult)).ExecuteDeleteAsync(cancellationToken);
        await db.MinorConsents.Where(consent => db.People.Any(person => person.Id == consent.PersonId && person.IsAdult)).ExecuteDeleteAsync(cancellationToken);
    }
}
