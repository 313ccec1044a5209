using FabLab.Core;

namespace FabLab.Booking.Features.Audit;

/// <summary>
/// What the commitments of one <see cref="AuditEntry"/> stand for, each with the salt that opens it. Erasing somebody takes the
/// value and its salt away together; then nobody can find out any more what the commitment was made of, and the chain still holds.
/// </summary>
public sealed class AuditValue
{
    public required long Seq { get; init; }

    public PersonId? By { get; set; }

    public string? BySalt { get; set; }

    public Guid? Subject { get; set; }

    public string? SubjectSalt { get; set; }

    public string? Detail { get; set; }

    public string? DetailSalt { get; set; }
}
