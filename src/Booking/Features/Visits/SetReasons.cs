using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Floor;
using FabLab.Ui.Parts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>A reason as the door should show it.</summary>
/// <param name="Code">Stable: 1 to 32 of a–z, 0–9 and '_'.</param>
/// <param name="NameFr">1 to 40 characters.</param>
/// <param name="NameEn">1 to 40 characters.</param>
/// <param name="Pictogram">Name of a picture of the design system.</param>
/// <param name="Active">Whether it has a tile.</param>
public sealed record ReasonToBe(string? Code, string? NameFr, string? NameEn, string? Pictogram, bool Active);

/// <summary>The reasons of a visit in the order of their tiles: at most <see cref="SetReasons.Most"/>, at least one with a tile.</summary>
public sealed record ReasonsToBe(IReadOnlyList<ReasonToBe>? Reasons);

/// <summary>Changes the reasons of a visit. One that is no longer named stays for the visits of the past, without a tile.</summary>
internal sealed class SetReasons(BookingWriter writer, FloorChanges floor)
{
    /// <summary>Most reasons: more tiles than that are not read.</summary>
    public const int Most = 16;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/visit-reasons", async (ReasonsToBe request, HttpContext http, SetReasons handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetVisitReasons").WithTags("visits").WithSummary("The reasons of a visit, in the order of their tiles.").Produces<ReasonsToBe>();

    public Task<Outcome<ReasonsToBe>> HandleAsync(ReasonsToBe request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<ReasonsToBe>(
            async (write, cancel) =>
            {
                if (request.Reasons is not { Count: > 0 and <= Most } wanted || wanted.Any(reason => reason is null))
                    return Refusal.BadValue("reasons", $"1 to {Most} reasons.");
                if (!wanted.Any(reason => reason.Active))
                    return Refusal.BadValue("active", "At least one reason has a tile.");
                if (wanted.FirstOrDefault(reason => !IsCode(reason.Code)) is not null || wanted.DistinctBy(reason => reason.Code, StringComparer.Ordinal).Count() != wanted.Count)
                    return Refusal.BadValue("code", "Each reason has a code of its own: 1 to 32 of a-z, 0-9 and '_'.");
                if (wanted.Any(reason => Text.Required(reason.NameFr, VisitReason.MaxName) is null))
                    return Refusal.BadValue("nameFr", $"A name of 1 to {VisitReason.MaxName} characters.");
                if (wanted.Any(reason => Text.Required(reason.NameEn, VisitReason.MaxName) is null))
                    return Refusal.BadValue("nameEn", $"A name of 1 to {VisitReason.MaxName} characters.");
                if (wanted.Any(reason => reason.Pictogram is null || !Icons.Paths.ContainsKey(reason.Pictogram)))
                    return Refusal.BadValue("pictogram", "There is no such picture.");
                var known = await write.Db.VisitReasons.ToDictionaryAsync(reason => reason.Code, StringComparer.Ordinal, cancel);
                foreach (var gone in known.Values.Where(reason => wanted.All(one => one.Code != reason.Code)))
                    (gone.Active, gone.Position) = (false, Most + 1);
                foreach (var (place, one) in wanted.Index())
                {
                    if (!known.TryGetValue(one.Code!, out var row))
                        write.Db.VisitReasons.Add(row = new VisitReason { Code = one.Code!, NameFr = "", NameEn = "", Pictogram = "" });
                    (row.NameFr, row.NameEn, row.Pictogram) = (Text.Clean(one.NameFr, VisitReason.MaxName), Text.Clean(one.NameEn, VisitReason.MaxName), one.Pictogram!);
                    (row.Position, row.Active) = (place + 1, one.Active);
                }
                write.Audit(by.Id, "visit_reasons.set", Guid.Empty, string.Join(' ', wanted.Where(reason => reason.Active).Select(reason => reason.Code)));
                write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Door, null)));
                return request;
            },
            cancellationToken);

    private static bool IsCode(string? code) =>
        code is { Length: > 0 and <= Visit.MaxCode } && code.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '_');
}
