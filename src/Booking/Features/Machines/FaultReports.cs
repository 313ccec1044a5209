using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Machines;

public sealed record FaultNoted(Guid Id);

/// <summary>
/// A fault reported at the machine by whoever stands there, and its end by staff. A report tells and never switches: anybody could
/// close a machine from the street otherwise.
/// </summary>
internal sealed class FaultReports(BookingWriter writer, FloorChanges floor, MessageWriting messages)
{
    /// <summary>The same words about the same machine within this time are a second click.</summary>
    public static readonly Duration SameReport = Duration.FromMinutes(10);

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPost("/fault-reports/{id:guid}/close", async (Guid id, HttpContext http, FaultReports handler, CancellationToken cancellationToken) =>
                (await handler.CloseAsync(id, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("CloseFaultReport").WithTags("machines").WithSummary("Notes that a reported fault is dealt with.")
            .Produces<FaultNoted>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    /// <param name="code">The machine's code.</param>
    /// <param name="text">What is wrong.</param>
    /// <param name="photo">A photo made anew by <see cref="Photos"/>; null for none.</param>
    /// <param name="cancellationToken">Ends the work before the commit.</param>
    public Task<Outcome<FaultNoted>> ReportAsync(string code, string? text, byte[]? photo, CancellationToken cancellationToken) =>
        writer.ChangeAsync<FaultNoted>(
            async (write, cancel) =>
            {
                if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancel) is not { } machine)
                    return Refusal.NotFound("machine");
                if (Text.Required(text, FaultReport.MaxText) is not { } words)
                    return Refusal.BadValue("text", $"Say what is wrong, in 1 to {FaultReport.MaxText} characters.");
                var since = write.Now - SameReport;
                var twice = await write.Db.FaultReports.FirstOrDefaultAsync(
                    r => r.MachineId == machine.Id && r.At >= since && r.ClosedAt == null && r.Text == words, cancel);
                if (twice is not null)
                    return new FaultNoted(twice.Id);
                var report = new FaultReport
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    MachineId = machine.Id,
                    At = write.Now,
                    Text = words,
                    Photo = photo,
                };
                write.Db.FaultReports.Add(report);
                await HouseAlarms.RaiseAsync(write, floor, HouseAlarms.FaultReported, machine.Id, words, cancel);
                await TellLeadsAsync(write, machine, report, cancel);
                return new FaultNoted(report.Id);
            },
            cancellationToken);

    /// <summary>Those who look after the machine get a message, as each of them chose.</summary>
    private async Task TellLeadsAsync(BookingWrite write, Machine machine, FaultReport report, CancellationToken cancellationToken)
    {
        var facts = new MessageFacts { Code = machine.Code, NameFr = machine.NameFr, NameEn = machine.NameEn, Start = report.At, Why = report.Text };
        var leads = await write.Db.MachineDuties.Where(duty => duty.MachineId == machine.Id && duty.Duty == Duty.Leads).Select(duty => duty.PersonId).ToListAsync(cancellationToken);
        foreach (var lead in leads)
            await messages.AddAsync(write, lead, MessageKind.FaultReported, facts, $"fault:{report.Id:N}", null, null, cancellationToken);
    }

    public Task<Outcome<FaultNoted>> CloseAsync(Guid id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<FaultNoted>(
            async (write, cancel) =>
            {
                if (await write.Db.FaultReports.SingleOrDefaultAsync(r => r.Id == id, cancel) is not { } report)
                    return Refusal.NotFound("fault_report");
                if (!await write.Db.MayAsync(by, Right.SeeAlarms, report.MachineId, cancel))
                    return Refusal.NotAllowed;
                if (report.ClosedAt is not null)
                    return Refusal.Conflict("already_closed", "Somebody has dealt with it already.");
                report.ClosedAt = write.Now;
                report.ClosedBy = by.Id;
                report.Version++;
                write.Audit(by.Id, "machine.fault_closed", report.MachineId.Value);
                return new FaultNoted(id);
            },
            cancellationToken);
}
