using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.People;

/// <summary>Somebody new. Nothing is compulsory: without a short code one is found, a name may be left out.</summary>
public sealed record NewPerson(
    string? ShortCode = null, string? DisplayName = null, bool IsAdult = false, LocalDate? BirthDate = null, LocalDate? MemberThrough = null,
    ProjectId? DefaultProject = null, bool MayAccompany = false);

public sealed record PersonAdded(PersonId Id, string ShortCode);

internal sealed class AddPerson(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/people", async (NewPerson request, HttpContext http, AddPerson handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddPerson").WithTags("people").WithSummary("Adds a person.")
            .Produces<PersonAdded>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<PersonAdded>> HandleAsync(NewPerson request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<PersonAdded>(
            async (write, cancel) =>
            {
                var zone = await write.Db.ZoneAsync(cancel);
                if (PersonRules.Check(request.DisplayName, request.BirthDate, request.MemberThrough, write.Now, zone) is { } fault)
                    return fault;
                var code = request.ShortCode is null ? await FreeCodeAsync(write.Db, cancel) : PersonRules.Code(request.ShortCode);
                if (code is null)
                    return Refusal.BadValue("shortCode", $"A short code is 1 to {Person.MaxCode} letters without accents, digits and '-'.");
                if (await write.Db.People.AnyAsync(person => person.ShortCode == code, cancel))
                    return Refusal.Conflict("short_code_taken", "Somebody has this short code already.", "shortCode");
                var (adult, birth) = PersonRules.Age(request.IsAdult, request.BirthDate, write.Now, zone);
                var person = new Person
                {
                    Id = PersonId.New(write.Now),
                    ShortCode = code,
                    DisplayName = Text.Required(request.DisplayName, Person.MaxName),
                    IsAdult = adult,
                    BirthDate = birth,
                    MemberThrough = request.MemberThrough,
                    DefaultProject = request.DefaultProject,
                    MayAccompany = request.MayAccompany,
                    CreatedAt = write.Now,
                };
                write.Db.People.Add(person);
                write.Audit(by.Id, "person.added", person.Id.Value);
                return new PersonAdded(person.Id, code);
            },
            cancellationToken);

    private static async Task<string> FreeCodeAsync(BookingDbContext db, CancellationToken cancellationToken) =>
        PersonRules.NumberedCode(await PersonRules.HighestNumberAsync(db, cancellationToken) + 1);
}

/// <summary>What holds for every person, whoever writes it.</summary>
internal static class PersonRules
{
    public static string? Code(string text)
    {
        var code = text.Trim().ToUpperInvariant();
        return code.Length is > 0 and <= Person.MaxCode && code.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '-') ? code : null;
    }

    /// <summary>The highest number among codes such as "M12"; 0 when there is none.</summary>
    public static async Task<int> HighestNumberAsync(BookingDbContext db, CancellationToken cancellationToken)
    {
        var taken = await db.People.Where(person => EF.Functions.Like(person.ShortCode, "M%")).Select(person => person.ShortCode).ToListAsync(cancellationToken);
        return taken.Select(code => int.TryParse(code.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0).Max();
    }

    public static string NumberedCode(int number) => string.Create(CultureInfo.InvariantCulture, $"M{number:00}");

    public static Refusal? Check(string? name, LocalDate? birth, LocalDate? memberThrough, Instant now, DateTimeZone zone)
    {
        var today = now.InZone(zone).Date;
        if (!string.IsNullOrWhiteSpace(name) && Text.Required(name, Person.MaxName) is null)
            return Refusal.BadValue("displayName", $"A name has at most {Person.MaxName} characters.");
        if (birth > today || birth < today.PlusYears(-130))
            return Refusal.BadValue("birthDate", "This date of birth cannot be.");
        if (memberThrough is { } last && (last.Year < 2000 || last > today.PlusYears(20)))
            return Refusal.BadValue("memberThrough", "This end of membership cannot be.");
        return null;
    }

    /// <summary>The date of birth is kept only while it is needed: from the 18th birthday on the fact is enough.</summary>
    public static (bool IsAdult, LocalDate? BirthDate) Age(bool isAdult, LocalDate? birth, Instant now, DateTimeZone zone) =>
        isAdult || birth?.PlusYears(18) <= now.InZone(zone).Date ? (true, null) : (false, birth);
}
