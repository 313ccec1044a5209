using FabLab.Booking.Data;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

internal static class SiteZone
{
    /// <summary>The time zone in which this place means its dates.</summary>
    public static async Task<DateTimeZone> ZoneAsync(this BookingDbContext db, CancellationToken cancellationToken)
    {
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return DateTimeZoneProviders.Tzdb.GetZoneOrNull(site?.Rule.Zone ?? "") ?? DateTimeZone.Utc;
    }
}
