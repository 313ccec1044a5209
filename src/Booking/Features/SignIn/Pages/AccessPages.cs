using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>Ways in for others, and what they are in the place.</summary>
internal static class AccessPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.GiveSignIn).MapPost("/people/{id:guid}/sign-in", GiveAsync);
        RouteGroupBuilder accounts = routes.Pages(Right.KeepAccounts);
        accounts.MapGet("/people/{id:guid}/account", async (Guid id, BookingDbContext db, PageText text, CancellationToken cancellationToken) =>
            await ShowAsync(200, new PersonId(id), null, null, db, text, cancellationToken));
        accounts.MapPost("/people/{id:guid}/account", SetAsync);
    }

    private static async Task<IResult> GiveAsync(
        Guid id, HttpContext http, BookingDbContext db, GiveAccess handler, PageFrame frame, IOptions<BookingOptions> options, CancellationToken cancellationToken)
    {
        var person = new PersonId(id);
        Outcome<AccessGiven> outcome = await handler.HandleAsync(person, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.Status == StatusCodes.Status404NotFound
                ? Results.NotFound()
                : Web.Pages.Show<MessagePage>(
                    refusal.Status,
                    (nameof(MessagePage.Heading), SignInText.AccessTitle),
                    (nameof(MessagePage.Body), refusal.Code == "account_closed" ? SignInText.AccessClosed : SignInText.AccessNotYours));
        }

        string address = options.Value.SiteFor(http.Request);
        return Web.Pages.Show<GivenPage>(
            (nameof(GivenPage.Given), outcome.Value),
            (nameof(GivenPage.Person), person),
            (nameof(GivenPage.Name), await NameAsync(db, person, cancellationToken)),
            (nameof(GivenPage.Address), address + outcome.Value.Path));
    }

    private static async Task<IResult> SetAsync(
        Guid id, HttpContext http, BookingDbContext db, SetAccount handler, DoneNotes notes, PageFrame frame, PageText text, CancellationToken cancellationToken)
    {
        IFormCollection form = await http.Request.ReadFormAsync(cancellationToken);
        var person = new PersonId(id);
        var entered = new AccountOfPerson(
            long.TryParse(form["version"], out long version) ? version : 0,
            [.. form["roles"].Select(name => Enum.TryParse(name, out Role role) ? role : Role.None)],
            form["active"] == "true",
            [.. Machines(form["leads"])],
            [.. Machines(form["trains"])]);
        Outcome<Changed> outcome = await handler.HandleAsync(person, entered, frame.Viewer.Actor!, cancellationToken);
        if (outcome.Refusal is not { } refusal)
        {
            notes.Leave(http, new DoneNote(SignInText.RolesSaved.Words()));
            return Results.LocalRedirect($"/people/{id}/account");
        }
        return refusal.Code switch
        {
            "person_unknown" => Results.NotFound(),
            ProblemCodes.Stale => await ShowAsync(refusal.Status, person, null, SignInText.RolesStale, db, text, cancellationToken),
            "last_manager" => await ShowAsync(refusal.Status, person, entered, SignInText.RolesLastManager, db, text, cancellationToken),
            _ when refusal.Field == "roles" => await ShowAsync(refusal.Status, person, entered, SignInText.RolesUnfit, db, text, cancellationToken),
            _ => await ShowAsync(refusal.Status, person, entered, WebText.NotDone, db, text, cancellationToken),
        };
    }

    private static IEnumerable<MachineId> Machines(IEnumerable<string?> values) =>
        values.Select(value => Ids.TryParse(value, out MachineId id) ? id : (MachineId?)null).OfType<MachineId>();

    private static async Task<string> NameAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken) =>
        await db.People.Where(p => p.Id == person).Select(p => p.DisplayName ?? p.ShortCode).SingleAsync(cancellationToken);

    private static async Task<IResult> ShowAsync(
        int status, PersonId person, AccountOfPerson? entered, Phrase? problem, BookingDbContext db, PageText text, CancellationToken cancellationToken)
    {
        if (!await db.People.AnyAsync(p => p.Id == person, cancellationToken))
            return Results.NotFound();
        if (entered is null)
        {
            StaffAccount? account = await db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == person, cancellationToken);
            List<MachineDuty> duties = await db.MachineDuties.Where(d => d.PersonId == person).ToListAsync(cancellationToken);
            entered = new AccountOfPerson(
                account?.Version ?? 0,
                [.. Rights.Roles.Where(role => account?.Role.HasFlag(role) == true)],
                account?.Active ?? true,
                [.. duties.Where(d => d.Duty == Duty.Leads).Select(d => d.MachineId)],
                [.. duties.Where(d => d.Duty == Duty.Trains).Select(d => d.MachineId)]);
        }

        var machines = await db.Machines.Where(m => !m.Retired && m.Kind == ResourceKind.Machine).OrderBy(m => m.Code).Select(m => new { m.Id, m.Code, m.NameFr, m.NameEn }).ToListAsync(cancellationToken);
        return Web.Pages.Show<RolesPage>(
            status,
            (nameof(RolesPage.Person), person),
            (nameof(RolesPage.Name), await NameAsync(db, person, cancellationToken)),
            (nameof(RolesPage.Entered), entered),
            (nameof(RolesPage.Machines), (IReadOnlyList<(MachineId, string)>)[.. machines.Select(m => (m.Id, $"{m.Code} · {text.Pick(m.NameFr, m.NameEn)}"))]),
            (nameof(RolesPage.Problem), problem));
    }
}
