using System.Text.RegularExpressions;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations;

/// <summary>What a machine asks of people. Trainings are rows: of every row at least one; null leaves them as they are.</summary>
public sealed record MachineRules(
    MachineLevel Level,
    int? AgeAccompanied,
    int? AgeAlone,
    bool NeedsMembership,
    bool NeedsCheckIn,
    bool NeedsProject,
    bool NeedsSecondPerson,
    bool LearnersWelcome,
    IReadOnlyList<IReadOnlyList<TrainingId>>? Trainings,
    IReadOnlyList<MachineOptionRules>? Options,
    long Version);

/// <summary>What an option asks for besides.</summary>
public sealed record MachineOptionRules(string Code, string NameFr, string NameEn, IReadOnlyList<IReadOnlyList<TrainingId>>? Trainings, int? AgeAlone);

/// <summary>An option is fitted, or taken off.</summary>
public sealed record OptionFitted(bool Fitted);

/// <summary>How many minors one adult may accompany at machines at once, everywhere in the place.</summary>
public sealed record RatioRules(int MinorsPerAdult, long Version);

public sealed record RulesSet(long Version);

/// <summary>Sets what a machine asks for; the one rule that web, kiosk, API and relay ask.</summary>
internal sealed partial class SetMachineRules(BookingWriter writer)
{
    public const int MostOptions = 8;
    public const int MaxName = 80;

    /// <summary>The age of adults is not kept, so that no machine can ask for more.</summary>
    public const int HighestAge = 18;

    /// <param name="machines">Who says what a machine asks for.</param>
    /// <param name="floor">Who is at the machine and may lock it out: what is fitted changes during the day.</param>
    /// <param name="lab">Who says what holds everywhere in the place.</param>
    public static void Map(RouteGroupBuilder machines, RouteGroupBuilder floor, RouteGroupBuilder lab)
    {
        machines.MapPut("/machines/{id:guid}/rules", async (
                Guid id, MachineRules request, HttpContext http, SetMachineRules handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(new MachineId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetMachineRules").WithTags("machines").WithSummary("Sets what a machine asks of people.")
            .Produces<RulesSet>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        lab.MapPut("/site/ratio", async (RatioRules request, HttpContext http, SetMachineRules handler, CancellationToken cancellationToken) =>
                (await handler.SetRatioAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetRatio").WithTags("machines").WithSummary("Sets how many minors one adult may accompany at once.")
            .Produces<RulesSet>().ProducesProblem(StatusCodes.Status409Conflict);
        floor.MapPut("/machines/{id:guid}/options/{code}", async (
                Guid id, string code, OptionFitted request, HttpContext http, SetMachineRules handler, CancellationToken cancellationToken) =>
                (await handler.FitAsync(new MachineId(id), code, request.Fitted, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("FitOption").WithTags("machines").WithSummary("Says that an option is fitted to a machine, or taken off.")
            .Produces<RulesSet>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    public Task<Outcome<RulesSet>> HandleAsync(MachineId id, MachineRules request, StaffActor by, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<RulesSet>(
            id, Right.KeepMachines, request.Version, by,
            async (write, machine, cancel) =>
            {
                if (!Enum.IsDefined(request.Level))
                    return Refusal.BadValue("level", "green, orange or red.");
                if (request.AgeAccompanied is < 0 or > HighestAge)
                    return Refusal.BadValue("ageAccompanied", $"0 to {HighestAge}: the age of adults is not kept.");
                if (request.AgeAlone is < 0 or > HighestAge)
                    return Refusal.BadValue("ageAlone", $"0 to {HighestAge}: the age of adults is not kept.");
                if (request.AgeAlone < request.AgeAccompanied)
                    return Refusal.BadValue("ageAlone", "Not below the age with somebody beside.");
                // One that is asked for already may have been retired since: it stays until somebody takes it out.
                var known = (await write.Db.Trainings.Where(t => !t.Retired).Select(t => t.Id).ToListAsync(cancel)).Concat(machine.Rule.TrainingsAsked()).ToHashSet();
                if (Check(request.Trainings, known) is { } fault)
                    return Refusal.BadValue("trainings", fault);

                var options = machine.Rule.Options;
                if (request.Options is { } wanted)
                {
                    if (OptionsOf(wanted, machine.Rule, request.AgeAlone, known, out var refusal) is not { } set)
                        return refusal!;
                    options = set;
                }
                machine.Describe(machine.Rule with
                {
                    Level = request.Level,
                    AgeAccompanied = request.AgeAccompanied,
                    AgeAlone = request.AgeAlone,
                    NeedsMembership = request.NeedsMembership,
                    NeedsCheckIn = request.NeedsCheckIn,
                    NeedsProject = request.NeedsProject,
                    NeedsSecondPerson = request.NeedsSecondPerson,
                    LearnersWelcome = request.LearnersWelcome,
                    Requirement = request.Trainings is { } rows ? TrainingNeeds.FromRows(rows) : machine.Rule.Requirement,
                    Options = options,
                });
                machine.Version++;
                write.Audit(by.Id, "machine.rules", id.Value, machine.Code);
                return new RulesSet(machine.Version);
            },
            cancellationToken);

    public Task<Outcome<RulesSet>> FitAsync(MachineId id, string code, bool fitted, StaffActor by, CancellationToken cancellationToken) =>
        writer.OnMachineAsync<RulesSet>(
            id, Right.LockOut, version: null, by,
            async (write, machine, cancel) =>
            {
                if (machine.Rule.Options.All(o => o.Code != code))
                    return Refusal.NotFound("option");
                if (machine.Rule.Options.Any(o => o.Code == code && o.Fitted != fitted))
                {
                    machine.Describe(machine.Rule with { Options = [.. machine.Rule.Options.Select(o => o.Code == code ? o with { Fitted = fitted } : o)] });
                    machine.Version++;
                    write.Audit(by.Id, fitted ? "machine.option_fitted" : "machine.option_removed", id.Value, code);
                }
                return new RulesSet(machine.Version);
            },
            cancellationToken);

    public Task<Outcome<RulesSet>> SetRatioAsync(RatioRules request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<RulesSet>(
            async (write, cancel) =>
            {
                if (request.MinorsPerAdult is < 0 or > 50)
                    return Refusal.BadValue("minorsPerAdult", "0 to 50.");
                if (await write.Db.Sites.SingleOrDefaultAsync(cancel) is not { } site)
                    return Refusal.NotFound("site");
                if (site.Version != request.Version)
                    return Refusal.Stale;
                site.Rule = site.Rule with { MinorsPerAdult = request.MinorsPerAdult };
                site.Version++;
                write.Audit(by.Id, "site.ratio", Guid.Empty, request.MinorsPerAdult.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return new RulesSet(site.Version);
            },
            cancellationToken);

    private static ValueList<MachineOption>? OptionsOf(
        IReadOnlyList<MachineOptionRules> wanted, MachineRule before, int? ageAlone, HashSet<TrainingId> known, out Refusal? refusal)
    {
        refusal = null;
        if (wanted.Count > MostOptions)
            refusal = Refusal.BadValue("options", $"At most {MostOptions} options.");
        ValueList<MachineOption> options = [];
        foreach (var option in wanted)
        {
            if (refusal is not null)
                break;
            var (nameFr, nameEn) = (Text.Required(option.NameFr, MaxName), Text.Required(option.NameEn, MaxName));
            if (!OptionCode().IsMatch(option.Code ?? ""))
                refusal = Refusal.BadValue("options", "The short name of an option is 1 to 24 of a–z, 0–9 and '-'.");
            else if (options.Any(o => o.Code == option.Code))
                refusal = Refusal.BadValue("options", "Two options have the same short name.");
            else if (nameFr is null || nameEn is null)
                refusal = Refusal.BadValue("options", $"An option has a French and an English name of 1 to {MaxName} characters.");
            else if (option.AgeAlone is < 0 or > HighestAge || option.AgeAlone < ageAlone)
                refusal = Refusal.BadValue("options", $"The age of an option is not below the machine's and at most {HighestAge}.");
            else if (Check(option.Trainings, known) is { } fault)
                refusal = Refusal.BadValue("options", fault);
            else
            {
                var was = before.Options.FirstOrDefault(o => o.Code == option.Code);
                options = options.Add(new MachineOption(
                    option.Code!, nameFr, nameEn, option.Trainings is { } rows ? TrainingNeeds.FromRows(rows) : was?.Requirement, option.AgeAlone, was?.Fitted ?? false));
            }
        }
        return refusal is null ? options : null;
    }

    private static string? Check(IReadOnlyList<IReadOnlyList<TrainingId>>? rows, HashSet<TrainingId> known) => rows switch
    {
        null => null,
        { Count: > TrainingNeeds.MostRows } => $"At most {TrainingNeeds.MostRows} rows.",
        _ when rows.Any(row => row is null || row.Any(id => !known.Contains(id))) => "It names a training that is not there.",
        _ => null,
    };

    [GeneratedRegex("^[a-z0-9-]{1,24}$")]
    private static partial Regex OptionCode();
}
