using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Messages;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Books a machine, or any of a pool, for somebody or for a group; or keeps it free of bookings.</summary>
internal sealed class BookMachine(BookingWriter writer, IDbContextFactory<BookingDbContext> readers, BookingDesk desk, TimeProvider time)
{
    /// <summary>Books. What Core refuses is refused with its code, its sentence and its next step.</summary>
    /// <param name="request">What is wished.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<Outcome<Reserved>> BookAsync(NewReservation request, StaffActor by, CancellationToken cancellationToken) =>
        await TakenAsync(request, by, cancellationToken) is { } taken
            ? taken
            : await writer.ChangeAsync<Reserved>(
                async (write, cancel) =>
                {
                    await BookingDesk.OneAtATimeAsync(write, cancel);
                    var settings = await desk.Reader.SettingsAsync(write.Db, cancel);
                    if (request is { Group: null, Block: false })
                        MessageWriting.Foresee(write.Db, request.Person ?? by.Id, MessageKind.BookingConfirmed);
                    var asked = await DecideAsync(write.Db, write.Now, settings, request, by, taken: false, cancel);
                    if (asked.Refusal is { } no)
                        return no;
                    var (party, decision) = asked.Value;
                    return decision switch
                    {
                        BookingDecision.Accepted accepted => Answer(
                            await MakeAsync(write, settings, accepted, party, new Words(request.Pool, null, request.Project, request.Note, request.Block) { Alone = true }, by, cancel), accepted),
                        BookingDecision.Refused refused => BookingDesk.ToRefusal(refused),
                        _ => throw new System.Diagnostics.UnreachableException(),
                    };
                },
                cancellationToken);

    /// <summary>
    /// Time that somebody has already is refused without the writer, by the same decision: those who are late for a machine that all want
    /// do not hold up those who book another. Whatever else comes of it here is decided again where it is written.
    /// </summary>
    private async Task<Refusal?> TakenAsync(NewReservation request, StaffActor by, CancellationToken cancellationToken)
    {
        if (request is not { Machine: { } machine, Pool: null, Block: false })
            return null;
        await using var db = await readers.CreateDbContextAsync(cancellationToken);
        if (!await desk.Reader.IsTakenAsync(db, machine, request.Start, request.End, cancellationToken))
            return null;
        var now = Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var asked = await DecideAsync(db, now, await desk.Reader.SettingsAsync(db, cancellationToken), request, by, taken: true, cancellationToken);
        return asked.Refusal ?? (asked.Value.Decision is BookingDecision.Refused refused ? BookingDesk.ToRefusal(refused) : null);
    }

    private async Task<Outcome<(BookingParty Party, BookingDecision Decision)>> DecideAsync(
        BookingDbContext db, Instant now, BookingSettings settings, NewReservation request, StaffActor by, bool taken, CancellationToken cancel)
    {
        var asked = await BookingDesk.PartyAsync(db, by, request.Person, request.Group, request.Block, request.Waive, request.Why, cancel);
        if (asked.Refusal is { } no)
            return no;
        var party = asked.Value;
        var machines = BookingDesk.Machines(settings, request.Machine, request.Pool);
        if (machines.Refusal is { } none)
            return none;
        if (await BookingDesk.ProjectAsync(db, request.Project, party.Person, cancel) is { } unknown)
            return unknown;
        var places = request.Places
            ?? (request.Block && settings.Resources.TryGetValue(machines.Value[0], out var resource) ? resource.Terms.Capacity : 1);
        var wish = new BookingWish(request.Start, request.End) { Places = places, Actor = party.Actor, Group = party.GroupKey, Waive = party.Waive };
        return (party, await desk.DecideAsync(db, now, machines.Value, wish, party.Person, taken, cancel));
    }

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
        if (words.Alone)
            write.Db.Rows.Add(booking);
        else
            write.Db.Reservations.Add(booking);
        await BookingPlaces.TakeAsync(write.Db, settings, booking, cancel);
        write.Audit(by.Id, words.Block ? "booking.blocked" : "booking.made", booking.Id.Value, party.Why);
        write.Raise(new BookingEvent(BookingEventKind.Made, booking, by.Id));
        return booking;
    }

    internal static Reserved Answer(Reservation booking, BookingDecision.Accepted accepted) => new(
        booking.Id, booking.MachineId, booking.Start, booking.End, booking.Version, accepted.NeedsCompanion is not null, booking.ReleasedAt);

    /// <summary>What a booking carries beside its time.</summary>
    internal sealed record Words(PoolId? Pool, SeriesId? Series, ProjectId? Project, string? Note, bool Block = false)
    {
        /// <summary>Whether nothing else of the same write names the booking or changes it again.</summary>
        public bool Alone { get; init; }
    }
}
