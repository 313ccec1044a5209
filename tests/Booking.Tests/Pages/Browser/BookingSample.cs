using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Reservations;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>A day of bookings in the sample lab, and what the manager who is signed in has booked, missed and waits for.</summary>
internal static class BookingSample
{
    public static PoolId Pool { get; } = PoolId.From(Guid.Parse("0190a1a0-0000-7000-8000-00000000a001"));

    /// <summary>The booking whose page is looked at.</summary>
    public static async Task<BookingId> SeedAsync(PagesHost host, SampleLab lab, CancellationToken cancellationToken)
    {
        BookingId looked = default;
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var (db, now) = (write.Db, write.Now);
                // The one of the test alone: the sample lab has people who sign in nowhere.
                PersonId own = (await db.StaffAccounts.OrderBy(a => a.CreatedAt).FirstAsync(cancel)).Id;
                Person self = await db.People.SingleAsync(p => p.Id == own, cancel);
                (self.IsAdult, self.MemberThrough) = (true, new LocalDate(2026, 12, 31));
                db.SiteTimetables.Add(new SiteTimetableRow
                {
                    Timetable = new SiteTimetable
                    {
                        Zone = "Europe/Paris",
                        Weekly =
                        [
                            new WeeklyOpening { Days = WeekDays.WorkingDays, Window = new(new LocalTime(9, 0), new LocalTime(19, 0), OpeningKind.Booked) },
                            new WeeklyOpening { Days = WeekDays.Saturday, Window = new(new LocalTime(10, 0), new LocalTime(13, 0), OpeningKind.OpenLab) },
                        ],
                    },
                });
                db.Pools.Add(new Pool
                {
                    Id = Pool, NameFr = "Une imprimante 3D", NameEn = "A 3D printer",
                    Members = [new PoolMember { PoolId = Pool, MachineId = lab.Machines["IMP-1"] }, new PoolMember { PoolId = Pool, MachineId = lab.Machines["IMP-2"], Position = 1 }],
                });
                PersonId[] people = [lab.Ines, lab.Marc, lab.Lou];
                var count = 0;
                foreach (var (code, hours) in new (string, double[])[]
                {
                    ("LAS-2", [9, 11, 16, 17.5]), ("IMP-1", [10, 14, 16.5]), ("CNC-1", [9.5, 13]), ("BRO-1", [15.5]), ("ELE-1", [9, 10, 11, 12, 13, 16]), ("VIN-1", [10.5, 17]),
                })
                {
                    foreach (var hour in hours)
                        Add(code, people[count++ % people.Length], hour, 1);
                }
                looked = Add("VIN-1", own, 16, 0.75, note: "Autocollants de la fête du quartier");
                Add("IMP-2", own, 15, 0.8);
                Add("BRO-1", own, 24 + 10, 2);
                Add("LAS-2", null, 24 + 9, 9, ReservationKind.Block, "Entretien des miroirs");
                var missed = Add("CNC-1", own, -24 + 10, 1);
                var row = db.Reservations.Local.Single(r => r.Id == missed);
                row.NoShowAt = row.Start + Duration.FromMinutes(15);
                var offer = Add("ELE-1", own, 17, 1, ReservationKind.Offer);
                db.Reservations.Local.Single(r => r.Id == offer).HeldUntil = now + Duration.FromMinutes(12);
                db.BookingWaits.Add(new WaitRow
                {
                    Id = WaitId.New(now), MachineId = lab.Machines["ELE-1"], PersonId = own, Start = now, End = now + Duration.FromHours(4), Length = Duration.FromHours(1), State = WaitState.Offered, Offer = offer, CreatedAt = now,
                });
                db.BookingWaits.Add(new WaitRow
                {
                    Id = WaitId.New(now), PoolId = Pool, PersonId = own, Start = now + Duration.FromHours(18), End = now + Duration.FromHours(26), Length = Duration.FromHours(2), CreatedAt = now,
                });

                // Hours of Paris, from this midnight; in March that is one hour before that of the world.
                BookingId Add(string code, PersonId? person, double hour, double length, ReservationKind kind = ReservationKind.Booking, string note = "")
                {
                    var (id, start) = (BookingId.New(now), Instant.FromUtc(2026, 3, 9, 23, 0) + Duration.FromHours(hour));
                    db.Reservations.Add(new Reservation
                    {
                        Id = id, Kind = kind, MachineId = lab.Machines[code], PersonId = person, Start = start, End = start + Duration.FromHours(length), CreatedAt = now,
                        Note = kind == ReservationKind.Block ? "" : note, Why = kind == ReservationKind.Block ? note : "",
                    });
                    db.BookingSlots.Add(new BookingSlot { BookingId = id, MachineId = lab.Machines[code], Place = 0, Start = start, End = start + Duration.FromHours(length) });
                    return id;
                }
            },
            cancellationToken);
        return looked;
    }
}
