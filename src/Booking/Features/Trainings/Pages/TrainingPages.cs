using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Trainings.Pages;

/// <summary>The catalogue, a training with its sessions, and the form that changes it.</summary>
internal static class TrainingPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var seeing = routes.Pages(Right.SeeTrainings);
        seeing.MapGet("/trainings", async (TrainingQueries trainings, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            Web.Pages.Show<CataloguePage>((nameof(CataloguePage.Sheet), await trainings.CatalogueAsync(frame.Viewer, text.Now, cancellationToken))));
        seeing.MapGet("/trainings/{id:guid}", async (Guid id, TrainingQueries trainings, PageFrame frame, PageText text, CancellationToken cancellationToken) =>
            await trainings.TrainingAsync(frame.Viewer, new TrainingId(id), text.Now, text.Zone, cancellationToken) is { } sheet
                ? (IResult)Web.Pages.Show<TrainingPage>((nameof(TrainingPage.Sheet), sheet)) : Results.NotFound());
        routes.Pages(Right.Teach).MapPost("/trainings/{id:guid}/sessions", AddSessionAsync);
        var keeping = routes.Pages(Right.KeepTrainings);
        keeping.MapGet("/trainings/new", async (BookingDbContext db, TrainingQueries trainings, CancellationToken cancellationToken) =>
            await ShowAsync(200, new TrainingForm(null, new Dictionary<string, string> { ["gives"] = nameof(HabilitationLevel.Autonomous) }, new HashSet<TrainingId>(), false, 0), db, trainings, cancellationToken));
        keeping.MapPost("/trainings/new", (IFormCollection form, HttpContext http, BookingDbContext db, SetTraining handler, TrainingQueries trainings, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SaveAsync(null, form, http, db, handler, trainings, notes, frame, cancellationToken));
        keeping.MapGet("/trainings/{id:guid}/edit", async (Guid id, BookingDbContext db, TrainingQueries trainings, CancellationToken cancellationToken) =>
            await FormAsync(db, new TrainingId(id), cancellationToken) is { } form ? await ShowAsync(200, form, db, trainings, cancellationToken) : Results.NotFound());
        keeping.MapPost("/trainings/{id:guid}/edit", (Guid id, IFormCollection form, HttpContext http, BookingDbContext db, SetTraining handler, TrainingQueries trainings, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken) =>
            SaveAsync(new TrainingId(id), form, http, db, handler, trainings, notes, frame, cancellationToken));
    }

    private static async Task<IResult> AddSessionAsync(
        Guid id, IFormCollection form, HttpContext http, TrainingQueries trainings, SetSession handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        if (await trainings.TrainingAsync(frame.Viewer, new TrainingId(id), text.Now, text.Zone, cancellationToken) is not { Teaches: true } sheet)
            return Results.NotFound();
        (SessionForm entered, SessionDetails? details) = ReadSession(form, text.Zone);
        Outcome<SessionSet> outcome = default;
        if (details is not null)
        {
            outcome = await handler.AddAsync(new TrainingId(id), details, frame.Viewer.Actor!, cancellationToken);
            if (outcome.Refusal is { } refusal)
                entered = Refused(entered, refusal);
        }

        if (entered.Fault is not null || entered.Clash is not null)
            return Web.Pages.Show<TrainingPage>(outcome.Refusal?.Status ?? 400, (nameof(TrainingPage.Sheet), sheet with { Form = entered }));
        notes.Leave(http, new DoneNote(TrainingText.SessionAdded.Words()));
        return Results.LocalRedirect($"/trainings/sessions/{outcome.Value.Id}");
    }

    /// <summary>The form as it was written, with what is against it.</summary>
    internal static SessionForm Refused(SessionForm entered, Refusal refusal) => refusal.Code == Clashes.Code
        ? entered with { Clash = refusal.Sentence }
        : entered with { Fault = (refusal.Field ?? "start", FaultOf(refusal)) };

    /// <summary>A session as it was written; details only when all of it can be read.</summary>
    internal static (SessionForm Form, SessionDetails? Details) ReadSession(IFormCollection form, DateTimeZone zone)
    {
        PersonId? trainer = Ids.TryParse(form["trainer"], out PersonId person) ? person : null;
        var entered = new SessionForm(
            Written(form, "day"), Written(form, "time"), Written(form, "minutes"), Written(form, "places"), form["place"].ToString().Trim(), trainer,
            long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1);
        if (LocalDatePattern.Iso.Parse(entered.Day) is not { Success: true, Value: { Year: > 1990 and < 2200 } day })
            return (entered with { Fault = ("start", TrainingText.BadDay) }, null);
        if (TrainingQueries.ClockTime.Parse(entered.Time) is not { Success: true, Value: var time })
            return (entered with { Fault = ("time", TrainingText.BadHour) }, null);
        if (!int.TryParse(entered.Minutes, NumberStyles.None, CultureInfo.InvariantCulture, out int minutes))
            return (entered with { Fault = ("minutes", TrainingText.BadMinutes) }, null);
        if (!int.TryParse(entered.Places, NumberStyles.None, CultureInfo.InvariantCulture, out int places))
            return (entered with { Fault = ("places", TrainingText.BadPlaces) }, null);
        return (entered, new SessionDetails((day + time).InZoneLeniently(zone).ToInstant(), minutes, places, entered.Place, trainer, entered.Version, form["evenSo"] == "true"));
    }

    internal static Phrase FaultOf(Refusal refusal) => (refusal.Code, refusal.Field) switch
    {
        ("places_taken", _) => TrainingText.PlacesTaken,
        ("session_given", _) => TrainingText.DayGiven,
        (_, "start") => TrainingText.BadDay,
        (_, "minutes") => TrainingText.BadMinutes,
        (_, "places") => TrainingText.BadPlaces,
        (_, "place") => TrainingText.BadWhere,
        (_, "trainer") => TrainingText.BadTrainer,
        (_, "code") => refusal.Code == "code_taken" ? TrainingText.CodeTaken : TrainingText.BadCode,
        (_, "nameFr" or "nameEn") => TrainingText.BadName,
        (_, "descriptionFr" or "descriptionEn") => TrainingText.BadText,
        (_, "validMonths" or "unusedMonths") => TrainingText.BadMonths,
        (_, "prerequisites") => TrainingText.Circle,
        (_, "retired") => TrainingText.Asked,
        _ => WebText.NotDone,
    };

    private static async Task<IResult> SaveAsync(
        TrainingId? id, IFormCollection form, HttpContext http, BookingDbContext db, SetTraining handler, TrainingQueries trainings, DoneNotes notes, PageFrame frame,
        CancellationToken cancellationToken)
    {
        TrainingForm? now = id is { } known ? await FormAsync(db, known, cancellationToken) : null;
        if (id is not null && now is null)
            return Results.NotFound();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string field in new[] { "code", "nameFr", "nameEn", "descriptionFr", "descriptionEn", "kind", "minutes", "places", "trainer", "gives", "validMonths", "unusedMonths" })
            fields[field] = form[field].ToString().Trim();
        var entered = new TrainingForm(
            id, fields, form["needs"].Select(value => Ids.TryParse(value, out TrainingId need) ? need : default).Where(need => need != default).ToHashSet(), form.ContainsKey("retired"),
            long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1);
        foreach ((string field, Phrase fault) in new[] { ("minutes", TrainingText.BadMinutes), ("places", TrainingText.BadPlaces), ("validMonths", TrainingText.BadMonths), ("unusedMonths", TrainingText.BadMonths) })
        {
            if (entered.Of(field).Length > 0 && Number(entered.Of(field)) is null)
                return await ShowAsync(400, entered with { Fault = (field, fault) }, db, trainings, cancellationToken);
        }

        var details = new TrainingDetails(
            entered.Of("code"), entered.Of("nameFr"), entered.Of("nameEn"), entered.Of("descriptionFr"), entered.Of("descriptionEn"),
            Enum.TryParse(entered.Of("kind"), out TrainingKind kind) ? kind : TrainingKind.Course, Number(entered.Of("minutes")), Number(entered.Of("places")),
            Ids.TryParse(entered.Of("trainer"), out PersonId trainer) ? trainer : null,
            Enum.TryParse(entered.Of("gives"), out HabilitationLevel gives) ? gives : HabilitationLevel.Autonomous,
            Number(entered.Of("validMonths")), Number(entered.Of("unusedMonths")), [.. entered.Needs], entered.Retired, entered.Version);
        Outcome<TrainingSet> outcome = id is { } training
            ? await handler.ChangeAsync(training, details, frame.Viewer.Actor!, cancellationToken)
            : await handler.AddAsync(details, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return await ShowAsync(
                refusal.Status,
                refusal.Code == ProblemCodes.Stale && now is not null ? now with { Problem = TrainingText.ChangedMeanwhile }
                    : refusal.Field is { } field ? entered with { Fault = (field, FaultOf(refusal)) }
                    : entered with { Problem = WebText.NotDone },
                db, trainings, cancellationToken);
        }

        notes.Leave(http, new DoneNote(new Words(TrainingText.Saved.In(Language.French, entered.Of("nameFr")), TrainingText.Saved.In(Language.English, entered.Of("nameEn")))));
        return Results.LocalRedirect($"/trainings/{outcome.Value.Id}");
    }

    private static string Written(IFormCollection form, string field) => form[field].ToString().Trim() is { Length: <= 40 } text ? text : "";

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static async Task<TrainingForm?> FormAsync(BookingDbContext db, TrainingId id, CancellationToken cancellationToken)
    {
        if (await db.Trainings.SingleOrDefaultAsync(t => t.Id == id, cancellationToken) is not { } training)
            return null;
        var needs = await db.TrainingPrerequisites.Where(p => p.TrainingId == id).Select(p => p.Needs).ToListAsync(cancellationToken);
        return new TrainingForm(
            id,
            new Dictionary<string, string>
            {
                ["code"] = training.Code, ["nameFr"] = training.NameFr, ["nameEn"] = training.NameEn, ["descriptionFr"] = training.DescriptionFr,
                ["descriptionEn"] = training.DescriptionEn, ["kind"] = training.Kind.ToString(), ["minutes"] = Text(training.Minutes), ["places"] = Text(training.Places),
                ["trainer"] = training.Trainer?.ToString() ?? "", ["gives"] = training.Gives.ToString(), ["validMonths"] = Text(training.ValidMonths),
                ["unusedMonths"] = Text(training.UnusedMonths),
            },
            needs.ToHashSet(), training.Retired, training.Version);

        static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
    }

    private static async Task<IResult> ShowAsync(int status, TrainingForm form, BookingDbContext db, TrainingQueries trainings, CancellationToken cancellationToken)
    {
        var others = (await db.Trainings.Where(t => !t.Retired).ToListAsync(cancellationToken)).Where(t => t.Id != form.Id)
            .OrderBy(t => t.NameFr, StringComparer.CurrentCulture).Select(t => (t.Id, new Words(t.NameFr, t.NameEn))).ToList();
        return Web.Pages.Show<TrainingEditPage>(
            status, (nameof(TrainingEditPage.Form), form), (nameof(TrainingEditPage.Trainers), await trainings.TrainersAsync(cancellationToken)), (nameof(TrainingEditPage.Others), others));
    }
}
