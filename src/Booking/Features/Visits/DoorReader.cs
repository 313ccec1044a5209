using FabLab.Booking.Data;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.People;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Visits;

/// <summary>
/// A reader of the gateway that hangs at the door: a badge held there is an arrival, as at the kiosk. Who is in already stays in; leaving
/// is said at the kiosk or at the desk, or the closing hour says it.
/// </summary>
internal sealed class DoorReader(VisitBook book, SchoolHolidays school)
{
    /// <summary>Takes in a tap at a reader of no machine.</summary>
    /// <returns>Whether somebody is in by it.</returns>
    public async Task<bool> TapAsync(BookingWrite write, BadgeSeen seen, Instant at, CancellationToken cancellationToken)
    {
        var db = write.Db;
        if (await db.Devices.Where(d => d.Id == seen.Device && d.AtDoor && d.WithdrawnAt == null).Select(d => (int?)d.Site).SingleOrDefaultAsync(cancellationToken) is not { } site
            // A reader that also serves a machine is the machine's: a tap there is for using it.
            || await db.MachineDevices.AnyAsync(d => d.DeviceId == seen.Device && d.Channel == seen.Reader && d.Role == DeviceRole.Reader, cancellationToken)
            || await BadgeEnrolments.KnownAsync(write, seen, cancellationToken) is not { } badge)
        {
            return false;
        }
        var person = await (
            from known in db.Badges
            where known.Id == badge && known.State == BadgeState.Active
            join owner in db.People on known.PersonId equals owner.Id
            where owner.Active
            select (PersonId?)owner.Id).SingleOrDefaultAsync(cancellationToken);
        if (person is null)
            return false;
        // Another copy of Booking may be at a kiosk's word about the same person.
        await write.OneAtATimeAsync("visits", cancellationToken);
        var closing = new Closing(await LabHours.ReadAsync(db, school.Calendar, cancellationToken));
        var came = Instant.Min(at, write.Now);
        await book.ArriveAsync(write, new Arrival(VisitId.New(came), came, VisitWay.Badge) { Person = person, Site = site }, closing, cancellationToken);
        return true;
    }
}
