using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FabLab.Booking.Data;
using FabLab.Core;

namespace FabLab.Booking.Features.Audit;

/// <summary>Notes what is done, beside the change and in its transaction.</summary>
internal static class AuditWriting
{
    public const string Granted = "decision.granted";
    public const string Refused = "decision.refused";

    /// <summary>An act of staff.</summary>
    public static void Audit(this BookingWrite write, PersonId by, string action, Guid subject, string detail = "") =>
        write.Acts.Add(new AuditAct(write.Now, action) { By = by, Subject = subject, Detail = detail });

    /// <summary>Something that happens by itself, or an erasure: what it took away from earlier entries is counted in the chain.</summary>
    public static void AuditErasure(this BookingWrite write, PersonId? by, string action, string fact, int valuesErased) =>
        write.Acts.Add(new AuditAct(write.Now, action) { By = by, Fact = fact, ValuesErased = valuesErased });

    /// <summary>A decision of a gateway: its place in the journal, and what the record said there.</summary>
    public static void AuditDecision(this BookingWrite write, bool granted, Guid machine, string gateway, long epoch, long seq, string body) =>
        write.Acts.Add(new AuditAct(write.Now, granted ? Granted : Refused)
        {
            Subject = machine,
            Fact = PlaceOf(gateway, epoch, seq),
            Detail = DigestOf(body),
        });

    public static string PlaceOf(string gateway, long epoch, long seq) => string.Create(CultureInfo.InvariantCulture, $"{gateway}/{epoch}/{seq}");

    public static string DigestOf(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
}
