using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Minors.Pages;

/// <summary>The page of somebody under 18, for those who look after them.</summary>
internal static class MinorPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Pages(Right.SeeMinors).MapGet("/people/{id:guid}/minor", async (Guid id, PageFrame frame, BookingDbContext db, CancellationToken cancellationToken) =>
            frame.Viewer.May(Right.SeeMinors, new PersonId(id)) ? await ShowAsync(200, new PersonId(id), null, db, cancellationToken) : Results.NotFound());
        RouteGroupBuilder keeping = routes.Pages(Right.KeepMinors);
        keeping.MapPost("/people/{id:guid}/minor", async (
            Guid id, [FromForm] long? version, [FromForm] string? alone, HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
            await AfterAsync(
                await handler.SetLeaveAloneAsync(new PersonId(id), new LeaveAloneChange(version ?? 0, alone switch { "yes" => true, "no" => false, _ => null }), frame.Viewer.Actor!, cancellationToken),
                _ => new DoneNote(MinorText.Saved.Words()), new MinorEntered("leave", null, MinorText.Changed), new PersonId(id), http, db, notes, cancellationToken));
        keeping.MapPost("/people/{id:guid}/minor/contacts", async (
            Guid id, [FromForm] string? name, [FromForm] string? phone, [FromForm] bool? guardian, [FromForm] bool? fetch, [FromForm] bool? call,
            HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
        {
            var contact = new NewContact(name, phone, guardian == true, fetch == true, call == true);
            return await AfterAsync(
                await handler.AddContactAsync(new PersonId(id), contact, frame.Viewer.Actor!, cancellationToken),
                added => new DoneNote(MinorText.Added.Words(Text.Clean(name, MinorContact.MaxName)), $"/people/{id}/minor/contacts/remove", new Dictionary<string, string> { ["contact"] = added.Id.ToString() }),
                new MinorEntered("contact", null, MinorText.Changed, Contact: contact), new PersonId(id), http, db, notes, cancellationToken);
        });
        keeping.MapPost("/people/{id:guid}/minor/contacts/remove", async (
            Guid id, [FromForm] Guid? contact, HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
            await AfterAsync(
                await handler.RemoveContactAsync(contact ?? Guid.Empty, frame.Viewer.Actor!, cancellationToken),
                gone => new DoneNote(MinorText.Removed.Words(gone.Name), $"/people/{id}/minor/contacts", Fields(gone)),
                new MinorEntered("contacts", null, MinorText.Changed), new PersonId(id), http, db, notes, cancellationToken));
        keeping.MapPost("/people/{id:guid}/minor/consents", async (
            Guid id, [FromForm] string? kind, [FromForm] string? by, [FromForm] string? on, [FromForm] string? until, [FromForm] string? use,
            HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
        {
            var consent = new NewConsent(Enum.TryParse(kind, out ConsentKind parsed) ? parsed : ConsentKind.TakePart, by, Day(on), Day(until), use);
            var entered = new MinorEntered("consent", null, MinorText.Changed, Consent: consent);
            if (!string.IsNullOrWhiteSpace(on) && consent.GivenOn is null)
                return await ShowAsync(400, new PersonId(id), entered with { Field = "givenOn", Fault = MinorText.FaultGivenOn }, db, cancellationToken);
            if (!string.IsNullOrWhiteSpace(until) && consent.Until is null)
                return await ShowAsync(400, new PersonId(id), entered with { Field = "until", Fault = MinorText.FaultUntil }, db, cancellationToken);
            return await AfterAsync(
                await handler.AddConsentAsync(new PersonId(id), consent, frame.Viewer.Actor!, cancellationToken),
                _ => new DoneNote(MinorText.Saved.Words()), entered, new PersonId(id), http, db, notes, cancellationToken);
        });
        keeping.MapPost("/people/{id:guid}/minor/consents/withdraw", (
            Guid id, [FromForm] Guid? consent, HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
            EndAsync(id, consent, true, http, frame, db, handler, notes, cancellationToken));
        keeping.MapPost("/people/{id:guid}/minor/consents/restore", (
            Guid id, [FromForm] Guid? consent, HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
            EndAsync(id, consent, false, http, frame, db, handler, notes, cancellationToken));
    }

    private static async Task<IResult> EndAsync(
        Guid id, Guid? consent, bool withdrawn, HttpContext http, PageFrame frame, BookingDbContext db, KeepMinor handler, DoneNotes notes, CancellationToken cancellationToken) =>
        await AfterAsync(
            await handler.WithdrawAsync(consent ?? Guid.Empty, withdrawn, frame.Viewer.Actor!, cancellationToken),
            changed => withdrawn
                ? new DoneNote(MinorText.WithdrawnNote.Words(), $"/people/{id}/minor/consents/restore", new Dictionary<string, string> { ["consent"] = changed.Id.ToString() })
                : new DoneNote(MinorText.Restored.Words()),
            new MinorEntered("consents", null, MinorText.Changed), new PersonId(id), http, db, notes, cancellationToken);

    private static async Task<IResult> AfterAsync<T>(
        Outcome<T> outcome, Func<T, DoneNote> done, MinorEntered entered, PersonId id, HttpContext http, BookingDbContext db, DoneNotes notes, CancellationToken cancellationToken)
    {
        if (outcome.Refusal is not { } refusal)
        {
            notes.Leave(http, done(outcome.Value));
            return Results.LocalRedirect($"/people/{id}/minor");
        }
        var fault = refusal switch
        {
            { Code: "too_many_contacts" } => MinorText.FaultMany,
            { Code: ProblemCodes.BadValue, Field: "name" or "givenBy" } => MinorText.FaultName,
            { Code: ProblemCodes.BadValue, Field: "phone" } => MinorText.FaultPhone,
            { Code: ProblemCodes.BadValue, Field: "isGuardian" } => MinorText.FaultWhatFor,
            { Code: ProblemCodes.BadValue, Field: "use" } => MinorText.FaultUse,
            { Code: ProblemCodes.BadValue, Field: "givenOn" } => MinorText.FaultGivenOn,
            { Code: ProblemCodes.BadValue, Field: "until" } => MinorText.FaultUntil,
            _ => MinorText.Changed,
        };
        return await ShowAsync(refusal.Status, id, entered with { Field = refusal.Field, Fault = fault }, db, cancellationToken);
    }

    private static async Task<IResult> ShowAsync(int status, PersonId id, MinorEntered? entered, BookingDbContext db, CancellationToken cancellationToken)
    {
        if (await db.People.SingleOrDefaultAsync(person => person.Id == id, cancellationToken) is not { } person)
            return Results.NotFound();
        var sheet = await db.MinorSheets.SingleOrDefaultAsync(s => s.PersonId == id, cancellationToken);
        var view = new MinorView(
            id, person.DisplayName ?? person.ShortCode, person.ShortCode, person.IsAdult, person.BirthDate, sheet?.MayLeaveAlone, sheet?.Version ?? 0,
            person.IsAdult ? [] : await db.MinorContacts.Where(contact => contact.PersonId == id).OrderByDescending(contact => contact.CallFirst).ThenBy(contact => contact.Id).ToListAsync(cancellationToken),
            person.IsAdult ? [] : await db.MinorConsents.Where(consent => consent.PersonId == id).OrderBy(consent => consent.Kind).ThenByDescending(consent => consent.Until).ToListAsync(cancellationToken));
        return Web.Pages.Show<MinorPage>(status, (nameof(MinorPage.View), view), (nameof(MinorPage.Entered), entered));
    }

    private static Dictionary<string, string> Fields(MinorContact contact)
    {
        var fields = new Dictionary<string, string> { ["name"] = contact.Name, ["phone"] = contact.Phone ?? "" };
        if (contact.IsGuardian)
            fields["guardian"] = "true";
        if (contact.MayFetch)
            fields["fetch"] = "true";
        if (contact.CallFirst)
            fields["call"] = "true";
        return fields;
    }

    private static LocalDate? Day(string? text) => LocalDatePattern.Iso.Parse(text?.Trim() ?? "").TryGetValue(default, out var day) ? day : null;
}
