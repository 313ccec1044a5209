using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Hours;

/// <summary>How machines of a scope are booked from now on. Bookings made before keep standing.</summary>
/// <param name="Terms">All of the terms; null = none of their own: those of the wider scope count.</param>
/// <param name="Version">The version they were read at; 0 while there are none.</param>
/// <param name="Preview">Changes nothing, tells which bookings could not be made any more.</param>
public sealed record TermsToBe(BookingTerms? Terms, long Version, bool Preview = false);

/// <summary>What a change of terms did, or would do.</summary>
/// <param name="Version">The version from now on.</param>
/// <param name="Hits">Bookings to come that could not be made by the new terms, by their start. They stand.</param>
public sealed record TermsSaved(long Version, IReadOnlyList<HitByHours> Hits);

/// <summary>Sets how machines are booked: of the site, of a class, or one machine.</summary>
internal sealed class SetTerms(BookingWriter writer, SchoolHolidays school)
{
    private static readonly Duration Longest = Duration.FromDays(3660);

    public static void Map(RouteGroupBuilder machines) =>
        machines.MapPut("/booking-terms/{scope}", async (string scope, TermsToBe request, HttpContext http, SetTerms handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(scope, request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetBookingTerms").WithTags("hours")
            .WithSummary("Sets how machines are booked, or tells which bookings could not be made any more. The scope is 'site', 'class:' and a class, or 'machine:' and an id.")
            .Produces<TermsSaved>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    public Task<Outcome<TermsSaved>> HandleAsync(string scope, TermsToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<TermsSaved>(
            async (write, cancel) =>
            {
                if (TermsRow.MachineOf(scope) is { } machine)
                {
                    if (!await write.Db.Machines.AnyAsync(m => m.Id == machine && !m.Retired, cancel))
                        return Refusal.NotFound("machine");
                    if (!await write.Db.MayAsync(by, Right.KeepMachines, machine, cancel))
                        return Refusal.NotAllowed;
                    scope = TermsRow.OfMachine(machine);
                }
                else
                {
                    if (!by.Has(Right.KeepHours))
                        return Refusal.NotAllowed;
                    if (scope != TermsRow.Site && !(scope.StartsWith("class:", StringComparison.Ordinal) && scope.Length is > 6 and <= TermsRow.MaxScope && !scope.Any(char.IsControl)))
                        return Refusal.NotFound("scope");
                }
                var row = await write.Db.BookingTerms.SingleOrDefaultAsync(r => r.Scope == scope, cancel);
                if ((row?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (request.Terms is not null && Fault(request.Terms) is { } fault)
                    return fault;
                var before = await LabHours.ReadAsync(write.Db, school.Calendar, cancel);
                var hits = await HourChange.TermsHitsAsync(write.Db, before, before.With(scope, request.Terms), write.Now, cancel);
                if (request.Preview)
                    return new TermsSaved(row?.Version ?? 0, hits);
                if (request.Terms is null)
                {
                    if (row is not null)
                        write.Db.BookingTerms.Remove(row);
                    write.Audit(by.Id, "booking.terms_removed", Guid.Empty, scope);
                    return new TermsSaved(0, hits);
                }
                if (row is null)
                {
                    row = new TermsRow { Scope = scope, Terms = request.Terms };
                    write.Db.BookingTerms.Add(row);
                }
                row.Terms = request.Terms;
                row.Version++;
                write.Audit(by.Id, "booking.terms", Guid.Empty, scope);
                return new TermsSaved(row.Version, hits);
            },
            cancellationToken);

    internal static Refusal? Fault(BookingTerms terms)
    {
        if (terms.NoShow is null)
            return Refusal.BadValue("noShow", "It is missing.");
        if (terms.Capacity > 1000)
            return Refusal.BadValue("capacity", "At most 1000 places.");
        Duration?[] lengths =
        [
            terms.MinLength, terms.MaxLength, terms.Notice, terms.Horizon, terms.StartGrace, terms.ChangeBefore, terms.NoShow.ReleaseAfter, terms.NoShow.Within, terms.NoShow.WalkUpOnlyFor,
        ];
        if (lengths.Any(length => length > Longest))
            return Refusal.BadValue("terms", "A length of more than ten years.");
        return TimetableLimits.Of(BookingTermsCheck.Faults(terms));
    }
}
