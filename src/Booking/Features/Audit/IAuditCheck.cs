namespace FabLab.Booking.Features.Audit;

/// <summary>Looks at the whole chain.</summary>
public interface IAuditCheck
{
    /// <summary>Recomputes every link and opens every commitment whose value is still there.</summary>
    /// <param name="keptHead">A head noted earlier, 64 hexadecimal digits; null when there is none.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    Task<AuditReport> RunAsync(string? keptHead, CancellationToken cancellationToken);
}
