using FabLab.Booking.Features.Machines;
using FabLab.Core;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>One booking in a list.</summary>
/// <param name="Row">The booking.</param>
/// <param name="Code">What is painted on its machine.</param>
/// <param name="Name">The name of its machine.</param>
/// <param name="Pool">The pool it floats in; null when it does not.</param>
/// <param name="Project">Its project.</param>
public sealed record BookingLine(Reservation Row, string Code, Words Name, Words? Pool, string? Project)
{
    /// <summary>Whether it stands and lies outside the time that it may lie in, as the hours are now.</summary>
    public bool Outside { get; init; }

    /// <summary>What is booked, in words.</summary>
    public string What(PageText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Pool is { } pool ? text[ReserveText.PoolNow, pool.In(text.Tag), Code] : Name.In(text.Tag);
    }
}

/// <summary>A place on a waiting list.</summary>
/// <param name="Row">The place.</param>
/// <param name="Key">The address of what is waited for, below /book.</param>
/// <param name="Name">What is waited for.</param>
/// <param name="Offer">The time that is held; null while there is none.</param>
/// <param name="OfferCode">What is painted on its machine.</param>
public sealed record WaitLine(WaitRow Row, string Key, Words Name, Reservation? Offer, string? OfferCode);

/// <summary>How somebody stands after bookings nobody came to.</summary>
/// <param name="Counted">How many count.</param>
/// <param name="Until">Until when they book nothing; null when they may.</param>
/// <param name="Limit">At how many it begins; 0 = never.</param>
/// <param name="Within">Over which time they are counted.</param>
/// <param name="For">How long it lasts.</param>
public sealed record NoShowSheet(int Counted, Instant? Until, int Limit, Duration Within, Duration For);

/// <summary>What somebody has booked and waits for.</summary>
public sealed record MineSheet(
    IReadOnlyList<BookingLine> Running, IReadOnlyList<BookingLine> ToCome, IReadOnlyList<BookingLine> Past, IReadOnlyList<WaitLine> Waits, NoShowSheet NoShows);

/// <summary>What somebody wrote into the form that changes a booking.</summary>
public sealed record ChangeEntered(string FromDay, string FromTime, string UntilDay, string UntilTime, string Machine, string Note, string Project, string Places)
{
    /// <summary>A field that cannot be read, with what is wrong.</summary>
    public (string Field, Phrase Fault)? Fault { get; init; }
}

/// <summary>The page of one booking.</summary>
public sealed record OneBookingSheet
{
    public required BookingLine Line { get; init; }

    public required ChangeEntered Entered { get; init; }

    /// <summary>Where it can be moved, with the present machine.</summary>
    public required IReadOnlyList<(MachineId Id, string Label)> Machines { get; init; }

    public required IReadOnlyList<(ProjectId Id, string Name)> Projects { get; init; }

    /// <summary>Whom it is for, as the viewer may read it; null when it is the viewer's own.</summary>
    public string? Who { get; init; }

    /// <summary>The page of whom it is for, when the viewer may open it.</summary>
    public PersonId? WhoPage { get; init; }

    /// <summary>Whether it is the viewer's own.</summary>
    public bool Own { get; init; }

    /// <summary>Whether the viewer sets rules aside.</summary>
    public bool Staff { get; init; }

    /// <summary>Whether it can still change.</summary>
    public bool Open { get; init; }

    /// <summary>Ends it could be extended to.</summary>
    public IReadOnlyList<Instant> LaterEnds { get; init; } = [];

    /// <summary>Why it cannot be extended; null when it can.</summary>
    public WhyNot? NoLater { get; init; }

    public int Capacity { get; init; } = 1;

    public BookProblem? Problem { get; init; }
}
