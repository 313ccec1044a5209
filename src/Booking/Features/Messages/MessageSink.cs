using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>Writes people a message about what happens to their bookings.</summary>
internal sealed class MessageSink(MessageWriting messages, BookingSettingsCache settings) : IBookingEventSink
{
    public async Task OnAsync(BookingWrite write, BookingEvent told, CancellationToken cancellationToken)
    {
        var booking = told.Booking;
        if (booking.Kind == ReservationKind.Block)
            return;
        var readers = await ReadersAsync(write.Db, booking, cancellationToken);
        if (readers.Count == 0 || await MachineAsync(write.Db, booking.MachineId, cancellationToken) is not { } machine)
            return;
        var before = told.MachineBefore is { } id ? await MachineAsync(write.Db, id, cancellationToken) : null;
        var facts = new MessageFacts
        {
            Code = machine.Code,
            NameFr = machine.Name.Fr,
            NameEn = machine.Name.En,
            Start = booking.Start,
            End = booking.End,
            Before = told.Before?.Start,
            CodeBefore = before?.Code,
            Until = told.Kind == BookingEventKind.Offered ? booking.HeldUntil : null,
            Why = booking.Why,
        };
        foreach (var reader in readers)
        {
            if (MessageRules.Of(told, reader) is { } kind)
            {
                var once = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)kind}:{booking.Id.Value:N}:{booking.Version}:{write.Now.ToUnixTimeMilliseconds()}");
                await messages.AddAsync(write, reader, kind, facts, once, booking.Id, facts.Until ?? booking.End, cancellationToken);
            }
        }
    }

    /// <summary>What a machine is called; also one that has left the lab.</summary>
    private async Task<(string Code, Words Name)?> MachineAsync(BookingDbContext db, MachineId id, CancellationToken cancellationToken)
    {
        if ((await settings.GetAsync(db, cancellationToken)).Resources.TryGetValue(id, out var known))
            return (known.Code, known.Name);
        return await db.Machines.FindAsync([id], cancellationToken) is { } machine ? (machine.Code, machine.Rule.Name()) : null;
    }

    /// <summary>The person, or those who look after the group.</summary>
    private static async Task<IReadOnlyList<PersonId>> ReadersAsync(BookingDbContext db, Reservation booking, CancellationToken cancellationToken)
    {
        if (booking.PersonId is { } person)
            return [person];
        return booking.GroupId is { } group
            ? await db.GroupPlaces.Where(place => place.GroupId == group && place.Part == GroupPart.LooksAfter).Select(place => place.PersonId).ToListAsync(cancellationToken)
            : [];
    }
}

/// <summary>Adds a message, the way its reader chose.</summary>
internal sealed class MessageWriting(MailSignal signal, IOptions<BookingOptions> options)
{
    private const string Reader = """
        SELECT p.email IS NOT NULL AND p.mail_consent_at IS NOT NULL, c.site, c.mail
        FROM person p LEFT JOIN message_choice c ON c.person_id = p.id AND c.kind = $2 WHERE p.id = $1
        """;

    /// <param name="write">The write in which it happens.</param>
    /// <param name="person">Who is told.</param>
    /// <param name="kind">Of what kind it is.</param>
    /// <param name="facts">What is told.</param>
    /// <param name="once">Told already with the same text here: then not again.</param>
    /// <param name="booking">Which booking it is about; null for none.</param>
    /// <param name="uselessAt">From when on a mail would only confuse; null for never.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task AddAsync(
        BookingWrite write, PersonId person, MessageKind kind, MessageFacts facts, string once, BookingId? booking, Instant? uselessAt, CancellationToken cancellationToken)
    {
        if (write.Db.Rows.OfThisWrite.OfType<Message>().Any(message => message.PersonId == person && message.Once == once)
            || await ReaderAsync(write.Db, person, kind, cancellationToken) is not { } reader)
        {
            return;
        }
        var (site, mail) = reader is { Site: { } onSite, Mail: { } byMail } ? (onSite || MessageRules.AlwaysOnSite(kind), byMail) : MessageRules.Usual(kind);
        mail = mail && options.Value.Mail.On && reader.MayBeWrittenTo;
        // Without either there is nobody to tell; the row still keeps what is told once from being told again.
        write.Db.Rows.Add(new Message
        {
            Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()),
            PersonId = person,
            Kind = kind,
            At = write.Now,
            BookingId = booking,
            Facts = facts,
            Once = once,
            OnSite = site,
            Mail = mail ? MailState.Due : MailState.None,
            MailDueAt = mail ? write.Now : null,
            UselessAt = uselessAt,
        });
        if (mail)
            write.AfterCommit(signal.Call);
    }

    /// <summary>Has the next questions of this write ask along how somebody wants to be told, which is asked when they are.</summary>
    public static void Foresee(BookingDbContext db, PersonId person, MessageKind kind)
    {
        db.KnownReaders[(person, kind)] = null;
        db.Along.Add(Question(person, kind, reader => db.KnownReaders[(person, kind)] = reader));
    }

    private static async Task<MessageReader?> ReaderAsync(BookingDbContext db, PersonId person, MessageKind kind, CancellationToken cancellationToken)
    {
        if (db.Along.Count == 0 && db.KnownReaders.TryGetValue((person, kind), out var known))
            return known;
        MessageReader? reader = null;
        await db.AskAsync(cancellationToken, Question(person, kind, found => reader = found));
        return reader;
    }

    private static PlainQuestion Question(PersonId person, MessageKind kind, Action<MessageReader> found) => new(
        Reader, row => found(new MessageReader(row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetBoolean(2))), person.Value, (int)kind);
}

/// <summary>How somebody wants to be told of one kind.</summary>
/// <param name="MayBeWrittenTo">Whether they gave an address and agreed.</param>
/// <param name="Site">Whether they chose to be told on the site; null when they chose nothing.</param>
/// <param name="Mail">The same by mail.</param>
internal sealed record MessageReader(bool MayBeWrittenTo, bool? Site, bool? Mail);
