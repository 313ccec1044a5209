using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>What a machine asks for, for who keeps it; what is fitted to it now, for who is in charge on the floor.</summary>
internal static class MachineRulesPages
{
    private const string BadNumber = "?";

    public static void Map(RouteGroupBuilder machines, RouteGroupBuilder floor, RouteGroupBuilder lab)
    {
        machines.MapGet("/machines/{code}/rules", async (string code, BookingDbContext db, PageFrame frame, CancellationToken cancellationToken) =>
            await SheetAsync(db, frame.Viewer, code, cancellationToken) is { } sheet ? (IResult)Show(200, sheet) : Results.NotFound());
        machines.MapPost("/machines/{code}/rules", SetAsync);
        lab.MapPost("/machines/{code}/rules/ratio", SetRatioAsync).WithMetadata(new TracedAs("site.ratio"));
        floor.MapPost("/machines/{code}/options", FitAsync);
    }

    private static async Task<IResult> SetAsync(
        string code, IFormCollection form, HttpContext http, BookingDbContext db, SetMachineRules handler, DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine
            || await SheetAsync(db, frame.Viewer, code, cancellationToken) is not { } now)
        {
            return Results.NotFound();
        }

        MachineRulesSheet entered = Read(form, now);
        if (Age(entered.AgeAccompanied) is not { Ok: true } accompanied)
            return Show(400, entered with { Fault = ("ageAccompanied", HabilitationText.BadAge) });
        if (Age(entered.AgeAlone) is not { Ok: true } alone)
            return Show(400, entered with { Fault = ("ageAlone", HabilitationText.BadAge) });
        List<OptionSheet> options = [.. entered.Options.Where(o => o.Code.Length > 0)];
        if (options.Any(o => !Age(o.AgeAlone).Ok))
            return Show(400, entered with { Fault = ("options", HabilitationText.BadOption) });
        Outcome<RulesSet> outcome = await handler.HandleAsync(
            machine.Id,
            new MachineRules(
                entered.Level, accompanied.Years, alone.Years, entered.NeedsMembership, entered.NeedsCheckIn, entered.NeedsProject,
                entered.NeedsSecondPerson, entered.LearnersWelcome, entered.Rows,
                [.. options.Select(o => new MachineOptionRules(o.Code, o.NameFr, o.NameEn, o.Trainings is { } asked ? [asked] : null, Age(o.AgeAlone).Years))],
                entered.Version),
            frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Code == ProblemCodes.Stale
                ? Show(refusal.Status, now with { Problem = HabilitationText.RulesChanged })
                : Show(refusal.Status, refusal.Field is { } field
                    ? entered with
                    {
                        Fault = (field, field switch
                        {
                            "ageAccompanied" => HabilitationText.BadAge,
                            "ageAlone" => alone.Years < accompanied.Years ? HabilitationText.BadAges : HabilitationText.BadAge,
                            "trainings" => HabilitationText.BadTraining,
                            _ => HabilitationText.BadOption,
                        }),
                    }
                    : entered with { Problem = WebText.NotDone });
        }

        notes.Leave(http, new DoneNote(HabilitationText.Saved.Words(code)));
        return Results.LocalRedirect(Address(code));
    }

    private static async Task<IResult> SetRatioAsync(
        string code, [FromForm] string? minors, [FromForm] long? version, HttpContext http, BookingDbContext db, SetMachineRules handler, DoneNotes notes,
        PageFrame frame, CancellationToken cancellationToken)
    {
        if (await SheetAsync(db, frame.Viewer, code, cancellationToken) is not { } now)
            return Results.NotFound();
        int number = int.TryParse(minors, CultureInfo.InvariantCulture, out int read) ? read : -1;
        Outcome<RulesSet> outcome = await handler.SetRatioAsync(new RatioRules(number, version ?? -1), frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return Show(refusal.Status, refusal.Field is not null
                ? now with { Fault = ("minors", HabilitationText.BadRatio) }
                : now with { Problem = refusal.Code == ProblemCodes.Stale ? HabilitationText.RulesChanged : WebText.NotDone });
        }

        notes.Leave(http, new DoneNote(HabilitationText.RatioSaved.Words(number)));
        return Results.LocalRedirect(Address(code));
    }

    private static async Task<IResult> FitAsync(
        string code, [FromForm] string? option, [FromForm] bool? fitted, [FromForm] string? back, HttpContext http, BookingDbContext db, SetMachineRules handler,
        DoneNotes notes, PageFrame frame, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine
            || machine.Rule.Options.FirstOrDefault(o => o.Code == option) is not { } named || fitted is not { } now)
        {
            return Results.NotFound();
        }

        Outcome<RulesSet> outcome = await handler.FitAsync(machine.Id, named.Code, now, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return Results.StatusCode(refusal.Status);
        Phrase done = now ? HabilitationText.SavedOption : HabilitationText.SavedOptionOff;
        notes.Leave(http, new DoneNote(
            new Words(done.In(Language.French, code, named.NameFr), done.In(Language.English, code, named.NameEn)),
            $"/machines/{Uri.EscapeDataString(code)}/options",
            new Dictionary<string, string> { ["option"] = named.Code, ["fitted"] = now ? "false" : "true", ["back"] = back ?? "" }));
        return Results.LocalRedirect(Web.Pages.Local(string.IsNullOrEmpty(back) ? $"/machines/{Uri.EscapeDataString(code)}" : back));
    }

    private static string Address(string code) => $"/machines/{Uri.EscapeDataString(code)}/rules";

    private static RazorComponentResult<MachineRulesPage> Show(int status, MachineRulesSheet sheet) => Web.Pages.Show<MachineRulesPage>(status, (nameof(MachineRulesPage.Sheet), sheet));

    private static (bool Ok, int? Years) Age(string text) =>
        text.Length == 0 ? (true, null)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int years) && years <= SetMachineRules.HighestAge ? (true, years)
        : (false, null);

    /// <summary>Null when there is no such machine, or it is not the viewer's to keep.</summary>
    private static async Task<MachineRulesSheet?> SheetAsync(BookingDbContext db, Viewer viewer, string code, CancellationToken cancellationToken)
    {
        if (await db.Machines.SingleOrDefaultAsync(m => m.Code == code && !m.Retired, cancellationToken) is not { } machine || !viewer.May(Right.KeepMachines, machine.Id))
            return null;
        var site = await db.Sites.SingleAsync(cancellationToken);
        HashSet<TrainingId> asked = [.. machine.Rule.TrainingsAsked()];
        var trainings = (await db.Trainings.ToListAsync(cancellationToken)).Where(t => !t.Retired || asked.Contains(t.Id)).OrderBy(t => t.NameFr, StringComparer.CurrentCulture);
        MachineRule rule = machine.Rule;
        return new MachineRulesSheet
        {
            Code = machine.Code,
            Name = rule.Name(),
            Version = machine.Version,
            Level = rule.Level,
            AgeAccompanied = rule.AgeAccompanied?.ToString(CultureInfo.InvariantCulture) ?? "",
            AgeAlone = rule.AgeAlone?.ToString(CultureInfo.InvariantCulture) ?? "",
            NeedsMembership = rule.NeedsMembership,
            NeedsCheckIn = rule.NeedsCheckIn,
            NeedsProject = rule.NeedsProject,
            NeedsSecondPerson = rule.NeedsSecondPerson,
            LearnersWelcome = rule.LearnersWelcome,
            Rows = TrainingNeeds.Rows(rule.Requirement),
            Options =
            [
                .. rule.Options.Select(o => new OptionSheet(
                    o.Code, o.NameFr, o.NameEn, o.AgeAlone?.ToString(CultureInfo.InvariantCulture) ?? "",
                    TrainingNeeds.Rows(o.Requirement) switch { [] => [], [var only] => only, _ => null }, o.Fitted)),
            ],
            Trainings = [.. trainings.Select(t => (t.Id, new Words(t.NameFr, t.NameEn)))],
            MinorsPerAdult = site.Rule.MinorsPerAdult,
            SiteVersion = site.Version,
        };
    }

    /// <summary>What was written, so that a fault loses none of it.</summary>
    private static MachineRulesSheet Read(IFormCollection form, MachineRulesSheet now) => now with
    {
        Version = long.TryParse(form["version"], CultureInfo.InvariantCulture, out long version) ? version : -1,
        Level = Enum.TryParse(form["level"], out MachineLevel level) && Enum.IsDefined(level) ? level : now.Level,
        AgeAccompanied = Written(form, "ageAccompanied"),
        AgeAlone = Written(form, "ageAlone"),
        NeedsMembership = form.ContainsKey("membership"),
        NeedsCheckIn = form.ContainsKey("checkIn"),
        NeedsProject = form.ContainsKey("project"),
        NeedsSecondPerson = form.ContainsKey("second"),
        LearnersWelcome = form.ContainsKey("learners"),
        Rows = now.Rows is null
            ? null
            : [.. Enumerable.Range(0, TrainingNeeds.MostRows).Select(row => Chosen(form, $"row{row}")).Where(row => row.Count > 0)],
        Options =
        [
            .. Enumerable.Range(0, SetMachineRules.MostOptions + 1).Where(i => form.ContainsKey($"option{i}code")).Select(i =>
            {
                string code = Written(form, $"option{i}code");
                OptionSheet? was = now.Options.FirstOrDefault(o => o.Code == code);
                return new OptionSheet(
                    code, Written(form, $"option{i}fr"), Written(form, $"option{i}en"), Written(form, $"option{i}age"),
                    was is { Trainings: null } ? null : Chosen(form, $"option{i}training"), was?.Fitted ?? false);
            }),
        ],
    };

    private static string Written(IFormCollection form, string field) => form[field].ToString().Trim() is { Length: <= 200 } text ? text : BadNumber;

    private static List<TrainingId> Chosen(IFormCollection form, string field) =>
        [.. form[field].Select(value => Ids.TryParse(value, out TrainingId id) ? id : default).Distinct()];
}
