using FabLab.Booking.Features.Machines;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>How times and states of bookings are said on every page.</summary>
internal static class ReserveWords
{
    /// <summary>"aujourd’hui à 14 h 00, jusqu’à 15 h 00"; names the day of the end when it is another one.</summary>
    public static string Span(PageText text, Interval time) =>
        $"{text.When(time.Start)}, {text[ReserveText.UntilTime, SameDay(text, time.Start, time.End) ? text.Time(time.End) : text.When(time.End)]}";

    /// <summary>The same in both languages.</summary>
    public static Words Span(PageText text, Instant start, Instant end)
    {
        var time = new Interval(start, end);
        return new Words(
            Span(new PageText(Language.French, text.Zone, text.Now), time),
            Span(new PageText(Language.English, text.Zone, text.Now), time));
    }

    /// <summary>"14 h 00 – 15 h 00".</summary>
    public static string Short(PageText text, Instant start, Instant end) =>
        $"{text.Time(start)} – {(SameDay(text, start, end) ? text.Time(end) : text.When(end))}";

    public static bool SameDay(PageText text, Instant one, Instant other) =>
        LocalClock.DateOf(one, text.Zone) == LocalClock.DateOf(other, text.Zone) || other == LocalClock.StartOf(LocalClock.DateOf(one, text.Zone).PlusDays(1), text.Zone);

    /// <summary>A day and a time as forms send them; null when they mean nothing.</summary>
    public static Instant? Moment(string? day, string? time, DateTimeZone zone) =>
        BookQueries.Day(day) is { } date && BookPages.Clock.Parse(time ?? "") is { Success: true, Value: var clock } ? LocalClock.ToInstant(date + clock, zone) : null;

    public static string DayOf(Instant at, DateTimeZone zone) => LocalDatePattern.Iso.Format(LocalClock.DateOf(at, zone));

    public static string ClockOf(Instant at, DateTimeZone zone) => BookPages.Clock.Format(at.InZone(zone).TimeOfDay);

    public static Phrase Kind(ResourceKind kind) => kind switch
    {
        ResourceKind.Room => ReserveText.Rooms,
        ResourceKind.Desk => ReserveText.Desks,
        ResourceKind.Kit => ReserveText.Kits,
        _ => ReserveText.Machines,
    };

    /// <summary>What became of a booking, or what it waits for.</summary>
    public static (string Word, Tone Tone, string Icon) State(PageText text, Reservation booking) => booking switch
    {
        { NoShowAt: not null, WaivedBy: not null } => (text[ReserveText.StateWaived], Tone.Offline, Icons.Missing),
        { NoShowAt: not null } => (text[ReserveText.StateNoShow], Tone.Fault, Icons.Missing),
        { CancelledAt: not null, CancelledLate: true } => (text[ReserveText.StateLate], Tone.Waiting, Icons.Missing),
        { CancelledAt: not null } => (text[ReserveText.StateCancelled], Tone.Offline, Icons.Missing),
        { Kind: ReservationKind.Block } => (text[ReserveText.StateBlocked], Tone.Locked, Icons.Locked),
        { Kind: ReservationKind.Offer } => (text[ReserveText.StateOffer], Tone.Waiting, Icons.Waiting),
        _ when booking.End <= text.Now => (text[ReserveText.StateUsed], Tone.Offline, Icons.Done),
        { ClaimedAt: not null } => (text[ReserveText.StateClaimed], Tone.Running, Icons.Running),
        { ReleasedAt: { } release } when booking.Start <= text.Now && release > text.Now => (text[ReserveText.StateWaitsTap, text.Time(release)], Tone.Waiting, Icons.Badge),
        _ => (text[ReserveText.StateBooked], Tone.On, Icons.Calendar),
    };
}
