using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>Somebody known to the lab. A short code is enough; a name is optional and may be a first name only.</summary>
public sealed class Person
{
    public const int MaxCode = 16;
    public const int MaxName = 80;
    public const int MaxPlan = 40;
    public const int MaxEmail = 254;

    public required PersonId Id { get; init; }

    /// <summary>Said instead of a name, such as "A12". Unique, upper case.</summary>
    public required string ShortCode { get; set; }

    /// <summary>First name or full name, as the person wants it; null when none was given. Shown to staff only.</summary>
    public string? DisplayName { get; set; }

    public bool Active { get; set; } = true;

    /// <summary>Last day of the membership, included; null for somebody who is not a member.</summary>
    public LocalDate? MemberThrough { get; set; }

    /// <summary>Known to be 18 or older.</summary>
    public bool IsAdult { get; set; }

    /// <summary>Kept only while the person is a minor, and erased on the 18th birthday.</summary>
    public LocalDate? BirthDate { get; set; }

    public ProjectId? DefaultProject { get; set; }

    /// <summary>Once autonomous on a machine, may stand beside learners and minors there.</summary>
    public bool MayAccompany { get; set; }

    public int? MinorsLimit { get; set; }

    /// <summary>The key of what they pay or are entitled to ("etudiant"), which quotas may ask for; null for none.</summary>
    public string? Plan { get; set; }

    /// <summary>Where they may be written to; null when they gave none. It is in no log and on no page but their own and the front desk's.</summary>
    public string? Email { get; set; }

    /// <summary>When they agreed to be written to; null when they did not: then nobody does, whatever the address.</summary>
    public Instant? MailConsentAt { get; set; }

    /// <summary>The language they are written to in.</summary>
    public Language Language { get; set; }

    public Instant CreatedAt { get; init; }

    /// <summary>Counts the changes; a change must name the version it saw.</summary>
    public long Version { get; set; }

    internal PersonRule ToRule(DateTimeZone zone) => new()
    {
        Id = Id,
        ShortCode = ShortCode,
        Active = Active,
        MembershipUntil = MemberThrough?.PlusDays(1).AtStartOfDayInZone(zone).ToInstant(),
        Adult = IsAdult,
        BirthDate = BirthDate,
        DefaultProject = DefaultProject,
        MayAccompany = MayAccompany,
        MinorsLimit = MinorsLimit,
    };
}

/// <summary>A badge: the keyed hashes of its number, never the number.</summary>
public sealed class Badge
{
    public required BadgeId Id { get; init; }

    public required BadgeFamily Family { get; init; }

    /// <summary>How many bytes the number had.</summary>
    public required int Bytes { get; init; }

    public required BadgeHash Full { get; set; }

    public BadgeHash? Last4 { get; set; }

    public required BadgeHash Last3 { get; set; }

    /// <summary>Null while it lies in the drawer.</summary>
    public PersonId? PersonId { get; set; }

    public BadgeState State { get; set; }

    public BadgeAssurance Assurance { get; set; }

    public Instant EnrolledAt { get; init; }

    public long Version { get; set; }

    internal BadgePrint Print => new(Family, Bytes, Full, Last4, Last3);

    /// <summary>The same number under another key.</summary>
    internal void Renew(BadgePrint print)
    {
        (Full, Last4, Last3) = (print.Full, print.Last4, print.Last3);
        Version++;
    }

    internal static Badge From(BadgePrint print, Instant now) => new()
    {
        Id = BadgeId.New(now),
        Family = print.Family,
        Bytes = print.Bytes,
        Full = print.Full,
        Last4 = print.Last4,
        Last3 = print.Last3,
        EnrolledAt = now,
    };

    internal BadgeRule ToRule() => new() { Id = Id, Print = Print, Person = PersonId, State = State, Assurance = Assurance };
}
