namespace FabLab.Booking.Features.Import;

/// <summary>Brings in people, badges and habilitations from a CSV file.</summary>
public interface IPeopleImport
{
    /// <summary>The largest file, in bytes.</summary>
    const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Says what becomes of each line and, unless it is a try or a line has a fault, does it.</summary>
    Task<ImportReport> RunAsync(byte[] file, StaffActor? by, bool dryRun, CancellationToken cancellationToken);
}
