using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Scheduling;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>For whom somebody books on a page: a person, a group, or nobody (the machine is kept free of bookings).</summary>
/// <param name="Person">The person; null for a group or a block.</param>
/// <param name="Group">The group.</param>
/// <param name="Block">Nobody: staff block it.</param>
/// <param name="Name">How they are called; null when it is the one who looks, or nobody.</param>
public sealed record BookingFor(PersonId? Person, Guid? Group = null, bool Block = false, string? Name = null)
{
    /// <summary>What addresses and forms carry: nothing for oneself.</summary>
    public string Key => Block ? BlockKey : Group is { } group ? GroupMark + group.ToString("D") : Name is null ? "" : Person?.ToString() ?? "";

    /// <summary>How core names the group.</summary>
    public string? GroupKey => Group?.ToString("D");

    /// <summary>Whether it is for the one who looks.</summary>
    public bool Own => !Block && Group is null && Name is null;

    /// <summary>As whom the rules are asked, the same way as when it is booked.</summary>
    internal BookingActor Actor(Viewer viewer) => Block || (viewer.HasAll(Right.Book) && !Own) ? BookingActor.Staff : BookingActor.Self;

    internal const string BlockKey = "block";
    internal const string GroupMark = "g-";
}

/// <summary>Something that can be booked, in the list.</summary>
/// <param name="Key">Its address below /book: the code of a machine, the id of a pool.</param>
/// <param name="Code">Painted on it; null for a pool.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What sort of thing; of a pool, of its machines.</param>
/// <param name="Pool">Whether it is a pool.</param>
/// <param name="Next">When it is free next; null when nothing is found.</param>
/// <param name="No">Why this person cannot book it; null when they can.</param>
/// <param name="Now">Whether it is free at this moment, and for long enough.</param>
public sealed record BookLine(string Key, string? Code, Words Name, ResourceKind Kind, bool Pool, Interval? Next, WhyNot? No, bool Now = false);

/// <summary>Why something cannot be booked, and what to do.</summary>
/// <param name="Sentence">Why.</param>
/// <param name="NextStep">What to do.</param>
/// <param name="Training">Whether a training would help.</param>
public sealed record WhyNot(Words Sentence, Words NextStep, bool Training = false);

/// <summary>The list of what can be booked.</summary>
public sealed record BookListSheet(BookingFor For, bool Staff, bool MayChoose, IReadOnlyList<BookLine> Can, IReadOnlyList<BookLine> Cannot)
{
    /// <summary>Whom a search found.</summary>
    public WhoSheet? Who { get; init; }
}

/// <summary>For whom one may book.</summary>
/// <param name="Search">What was looked for.</param>
/// <param name="Found">Whom it found.</param>
/// <param name="Groups">The groups one may book for.</param>
/// <param name="MayBlock">Whether one may keep a machine free of bookings.</param>
public sealed record WhoSheet(string? Search, IReadOnlyList<(PersonId Id, string Name)> Found, IReadOnlyList<(Guid Id, string Name)> Groups, bool MayBlock);

/// <summary>A start that is offered.</summary>
/// <param name="Start">When.</param>
/// <param name="End">When it ends with the length chosen.</param>
/// <param name="Now">Whether it is the present moment.</param>
public sealed record StartChoice(Instant Start, Instant End, bool Now = false);

/// <summary>Starts that would be free but are not for this person, with the reason.</summary>
public sealed record StartsRefused(string Code, WhyNot Why, IReadOnlyList<Instant> Starts);

/// <summary>What somebody wrote into the form of a booking.</summary>
public sealed record BookEntered
{
    public string Start { get; init; } = "";

    public string Note { get; init; } = "";

    public string Project { get; init; } = "";

    public string Places { get; init; } = "1";

    public string Why { get; init; } = "";

    public string FromDay { get; init; } = "";

    public string FromTime { get; init; } = "";

    public string UntilDay { get; init; } = "";

    public string UntilTime { get; init; } = "";

    public string Every { get; init; } = "week";

    public string Times { get; init; } = "6";

    /// <summary>Whether the second form, with an end of its own, was sent.</summary>
    public bool Other { get; init; }

    /// <summary>Fields that cannot be read, with what is wrong.</summary>
    public (string Field, Phrase Fault)? Fault { get; init; }
}

/// <summary>Why the last attempt was refused, for the top of the page.</summary>
/// <param name="Sentence">Why.</param>
/// <param name="NextStep">What to do.</param>
/// <param name="NextFree">When it could be had.</param>
/// <param name="Waive">The rules that staff may set aside to have it all the same: those they have set aside already and the one that refused now; none when they may not.</param>
public sealed record BookProblem(string Sentence, string? NextStep, Interval? NextFree, IReadOnlyList<string> Waive)
{
    /// <summary>The rules of a form that are set aside.</summary>
    public static IReadOnlyList<string> Waived(IFormCollection form) => [.. form["waive"].OfType<string>().Where(code => code.Length > 0)];

    /// <summary>What a form offers to set aside after a refusal.</summary>
    public static IReadOnlyList<string> Aside(bool staff, IReadOnlyList<string> before, string code) =>
        staff && BookingReasons.FromCode(code) is { } reason && reason.CanBeWaived() ? [.. before, code] : [];
}

/// <summary>One machine or pool on one day.</summary>
public sealed record BookSheet
{
    public required string Key { get; init; }

    public string? Code { get; init; }

    public required Words Name { get; init; }

    public required ResourceKind Kind { get; init; }

    public MachineId? Machine { get; init; }

    public PoolId? Pool { get; init; }

    public required BookingFor For { get; init; }

    /// <summary>Whether the viewer books for anybody and sets rules aside.</summary>
    public bool Staff { get; init; }

    /// <summary>Whether there is anybody else to book for.</summary>
    public bool MayChoose { get; init; }

    public WhoSheet? Who { get; init; }

    public required LocalDate Day { get; init; }

    public required LocalDate Today { get; init; }

    public required Duration Length { get; init; }

    public required IReadOnlyList<Duration> Lengths { get; init; }

    public IReadOnlyList<StartChoice> Starts { get; init; } = [];

    public IReadOnlyList<StartsRefused> Refused { get; init; } = [];

    /// <summary>Why this person cannot book it at all; null when they can.</summary>
    public WhyNot? No { get; init; }

    /// <summary>Open time of the day; empty when closed.</summary>
    public IReadOnlyList<OpeningPeriod> Hours { get; init; } = [];

    /// <summary>Whether in time that is open to all it is not booked but used by who comes.</summary>
    public bool WalkUp { get; init; }

    /// <summary>When it is free next, when the day has nothing.</summary>
    public Interval? NextFree { get; init; }

    public int Capacity { get; init; } = 1;

    /// <summary>Until when after its start a booking waits for its owner.</summary>
    public Duration? ReleaseAfter { get; init; }

    public IReadOnlyList<(ProjectId Id, string Name)> Projects { get; init; } = [];

    public BookEntered Entered { get; init; } = new();

    public BookProblem? Problem { get; init; }

    /// <summary>The address of this page with another day, length or person.</summary>
    public string Address(LocalDate? day = null, Duration? length = null, string? whom = null) => PathOf(Key, day ?? Day, length ?? Length, whom ?? For.Key);

    internal static string PathOf(string key, LocalDate day, Duration length, string whom) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"/book/{key}?day={day:uuuu-MM-dd}&length={(long)length.TotalMinutes}{(whom.Length == 0 ? "" : "&for=" + whom)}");
}

/// <summary>A series before it is booked.</summary>
public sealed record SeriesSheet(BookSheet Book, IReadOnlyList<SeriesTime> Times, string StartText, IReadOnlyDictionary<string, string> Fields)
{
    public int Free => Times.Count(time => time.Code is null);
}
