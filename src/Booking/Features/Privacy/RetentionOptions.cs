using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>How long what is kept, <c>Booking:Retention</c>. The defaults are those of docs/privacy.md.</summary>
public sealed class RetentionOptions
{
    /// <summary>Months a refused tap is kept with the badge and the person. 1 to 12.</summary>
    public int RefusedTapMonths { get; set; } = 3;

    /// <summary>Month in which the membership year begins. 1 to 12.</summary>
    public int MembershipYearMonth { get; set; } = 9;

    /// <summary>Whole membership years that uses of machines stay named after the one they belong to. 0 to 10.</summary>
    public int NamedYears { get; set; } = 1;

    /// <summary>Months after which the audit no longer says who, to whom and in which words. 12 to 120.</summary>
    public int AuditMonths { get; set; } = 36;

    /// <summary>Months without membership, use or booking after which a person is erased. 6 to 120.</summary>
    public int PersonMonths { get; set; } = 36;

    /// <summary>Months that is kept when and how somebody signed in. 2 to 36.</summary>
    public int SignInMonths { get; set; } = 12;

    /// <summary>Months that messages to people stay. 1 to 36.</summary>
    public int MessageMonths { get; set; } = 12;

    /// <summary>Months that first names, who brought somebody and signatures stay on the sheets of séances. 3 to 120.</summary>
    public int SessionNameMonths { get; set; } = 36;

    internal IEnumerable<string> Faults()
    {
        if (SessionNameMonths is < 3 or > 120)
            yield return $"Booking:Retention:SessionNameMonths: {SessionNameMonths} is outside 3 to 120.";
        if (MessageMonths is < 1 or > 36)
            yield return $"Booking:Retention:MessageMonths: {MessageMonths} is outside 1 to 36.";
        if (SignInMonths is < 2 or > 36)
            yield return $"Booking:Retention:SignInMonths: {SignInMonths} is outside 2 to 36.";
        if (RefusedTapMonths is < 1 or > 12)
            yield return $"Booking:Retention:RefusedTapMonths: {RefusedTapMonths} is outside 1 to 12.";
        if (MembershipYearMonth is < 1 or > 12)
            yield return $"Booking:Retention:MembershipYearMonth: {MembershipYearMonth} is outside 1 to 12.";
        if (NamedYears is < 0 or > 10)
            yield return $"Booking:Retention:NamedYears: {NamedYears} is outside 0 to 10.";
        if (AuditMonths is < 12 or > 120)
            yield return $"Booking:Retention:AuditMonths: {AuditMonths} is outside 12 to 120.";
        if (PersonMonths is < 6 or > 120)
            yield return $"Booking:Retention:PersonMonths: {PersonMonths} is outside 6 to 120.";
    }

    internal LocalDate FirstNamedDay(LocalDate today) => YearOf(today).PlusYears(-NamedYears);

    /// <summary>First day of the membership year that a day lies in.</summary>
    internal LocalDate YearOf(LocalDate day)
    {
        var start = new LocalDate(day.Year, MembershipYearMonth, 1);
        return start <= day ? start : start.PlusYears(-1);
    }
}
