using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Books a machine, or any of a pool, for somebody or for a group; or keeps it free of bookings.</summary>
internal sealed class BookMachine(BookingWriter writer, BookingDesk desk)
{
    /// <summary>Books. What Core refuses is refused with its code, its sentence and its next step.</summary>
    /// <param name="request">What is wished.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<Reserved>> BookAsync(NewReservation request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Reserved>(
            async (write, cancel) =>
            {
                var asked = await BookingDesk.PartyAsync(write.Db, by, request.Person, request.Group, request.Block, request.Waive, request.Why, cancel);
                if (asked.Refusal is { } no)
                    return no;
                var party = asked.Value;
                await BookingDesk.OneAtATimeAsync(write, cancel);
                var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
                var machines = BookingDesk.Machines(settings, request.Machine, request.Pool);
                if (machines.Refusal is { } none)
                    return none;
                if (await BookingDesk.ProjectAsync(write.Db, request.Project, party.Person, cancel) is { } unknown)
                    return unknown;
                var places = request.Places
                    ?? (request.Block && settings.Resources.TryGetValue(machines.Value[0], out var resource) ? resource.Terms.Capacity : 1);
                var wish = new BookingWish(request.Start, request.End) { Places = places, Actor = party.Actor, Group = party.GroupKey, Waive = party.Waive };
                return await desk.DecideAsync(write.Db, write.Now, machines.Value, wish, party.Person, cancel) switch
                {
                    BookingDecision.Accepted accepted => Answer(
                        await MakeAsync(write, settings, accepted, party, new Words(request.Pool, null, request.Project, request.Note, request.Block), by, cancel), accepted),
                    BookingDecision.Refused refused => BookingDesk.ToRefusal(refused),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
            },
            cancellationToken);

    /// <summary>Writes an accepted booking with its slots and tells of it.</summary>
    internal static async Task<Reservation> MakeAsync(
        BookingWrite write, BookingSettings settings, BookingDecision.Accepted accepted, BookingParty party, Words words, StaffActor by, CancellationToken cancel)
    {
        var wish = accepted.Facts.Wish;
        var booking = new Reservation
        {
            Id = BookingId.New(write.Now),
            Kind = words.Block ? ReservationKind.Block : ReservationKind.Booking,
            MachineId = accepted.Facts.Machine!.Id,
            PersonId = party.Person,
            GroupId = party.Group,
            Places = wish.Places,
            Start = wish.Start,
            End = wish.End,
            PoolId = words.Pool,
            SeriesId = words.Series,
            ProjectId = words.Project,
            Note = Text.Clean(words.Note, Reservation.MaxNote),
            Why = party.Why,
            MadeBy = by.Id,
            CreatedAt = write.Now,
            ReleasedAt = words.Block ? null : accepted.ReleaseAt,
            Decision = BookingDesk.Write(accepted),
        };
        write.Db.Reservations.Add(booking);
        await BookingPlaces.TakeAsync(write.Db, settings, booking, cancel);
        write.Audit(by.Id, words.Block ? "booking.blocked" : "booking.made", booking.Id.Value, party.Why);
        write.Raise(new BookingEvent(BookingEventKind.Made, booking, by.Id));
        return booking;
    }

    internal static Reserved Answer(Reservation booking, BookingDecision.Accepted accepted) => new(
        booking.Id, booking.MachineId, booking.Start, booking.End, booking.Version, accepted.NeedsCompanion is not null, booking.ReleasedAt);

    /// <summary>What a booking carries beside its time.</summary>
    internal sealed record Words(PoolId? Pool, SeriesId? Series, ProjectId? Project, string? Note, bool Block = false);
}
