using FabLab.Booking.Features.Floor.Pages;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Ledger.Pages;
using FabLab.Core;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>All that a machine's page shows. What names a person is filled in for staff only.</summary>
public sealed record MachineSheet
{
    public required MachineId Id { get; init; }

    public required MachineGlance Glance { get; init; }

    public required MachineRule Rule { get; init; }

    /// <summary>Names of the trainings the machine asks for.</summary>
    public IReadOnlyList<Words> Trainings { get; init; } = [];

    public IReadOnlyList<DeviceBinding> Devices { get; init; } = [];

    public IReadOnlyList<LedgerLine> Uses { get; init; } = [];

    /// <summary>Its latest jobs, where a device tells of them.</summary>
    public IReadOnlyList<JobLine> Jobs { get; init; } = [];

    public IReadOnlyList<RefusalLine> Refusals { get; init; } = [];

    public IReadOnlyList<OpenLockOut> LockOuts { get; init; } = [];

    public IReadOnlyList<(Instant From, Instant Until)> NextBookings { get; init; } = [];

    public required TimeTotals Today { get; init; }

    public required BookedTimes Booked { get; init; }
}

/// <summary>One row of the ledger as a page shows it.</summary>
public sealed record UseLine(
    Guid Id, Instant Start, Duration Powered, Duration Working, string? EndReason, bool Offline, bool Corrected,
    PersonGlance? Person, PersonGlance? Companion, string? Project);

/// <summary>One tap that was refused.</summary>
public sealed record RefusalLine(Instant At, Words Sentence, Words NextStep, PersonGlance? Person, bool TrainingMissing = false);

/// <summary>A lock-out that holds now, and whether this viewer may release it.</summary>
public sealed record OpenLockOut(LockOutId Id, string Cause, Instant Since, LockOutMode Mode, LockOutReleaseRule Release, PersonGlance? Author, bool ByGateway, bool MayRelease);

/// <summary>The plain sum of some rows of the ledger.</summary>
public sealed record TimeTotals(Duration Powered, Duration Working, Duration Unknown, double WattHours, int Uses)
{
    public static TimeTotals Of(LedgerTotal sum)
    {
        ArgumentNullException.ThrowIfNull(sum);
        return new TimeTotals(
            Duration.FromMilliseconds(sum.PoweredMs), Duration.FromMilliseconds(sum.WorkingMs), Duration.FromMilliseconds(sum.UnknownMs),
            sum.EnergyMwh / 1000.0, sum.Uses);
    }
}
