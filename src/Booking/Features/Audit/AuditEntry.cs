using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Audit;

/// <summary>One act of staff: who, what, to what, when. Never changed, never deleted.</summary>
public sealed class AuditEntry
{
    public required Guid Id { get; init; }

    public required Instant At { get; init; }

    /// <summary>Who did it.</summary>
    public required PersonId By { get; init; }

    /// <summary>Stable code, such as "habilitation.granted".</summary>
    public required string Action { get; init; }

    /// <summary>The id of what it was done to; empty for the whole site.</summary>
    public Guid Subject { get; init; }

    /// <summary>Why or what exactly, in the words given. Empty when there is nothing to add.</summary>
    public string Detail { get; init; } = "";
}

internal static class AuditWriting
{
    /// <summary>Writes the act beside the change, in the same transaction.</summary>
    public static void Audit(this Data.BookingWrite write, PersonId by, string action, Guid subject, string detail = "") =>
        write.Db.Audit.Add(new AuditEntry
        {
            Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
            At = write.Now,
            By = by,
            Action = action,
            Subject = subject,
            Detail = detail,
        });
}
