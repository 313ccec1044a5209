using FabLab.Booking.Features.Machines.Pages;
using FabLab.Core;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>All that the ledger page shows.</summary>
public sealed record LedgerSheet(
    LedgerFilter Filter, TimeTotals Totals, BookedTimes Booked, IReadOnlyList<TimeBeside> Beside, IReadOnlyList<LedgerGroup> Groups, IReadOnlyList<LedgerLine> Lines, bool More,
    IReadOnlyList<(MachineId Id, string Label)> Machines, IReadOnlyList<(ProjectId Id, string Label)> Projects, string? Person);
