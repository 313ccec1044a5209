using FabLab.Booking.Features.People.Pages;
using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Which part of the matrix is shown. What is searched for is a name: it never stands in an address. Pages are counted from 1; a page that scrolls asks from a person on instead.</summary>
public sealed record MatrixFilter(string? Search = null, string? Type = null, bool Holders = false, int Page = 1, int? From = null)
{
    /// <summary>The same part at another page, as an address.</summary>
    public string Address(int page) =>
        $"/habilitations?type={Uri.EscapeDataString(Type ?? "")}{(Holders ? "&holders=true" : "")}&page={page}";

    /// <summary>The rows after so many, as an address.</summary>
    public string AddressFrom(int from) => $"{Address((from / MatrixQueries.PageSize) + 1)}&from={from}";
}

/// <summary>
/// A column. With one training only a touch can grant it; with several the person's page is where one chooses.
/// Both only where the viewer may grant: otherwise neither is set.
/// </summary>
public sealed record MatrixMachine(string Code, Words Name, TrainingNeed? Need, TrainingId? Only, bool Choose);

public enum CellState
{
    /// <summary>The machine asks for no training.</summary>
    NotAsked,

    None,

    Held,

    /// <summary>Held, and ends within <see cref="MatrixQueries.Soon"/>.</summary>
    Soon,

    Expired,

    Suspended,
}

/// <summary>How far one person may go on one machine by their trainings.</summary>
public readonly record struct MatrixCell(CellState State, HabilitationLevel Level, int LastAct, Instant? Until);

public sealed record MatrixRow(PersonLine Person, IReadOnlyList<MatrixCell> Cells);

/// <summary>The part of the matrix that is shown: of <see cref="Total"/> people found, the rows before <see cref="Next"/>.</summary>
public sealed record MatrixSheet(
    MatrixFilter Filter, IReadOnlyList<MatrixMachine> Machines, IReadOnlyList<MatrixRow> Rows, int Total, bool More, int Next, IReadOnlyList<string> Types);
