using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Trainings;

/// <summary>One line of the catalogue. The code counts for a new training only; a change names the version it saw.</summary>
public sealed record TrainingDetails(
    string? Code, string? NameFr, string? NameEn, string? DescriptionFr = null, string? DescriptionEn = null, TrainingKind Kind = TrainingKind.Course,
    int? Minutes = null, int? Places = null, PersonId? Trainer = null, HabilitationLevel Gives = HabilitationLevel.Autonomous,
    int? ValidMonths = null, int? UnusedMonths = null, IReadOnlyList<TrainingId>? Prerequisites = null, bool Retired = false, long Version = 0);

public sealed record TrainingSet(TrainingId Id, long Version);

/// <summary>Adds a training to the catalogue or changes it.</summary>
internal sealed class SetTraining(BookingWriter writer)
{
    public const int MaxCode = 32;
    public const int MaxName = 100;
    public const int MaxDescription = 1000;
    public const int MostMinutes = 24 * 60;
    public const int MostPlaces = 500;
    public const int MostMonths = 600;

    public static void Map(RouteGroupBuilder keeping)
    {
        keeping.MapPost("/trainings", async (TrainingDetails request, HttpContext http, SetTraining handler, CancellationToken cancellationToken) =>
                (await handler.AddAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddTraining").WithTags("trainings").WithSummary("Adds a training to the catalogue.")
            .Produces<TrainingSet>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        keeping.MapPut("/trainings/{id:guid}", async (
                Guid id, TrainingDetails request, HttpContext http, SetTraining handler, CancellationToken cancellationToken) =>
                (await handler.ChangeAsync(new TrainingId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("ChangeTraining").WithTags("trainings").WithSummary("Changes a training of the catalogue.")
            .Produces<TrainingSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<TrainingSet>> AddAsync(TrainingDetails request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<TrainingSet>(
            async (write, cancel) =>
            {
                var code = (Text.Required(request.Code, MaxCode) ?? "").ToLowerInvariant();
                if (code.Length == 0 || !code.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'))
                    return Refusal.BadValue("code", "A code is letters without accents, digits, '-', '_' and '.'.");
                if (await write.Db.Trainings.AnyAsync(t => t.Code == code, cancel))
                    return Refusal.Conflict("code_taken", "There is a training with this code.", "code");
                var training = new Training { Id = TrainingId.New(write.Now), Code = code, NameFr = "", NameEn = "" };
                write.Db.Trainings.Add(training);
                return await WriteAsync(write, training, request, by, "training.added", cancel);
            },
            cancellationToken);

    public Task<Outcome<TrainingSet>> ChangeAsync(TrainingId id, TrainingDetails request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<TrainingSet>(
            async (write, cancel) =>
            {
                if (await write.Db.Trainings.SingleOrDefaultAsync(t => t.Id == id, cancel) is not { } training)
                    return Refusal.NotFound("training");
                if (training.Version != request.Version)
                    return Refusal.Stale;
                training.Version++;
                return await WriteAsync(write, training, request, by, "training.changed", cancel);
            },
            cancellationToken);

    private static async Task<Outcome<TrainingSet>> WriteAsync(
        BookingWrite write, Training training, TrainingDetails request, StaffActor by, string action, CancellationToken cancel)
    {
        // Two changes that close a circle together must not pass each other.
        await write.OneAtATimeAsync("training catalogue", cancel);
        if (Text.Required(request.NameFr, MaxName) is not { } french)
            return Refusal.BadValue("nameFr", $"A name of 1 to {MaxName} characters.");
        if (Text.Required(request.NameEn, MaxName) is not { } english)
            return Refusal.BadValue("nameEn", $"A name of 1 to {MaxName} characters.");
        if (request.DescriptionFr?.Length > MaxDescription)
            return Refusal.BadValue("descriptionFr", $"At most {MaxDescription} characters.");
        if (request.DescriptionEn?.Length > MaxDescription)
            return Refusal.BadValue("descriptionEn", $"At most {MaxDescription} characters.");
        if (!Enum.IsDefined(request.Kind))
            return Refusal.BadValue("kind", "course, safety, discovery or workshop.");
        if (request.Minutes is < 5 or > MostMinutes)
            return Refusal.BadValue("minutes", $"5 to {MostMinutes}.");
        if (request.Places is < 1 or > MostPlaces)
            return Refusal.BadValue("places", $"1 to {MostPlaces}.");
        if (request.ValidMonths is < 1 or > MostMonths)
            return Refusal.BadValue("validMonths", $"1 to {MostMonths}.");
        if (request.UnusedMonths is < 1 or > MostMonths)
            return Refusal.BadValue("unusedMonths", $"1 to {MostMonths}.");
        if (request.Gives is < HabilitationLevel.Accompanied or > HabilitationLevel.Trainer)
            return Refusal.BadValue("gives", "accompanied, autonomous or trainer.");
        if (request.Trainer is { } trainer && trainer != training.Trainer && !await write.Db.IsTrainerAsync(trainer, cancel))
            return Refusal.BadValue("trainer", "This person has no account that leads trainings.");
        if (request.Retired && !training.Retired)
        {
            var machines = await write.Db.Machines.Where(m => !m.Retired).Select(m => m.Rule).ToListAsync(cancel);
            if (machines.Any(rule => rule.TrainingsAsked().Contains(training.Id)))
                return Refusal.Conflict("training_asked", "A machine asks for this training.", "retired");
        }

        List<TrainingId> wanted = [.. (request.Prerequisites ?? []).Distinct()];
        if (await write.Db.Trainings.CountAsync(t => wanted.Contains(t.Id), cancel) != wanted.Count)
            return Refusal.BadValue("prerequisites", "One of them is not in the catalogue.");
        var rows = await write.Db.TrainingPrerequisites.ToListAsync(cancel);
        if (Reaches(wanted, training.Id, rows.Where(p => p.TrainingId != training.Id).ToLookup(p => p.TrainingId, p => p.Needs)))
            return Refusal.Conflict("prerequisite_circle", "The prerequisites would lead back to this training.", "prerequisites");
        var was = rows.Where(p => p.TrainingId == training.Id).ToList();
        write.Db.TrainingPrerequisites.RemoveRange(was.Where(p => !wanted.Contains(p.Needs)));
        write.Db.TrainingPrerequisites.AddRange(
            wanted.Where(id => !was.Exists(p => p.Needs == id)).Select(id => new TrainingPrerequisite { TrainingId = training.Id, Needs = id }));

        training.NameFr = french;
        training.NameEn = english;
        training.DescriptionFr = Lines(request.DescriptionFr);
        training.DescriptionEn = Lines(request.DescriptionEn);
        training.Kind = request.Kind;
        training.Minutes = request.Minutes;
        training.Places = request.Places;
        training.Trainer = request.Trainer;
        training.Gives = request.Gives;
        training.ValidMonths = request.ValidMonths;
        training.UnusedMonths = request.UnusedMonths;
        training.Retired = request.Retired;
        write.Audit(by.Id, action, training.Id.Value, training.Code);
        return new TrainingSet(training.Id, training.Version);
    }

    private static string Lines(string? text) => Text.Clean(text, MaxDescription);

    /// <summary>Whether one comes back to a training by going from some of them to what those need, and so on.</summary>
    private static bool Reaches(IEnumerable<TrainingId> from, TrainingId goal, ILookup<TrainingId, TrainingId> needs)
    {
        var open = new Stack<TrainingId>(from);
        var seen = new HashSet<TrainingId>();
        while (open.TryPop(out var one))
        {
            if (one == goal)
                return true;
            if (!seen.Add(one))
                continue;
            foreach (var next in needs[one])
                open.Push(next);
        }
        return false;
    }
}
