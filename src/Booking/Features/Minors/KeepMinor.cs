using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Minors;

/// <summary>Whether a minor may go home alone; null when nobody has said. The version is the one the change was made from, 0 at first.</summary>
public sealed record LeaveAloneChange(long Version, bool? MayLeaveAlone);

/// <summary>A grown-up of a minor.</summary>
public sealed record NewContact(string? Name, string? Phone = null, bool IsGuardian = false, bool MayFetch = false, bool CallFirst = false);

/// <summary>A consent as it was given. Without an end it holds for a year.</summary>
public sealed record NewConsent(ConsentKind Kind, string? GivenBy, LocalDate? GivenOn = null, LocalDate? Until = null, string? Use = null);

public sealed record MinorThing(Guid Id);

/// <summary>What the team must know of somebody under 18: only that, and only as long.</summary>
internal sealed class KeepMinor(BookingWriter writer)
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapPut("/people/{id:guid}/minor", async (Guid id, LeaveAloneChange request, HttpContext http, KeepMinor handler, CancellationToken cancellationToken) =>
                (await handler.SetLeaveAloneAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetLeaveAlone").WithTags("minors").WithSummary("Says whether a minor may go home alone.")
            .Produces<Changed>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/people/{id:guid}/minor/contacts", async (Guid id, NewContact request, HttpContext http, KeepMinor handler, CancellationToken cancellationToken) =>
                (await handler.AddContactAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddMinorContact").WithTags("minors").WithSummary("Adds a guardian, somebody who may fetch, or somebody to call.")
            .Produces<MinorThing>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/minor-contacts/{id:guid}", async (Guid id, HttpContext http, KeepMinor handler, CancellationToken cancellationToken) =>
                (await handler.RemoveContactAsync(id, http.Actor(), cancellationToken)).ToResult(_ => Results.NoContent()))
            .WithName("RemoveMinorContact").WithTags("minors").WithSummary("Takes a grown-up of a minor away.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/people/{id:guid}/minor/consents", async (Guid id, NewConsent request, HttpContext http, KeepMinor handler, CancellationToken cancellationToken) =>
                (await handler.AddConsentAsync(new PersonId(id), request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status201Created))
            .WithName("AddMinorConsent").WithTags("minors").WithSummary("Notes a consent: what for, by whom, when and until when.")
            .Produces<MinorThing>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/minor-consents/{id:guid}/withdraw", async (Guid id, HttpContext http, KeepMinor handler, CancellationToken cancellationToken) =>
                (await handler.WithdrawAsync(id, withdrawn: true, http.Actor(), cancellationToken)).ToResult(_ => Results.NoContent()))
            .WithName("WithdrawMinorConsent").WithTags("minors").WithSummary("Ends a consent from now on.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public Task<Outcome<Changed>> SetLeaveAloneAsync(PersonId person, LeaveAloneChange request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<Changed>(
            async (write, cancel) =>
            {
                if (await FaultAsync(write, by, person, cancel) is { } fault)
                    return fault;
                var sheet = await write.Db.MinorSheets.SingleOrDefaultAsync(s => s.PersonId == person, cancel);
                if ((sheet?.Version ?? 0) != request.Version)
                    return Refusal.Stale;
                if (sheet is null)
                {
                    sheet = new MinorSheet { PersonId = person };
                    write.Db.MinorSheets.Add(sheet);
                }
                sheet.MayLeaveAlone = request.MayLeaveAlone;
                sheet.Version++;
                write.Audit(by.Id, "minor.leave_alone", person.Value, request.MayLeaveAlone switch { true => "yes", false => "no", null => "not said" });
                return new Changed(sheet.Version);
            },
            cancellationToken);

    public Task<Outcome<MinorThing>> AddContactAsync(PersonId person, NewContact request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MinorThing>(
            async (write, cancel) =>
            {
                if (await FaultAsync(write, by, person, cancel) is { } fault)
                    return fault;
                if (Text.Required(request.Name, MinorContact.MaxName) is not { } name)
                    return Refusal.BadValue("name", $"A name of 1 to {MinorContact.MaxName} characters.");
                var phone = Text.Required(request.Phone, MinorContact.MaxPhone);
                if (phone is null && !string.IsNullOrWhiteSpace(request.Phone))
                    return Refusal.BadValue("phone", $"A telephone number has at most {MinorContact.MaxPhone} characters.");
                if (phone is null && request.CallFirst)
                    return Refusal.BadValue("phone", "Whom to call first needs a telephone number.");
                if (!(request.IsGuardian || request.MayFetch || request.CallFirst))
                    return Refusal.BadValue("isGuardian", "Say what for: guardian, may fetch, or to call first.");
                if (await write.Db.MinorContacts.CountAsync(c => c.PersonId == person, cancel) >= 12)
                    return Refusal.Conflict("too_many_contacts", "Twelve grown-ups are enough. Take one away first.");
                var contact = new MinorContact
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    PersonId = person,
                    Name = name,
                    Phone = phone,
                    IsGuardian = request.IsGuardian,
                    MayFetch = request.MayFetch,
                    CallFirst = request.CallFirst,
                    AddedAt = write.Now,
                };
                write.Db.MinorContacts.Add(contact);
                // The audit says that, not whom: a grown-up's name lies in one place only.
                write.Audit(by.Id, "minor.contact_added", person.Value);
                return new MinorThing(contact.Id);
            },
            cancellationToken);

    public Task<Outcome<MinorContact>> RemoveContactAsync(Guid id, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MinorContact>(
            async (write, cancel) =>
            {
                if (await write.Db.MinorContacts.SingleOrDefaultAsync(c => c.Id == id, cancel) is not { } contact)
                    return Refusal.NotFound("contact");
                if (!await write.Db.MayAsync(by, Right.KeepMinors, contact.PersonId, cancel))
                    return Refusal.NotAllowed;
                write.Db.MinorContacts.Remove(contact);
                write.Audit(by.Id, "minor.contact_removed", contact.PersonId.Value);
                return contact;
            },
            cancellationToken);

    public Task<Outcome<MinorThing>> AddConsentAsync(PersonId person, NewConsent request, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MinorThing>(
            async (write, cancel) =>
            {
                if (await FaultAsync(write, by, person, cancel) is { } fault)
                    return fault;
                if (!Enum.IsDefined(request.Kind))
                    return Refusal.BadValue("kind", "takePart, care or photo.");
                if (Text.Required(request.GivenBy, MinorContact.MaxName) is not { } givenBy)
                    return Refusal.BadValue("givenBy", $"Say who gave it, in 1 to {MinorContact.MaxName} characters.");
                var use = Text.Required(request.Use, MinorConsent.MaxUse);
                if (request.Kind == ConsentKind.Photo && use is null)
                    return Refusal.BadValue("use", $"Say what the pictures may be used for, in 1 to {MinorConsent.MaxUse} characters.");
                var today = write.Now.InZone(await write.Db.ZoneAsync(cancel)).Date;
                var givenOn = request.GivenOn ?? today;
                if (givenOn > today || givenOn < today.PlusYears(-5))
                    return Refusal.BadValue("givenOn", "The day it was given lies in the last five years, today included.");
                var until = request.Until ?? givenOn.PlusYears(1);
                if (until < givenOn || until > givenOn.PlusYears(5))
                    return Refusal.BadValue("until", "It ends after it was given, and after five years at most.");
                var consent = new MinorConsent
                {
                    Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
                    PersonId = person,
                    Kind = request.Kind,
                    Use = request.Kind == ConsentKind.Photo ? use! : "",
                    GivenBy = givenBy,
                    GivenOn = givenOn,
                    Until = until,
                };
                write.Db.MinorConsents.Add(consent);
                write.Audit(by.Id, "minor.consent_noted", person.Value, consent.Kind.ToString());
                return new MinorThing(consent.Id);
            },
            cancellationToken);

    /// <summary>A withdrawal, or its undo.</summary>
    public Task<Outcome<MinorConsent>> WithdrawAsync(Guid id, bool withdrawn, StaffActor by, CancellationToken cancellationToken) =>
        writer.ChangeAsync<MinorConsent>(
            async (write, cancel) =>
            {
                if (await write.Db.MinorConsents.SingleOrDefaultAsync(c => c.Id == id, cancel) is not { } consent)
                    return Refusal.NotFound("consent");
                if (!await write.Db.MayAsync(by, Right.KeepMinors, consent.PersonId, cancel))
                    return Refusal.NotAllowed;
                if (withdrawn == consent.WithdrawnAt is not null)
                    return Refusal.Conflict("consent_so_already", "Somebody was faster: it is so already.");
                consent.WithdrawnAt = withdrawn ? write.Now : null;
                write.Audit(by.Id, withdrawn ? "minor.consent_withdrawn" : "minor.consent_restored", consent.PersonId.Value, consent.Kind.ToString());
                return consent;
            },
            cancellationToken);

    private static async Task<Refusal?> FaultAsync(BookingWrite write, StaffActor by, PersonId person, CancellationToken cancellationToken) =>
        await write.Db.People.Where(p => p.Id == person).Select(p => (bool?)p.IsAdult).SingleOrDefaultAsync(cancellationToken) switch
        {
            null => Refusal.NotFound("person"),
            _ when !await write.Db.MayAsync(by, Right.KeepMinors, person, cancellationToken) => Refusal.NotAllowed,
            true => Refusal.Conflict("is_adult", "This person is an adult: nothing of this is kept."),
            false => null,
        };
}
