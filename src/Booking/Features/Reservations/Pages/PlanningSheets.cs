using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Machines;
using FabLab.Core;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>A booking, a block or an offer on the planning.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Machine">Where.</param>
/// <param name="Start">Included.</param>
/// <param name="End">Excluded.</param>
/// <param name="Kind">What it keeps the machine for.</param>
/// <param name="Version">To be named with a change.</param>
/// <param name="Claimed">Whether its owner has tapped.</param>
/// <param name="Who">Whom it is for, or why it is blocked; filled in for staff alone.</param>
public readonly record struct PlanningItem(BookingId Id, MachineId Machine, Instant Start, Instant End, ReservationKind Kind, long Version, bool Claimed, string? Who)
{
    /// <summary>Whether it lies outside the time that it may lie in, as the hours are now.</summary>
    public bool Outside { get; init; }
}

/// <summary>A line of the planning.</summary>
public sealed record PlanningMachine(MachineId Id, string Code, Words Name, ResourceKind Kind);

/// <summary>The planning of staff over one day or one week.</summary>
/// <param name="Day">The day that was asked for.</param>
/// <param name="Today">The present day.</param>
/// <param name="Week">Whether the whole week is shown.</param>
/// <param name="Days">The days shown, in order.</param>
/// <param name="Machines">The lines.</param>
/// <param name="Items">What is booked, in the order of its start.</param>
/// <param name="From">The hour the timeline begins.</param>
/// <param name="Until">The hour it ends, excluded; up to 24.</param>
public sealed record PlanningSheet(
    LocalDate Day, LocalDate Today, bool Week, IReadOnlyList<LocalDate> Days, IReadOnlyList<PlanningMachine> Machines, IReadOnlyList<PlanningItem> Items, int From, int Until)
{
    /// <summary>Why the last move was refused.</summary>
    public BookProblem? Problem { get; init; }

    /// <summary>The address of this page with another day or range.</summary>
    public string Address(LocalDate? day = null, bool? week = null) =>
        $"/planning?day={NodaTime.Text.LocalDatePattern.Iso.Format(day ?? Day)}{(week ?? Week ? "&view=week" : "")}";
}

/// <summary>A machine on the public planning: when it is open and when it is taken, without names.</summary>
public sealed record PublicLine(PlanningMachine Machine, IReadOnlyList<Interval> Open, IReadOnlyList<PlanningItem> Taken, bool Bookable);

/// <summary>The public planning of one day.</summary>
/// <param name="Day">The day.</param>
/// <param name="Today">The present day.</param>
/// <param name="Lines">The machines.</param>
/// <param name="From">The first instant of the bars.</param>
/// <param name="Until">Their last.</param>
/// <param name="Hours">The hours written below them, two apart.</param>
public sealed record PublicSheet(LocalDate Day, LocalDate Today, IReadOnlyList<PublicLine> Lines, Instant From, Instant Until, IReadOnlyList<int> Hours);

/// <summary>A machine on the wall.</summary>
/// <param name="Machine">Which.</param>
/// <param name="Glance">What it does now; null for what has nothing to tell.</param>
/// <param name="Now">What takes it now.</param>
/// <param name="Next">What takes it next today, at most two.</param>
/// <param name="Open">Whether it is open now.</param>
public sealed record WallLine(PlanningMachine Machine, MachineGlance? Glance, PlanningItem? Now, IReadOnlyList<PlanningItem> Next, bool Open);

/// <summary>The screen for the wall.</summary>
public sealed record WallSheet(IReadOnlyList<WallLine> Lines);
