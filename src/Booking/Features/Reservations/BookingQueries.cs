using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Scheduling;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Reservations;

/// <summary>Where a booking stands.</summary>
public enum BookingState
{
    /// <summary>It is to come.</summary>
    Coming,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its time is past.</summary>
    Over,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>Nobody came.</summary>
    Released,

    /// <summary>It is held for somebody who waited, and not answered yet.</summary>
    Offered,
}

/// <summary>A booking as its owner and staff may read it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it keeps the machine for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Machine">Where: for a pool, the machine it is kept on now.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
/// <param name="Places">How many places.</param>
/// <param name="Version">To be named with the next change.</param>
public sealed record BookingView(
    BookingId Id, ReservationKind Kind, BookingState State, MachineId Machine, Instant Start, Instant End, int Places, long Version)
{
    /// <summary>The pool it was booked from.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>The series it is one of.</summary>
    public SeriesId? Series { get; init; }

    /// <summary>For whom.</summary>
    public PersonId? Person { get; init; }

    /// <summary>For which group.</summary>
    public Guid? Group { get; init; }

    /// <summary>The project.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The note.</summary>
    public string Note { get; init; } = "";

    /// <summary>Why it is blocked, or a rule was set aside, or it was cancelled.</summary>
    public string Why { get; init; } = "";

    /// <summary>When it was made.</summary>
    public Instant MadeAt { get; init; }

    /// <summary>When its owner first tapped.</summary>
    public Instant? ClaimedAt { get; init; }

    /// <summary>From when anybody may use the machine if nobody came.</summary>
    public Instant? ReleaseAt { get; init; }

    /// <summary>Staff said that its being missed does not count.</summary>
    public bool Waived { get; init; }

    /// <summary>When it was cancelled.</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>Whether that was later than the rules ask.</summary>
    public bool CancelledLate { get; init; }

    /// <summary>Of an offer: until when it is held.</summary>
    public Instant? HeldUntil { get; init; }

    internal static BookingView Of(Reservation row, Instant now) => new(row.Id, row.Kind, StateOf(row, now), row.MachineId, row.Start, row.End, row.Places, row.Version)
    {
        Pool = row.PoolId,
        Series = row.SeriesId,
        Person = row.PersonId,
        Group = row.GroupId,
        Project = row.ProjectId,
        Note = row.Note,
        Why = row.Why,
        MadeAt = row.CreatedAt,
        ClaimedAt = row.ClaimedAt,
        ReleaseAt = row.ReleasedAt,
        Waived = row.WaivedBy is not null,
        CancelledAt = row.CancelledAt,
        CancelledLate = row.CancelledLate,
        HeldUntil = row.HeldUntil,
    };

    private static BookingState StateOf(Reservation row, Instant now) => row switch
    {
        { CancelledAt: not null } => BookingState.Cancelled,
        { NoShowAt: not null } => BookingState.Released,
        { Kind: ReservationKind.Offer } => BookingState.Offered,
        _ when row.End <= now => BookingState.Over,
        _ when row.Start <= now => BookingState.Running,
        _ => BookingState.Coming,
    };
}

/// <summary>Something that can be booked, for who wants to choose.</summary>
/// <param name="Machine">Its id.</param>
/// <param name="Code">Painted on it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What sort of thing it is.</param>
/// <param name="Class">Its class.</param>
/// <param name="Pool">The pool it is in.</param>
/// <param name="Capacity">How many places it has.</param>
public sealed record BookableView(MachineId Machine, string Code, Words Name, ResourceKind Kind, string Class, PoolId? Pool, int Capacity);

/// <summary>A moment at which a booking can start.</summary>
/// <param name="Start">The start.</param>
/// <param name="LatestEnd">The latest end.</param>
/// <param name="Machine">On which machine.</param>
public sealed record FreeStartView(Instant Start, Instant LatestEnd, MachineId Machine);

/// <summary>Reads bookings and free times. Whoever has not the right for all sees their own and those of their groups.</summary>
internal sealed class BookingQueries(BookingDbContext db, BookingFactsReader reader)
{
    /// <summary>The longest answer.</summary>
    public const int Most = 500;

    /// <summary>The longest time over which free times are worked out at once.</summary>
    public static readonly Duration LongestLook = Duration.FromDays(35);

    /// <summary>One booking; null when there is none that the asker may see.</summary>
    public async Task<BookingView?> OneAsync(BookingId id, StaffActor by, Instant now, CancellationToken cancellationToken) =>
        await db.Reservations.SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is { } row && await BookingDesk.MayKeepAsync(db, by, row, cancellationToken)
            ? BookingView.Of(row, now)
            : null;

    /// <summary>The bookings that touch a time, in order of their start, at most <see cref="Most"/>.</summary>
    public async Task<IReadOnlyList<BookingView>> ListAsync(
        StaffActor by, Interval range, MachineId? machine, PersonId? person, Instant now, CancellationToken cancellationToken)
    {
        var farthest = range.Start - BookingSettings.Longest - Duration.FromDays(1);
        var (from, until) = (range.Start, range.End);
        var rows = db.Reservations.Where(r => r.Start < until && r.Start > farthest && r.End > from);
        if (machine is { } one)
            rows = rows.Where(r => r.MachineId == one);
        if (person is { } whose)
            rows = rows.Where(r => r.PersonId == whose);
        if (by.Reach(Right.Book) != Reach.All)
        {
            var people = (await db.ChargeOfAsync(by, cancellationToken)).People.ToList();
            var groups = await db.GroupPlaces.Where(p => p.PersonId == by.Id && p.Part == GroupPart.LooksAfter).Select(p => p.GroupId).ToListAsync(cancellationToken);
            rows = rows.Where(r => (r.PersonId != null && people.Contains(r.PersonId.Value)) || (r.GroupId != null && groups.Contains(r.GroupId.Value)));
        }
        return [.. (await rows.OrderBy(r => r.Start).ThenBy(r => r.Id).Take(Most).ToListAsync(cancellationToken)).Select(row => BookingView.Of(row, now))];
    }

    /// <summary>What can be booked.</summary>
    public async Task<IReadOnlyList<BookableView>> BookablesAsync(CancellationToken cancellationToken) =>
    [
        .. (await reader.SettingsAsync(db, cancellationToken)).Resources.Values.Where(one => one.Terms.Bookable).OrderBy(one => one.Code, StringComparer.Ordinal)
            .Select(one => new BookableView(one.Id, one.Code, one.Name, one.Kind, one.Class, one.Pool, one.Terms.Capacity)),
    ];

    /// <summary>Every moment in a range at which a machine, or one of a pool, can be booked, with the latest end.</summary>
    /// <param name="machine">The machine; null with a pool.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="range">The range; at most <see cref="LongestLook"/>.</param>
    /// <param name="places">How many places.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<Outcome<IReadOnlyList<FreeStartView>>> FreeTimesAsync(
        MachineId? machine, PoolId? pool, Interval range, int places, Instant now, CancellationToken cancellationToken)
    {
        var settings = await reader.SettingsAsync(db, cancellationToken);
        var machines = BookingDesk.Machines(settings, machine, pool);
        if (machines.Refusal is { } none)
            return none;
        if (machines.Value.All(one => !settings.Resources.ContainsKey(one)))
            return Refusal.NotFound("machine");
        var question = new FactsQuestion
        {
            Now = now, Wish = new BookingWish(range.Start, range.End) { Places = places },
            Reach = new Interval(range.Start - Duration.FromDays(1), range.End + Duration.FromDays(1)),
        };
        var facts = await reader.ManyAsync(db, machines.Value, question, cancellationToken);
        IReadOnlyList<FreeStartView> starts =
        [
            .. facts.Where(one => one.Machine is not null)
                .SelectMany(one => FreeTimes.Starts(one, range).Select(free => new FreeStartView(free.Start, free.LatestEnd, one.Machine!.Id)))
                // Of a pool, at each moment the machine that is free longest.
                .GroupBy(free => free.Start).Select(same => same.MaxBy(free => free.LatestEnd)!).OrderBy(free => free.Start),
        ];
        return Outcome.Of(starts);
    }

    /// <summary>The places on the waiting list that the asker may see and that are not over.</summary>
    public async Task<IReadOnlyList<WaitView>> WaitsAsync(StaffActor by, CancellationToken cancellationToken)
    {
        var rows = db.BookingWaits.Where(w => w.State == WaitState.Waiting || w.State == WaitState.Offered);
        if (by.Reach(Right.Book) != Reach.All)
        {
            var people = (await db.ChargeOfAsync(by, cancellationToken)).People.ToList();
            rows = rows.Where(w => people.Contains(w.PersonId));
        }
        var waits = await rows.OrderBy(w => w.Start).ThenBy(w => w.Id).Take(Most).ToListAsync(cancellationToken);
        var ids = waits.Where(w => w.Offer is not null).Select(w => w.Offer!.Value).ToList();
        var offers = await db.Reservations.Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancellationToken);
        return
        [
            .. waits.Select(w =>
            {
                var offer = w.Offer is { } id && offers.TryGetValue(id, out var held) ? held : null;
                return new WaitView(w.Id, w.State, w.PersonId, w.Start, w.End, w.Length)
                {
                    Machine = w.MachineId, Pool = w.PoolId, HeldUntil = offer?.HeldUntil,
                    Offer = offer is null ? null : new Reserved(offer.Id, offer.MachineId, offer.Start, offer.End, offer.Version),
                };
            }),
        ];
    }
}

/// <summary>A place on the waiting list, to read.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Person">Who waits.</param>
/// <param name="Start">From when it would suit.</param>
/// <param name="End">Until when it would suit.</param>
/// <param name="Length">How long it is needed.</param>
public sealed record WaitView(WaitId Id, WaitState State, PersonId Person, Instant Start, Instant End, Duration Length)
{
    /// <summary>Which machine; null with a pool.</summary>
    public MachineId? Machine { get; init; }

    /// <summary>Which pool.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>The booking held for it.</summary>
    public Reserved? Offer { get; init; }

    /// <summary>Until when.</summary>
    public Instant? HeldUntil { get; init; }
}
