using FabLab.Core;
using FabLab.Core.Scheduling;

namespace FabLab.Booking.Features.Hours;

/// <summary>When the place is open: one row. Expanded when read (docs/adr/0070). No row: nobody has set hours, and everything is open around the clock.</summary>
public sealed class SiteTimetableRow
{
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public required SiteTimetable Timetable { get; set; }

    /// <summary>As it was before the last change, for the undo; null when there was none.</summary>
    public SiteTimetable? Previous { get; set; }

    public long Version { get; set; }
}

/// <summary>Where a machine's hours differ from the place's. No row: they do not.</summary>
public sealed class MachineTimetableRow
{
    public required MachineId MachineId { get; init; }

    public required MachineTimetable Timetable { get; set; }

    /// <summary>As it was before the last change, for the undo; null when there was none.</summary>
    public MachineTimetable? Previous { get; set; }

    public long Version { get; set; }
}

/// <summary>How machines are booked. The most specific row counts, whole: a machine's, else its class's, else the site's, else the defaults of <see cref="BookingTerms"/>.</summary>
public sealed class TermsRow
{
    /// <summary>The scope of the whole site.</summary>
    public const string Site = "site";

    /// <summary>The longest scope, in characters.</summary>
    public const int MaxScope = 80;

    /// <summary><see cref="Site"/>, or what <see cref="OfClass"/> and <see cref="OfMachine"/> give.</summary>
    public required string Scope { get; init; }

    public required BookingTerms Terms { get; set; }

    public long Version { get; set; }

    /// <summary>The scope of a class of machines.</summary>
    /// <param name="machineClass">Its key, such as "laser".</param>
    public static string OfClass(string machineClass) => $"class:{machineClass}";

    /// <summary>The scope of one machine.</summary>
    /// <param name="machine">The machine.</param>
    public static string OfMachine(MachineId machine) => $"machine:{machine.Value:D}";

    /// <summary>The machine of a scope; null when it is wider than one machine.</summary>
    /// <param name="scope">The scope.</param>
    public static MachineId? MachineOf(string scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.StartsWith("machine:", StringComparison.Ordinal) && Ids.TryParse(scope["machine:".Length..], out MachineId machine) ? machine : null;
    }
}

/// <summary>One limit on what people book.</summary>
public sealed class BookingQuotaRow
{
    public required QuotaId Id { get; init; }

    public required BookingQuota Quota { get; set; }

    public long Version { get; set; }
}
