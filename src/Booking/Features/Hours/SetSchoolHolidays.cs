using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.SignIn;
using FabLab.Contracts;
using FabLab.Core.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Booking.Features.Hours;

/// <summary>What became of a file of school holidays: faults and nothing changed, or whom the change concerns.</summary>
/// <param name="Faults">What is wrong in the file and where; empty when it was taken.</param>
/// <param name="Hits">Bookings that no longer lie in open time.</param>
/// <param name="FitAgain">Bookings that do again.</param>
public sealed record SchoolHolidaysSet(IReadOnlyList<string> Faults, IReadOnlyList<HitByHours> Hits, IReadOnlyList<HitByHours> FitAgain);

/// <summary>Puts the lab's own file of school holidays in place, or takes it away.</summary>
internal sealed class SetSchoolHolidays(BookingWriter writer, SchoolHolidays school)
{
    public static void Map(RouteGroupBuilder changes)
    {
        changes.MapPut("/hours/school-holidays", async (HttpRequest request, HttpContext http, SetSchoolHolidays handler, CancellationToken cancellationToken) =>
            {
                using var reader = new StreamReader(request.Body);
                return Answer(await handler.HandleAsync(await reader.ReadToEndAsync(cancellationToken), http.Actor(), cancellationToken));
            })
            .WithName("SetSchoolHolidays").WithTags("hours").WithSummary("Replaces the lab's own file of school holidays.")
            .Accepts<object>("application/json").Produces<SchoolHolidaysSet>().WithMetadata(new BodyLimit(SchoolHolidays.MaxBytes));
        changes.MapDelete("/hours/school-holidays", async (HttpContext http, SetSchoolHolidays handler, CancellationToken cancellationToken) =>
                Answer(await handler.HandleAsync(null, http.Actor(), cancellationToken)))
            .WithName("ForgetSchoolHolidays").WithTags("hours").WithSummary("Goes back to the school holidays that come with the product.")
            .Produces<SchoolHolidaysSet>();
    }

    /// <param name="json">The text of the file; null = go back to what comes with the product.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Outcome<SchoolHolidaysSet>> HandleAsync(string? json, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<SchoolHolidaysSet>(
            async (write, cancel) =>
            {
                var after = SchoolCalendar.Shipped;
                if (json is not null)
                {
                    var reading = SchoolCalendar.Read(json);
                    if (reading.Calendar is not { } own)
                        return new SchoolHolidaysSet(reading.Faults, [], []);
                    after = after.With(own);
                }
                var before = await LabHours.ReadAsync(write.Db, school.Calendar, cancel);
                var (hits, again) = await HourChange.TellAsync(write, before, before.With(after), by.Id, null, cancel);
                await PolicyMarking.MarkAsync(write.Db, await PolicyMarking.MachinesAsync(write.Db, cancel), cancel);
                write.Audit(by.Id, json is null ? "hours.school_file_removed" : "hours.school_file", Guid.Empty);
                // Last: what went wrong before leaves the file as it was.
                school.Replace(json);
                return new SchoolHolidaysSet([], hits, again);
            },
            cancellationToken);

    private static IResult Answer(Outcome<SchoolHolidaysSet> outcome) =>
        outcome is { Done: true, Value.Faults: { Count: > 0 } faults }
            ? Results.Problem(
                detail: faults[0], statusCode: StatusCodes.Status400BadRequest,
                extensions: new Dictionary<string, object?> { ["code"] = ProblemCodes.BadValue, ["faults"] = faults })
            : outcome.ToResult(StatusCodes.Status200OK);
}
