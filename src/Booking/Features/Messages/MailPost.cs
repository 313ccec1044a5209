using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Machines;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Features.Messages;

/// <summary>
/// Sends the mails that are due. Before one is sent its row says so for a while: of several copies of Booking one sends it, and
/// after a power cut it is sent again, under the same Message-ID. What fails is tried later and later, for three days; then it is
/// set aside with an alarm. No log line holds an address.
/// </summary>
internal sealed partial class MailPost(
    BookingWriter writer, IMailTransport transport, MailSignal signal, MessageWords words, FloorChanges floor,
    IOptions<BookingOptions> options, TimeProvider time, ILogger<MailPost> log) : RoundWorker(TimeSpan.FromMinutes(1), signal, time, log)
{
    /// <summary>How long a mail that is being sent belongs to the one who sends it.</summary>
    public static readonly Duration Lease = Duration.FromMinutes(5);

    private static readonly Duration GiveUpAfter = Duration.FromDays(3);
    private static readonly Duration Alarming = Duration.FromHours(1);
    private const int AtOnce = 20;

    private Instant? _troubleSince;
    private bool _alarmed;

    /// <summary>How long it rests after so many tries in vain.</summary>
    public static Duration Rest(int tries) => tries switch
    {
        <= 1 => Duration.FromMinutes(1),
        2 => Duration.FromMinutes(5),
        3 => Duration.FromMinutes(15),
        4 => Duration.FromHours(1),
        5 => Duration.FromHours(3),
        _ => Duration.FromHours(6),
    };

    protected override bool On => options.Value.Mail.On;

    /// <summary>Sends what is due, until nothing is.</summary>
    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var letters = await writer.WriteAsync(ClaimAsync, cancellationToken);
            if (letters.Count == 0)
                return;
            var told = new HashSet<Guid>();
            try
            {
                await transport.SendAsync(
                    letters,
                    async (letter, outcome, code) =>
                    {
                        await writer.WriteAsync((write, cancel) => NoteAsync(write, letter.Id, outcome, code, cancel), CancellationToken.None);
                        told.Add(letter.Id);
                    },
                    cancellationToken);
                (_troubleSince, _alarmed) = (null, false);
            }
            catch (MailTroubleException trouble)
            {
                Log.Trouble(Logger, trouble.Code);
                await writer.WriteAsync((write, cancel) => TroubleAsync(write, [.. letters.Where(letter => !told.Contains(letter.Id))], trouble.Code, cancel), cancellationToken);
                return;
            }
        }
    }

    private async Task<IReadOnlyList<Letter>> ClaimAsync(BookingWrite write, CancellationToken cancellationToken)
    {
        await write.OneAtATimeAsync("mail", cancellationToken);
        var due = await write.Db.Messages.Where(message => message.Mail == MailState.Due && message.MailDueAt <= write.Now)
            .OrderBy(message => message.MailDueAt).Take(AtOnce).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return [];
        var ids = due.Select(message => message.PersonId).Distinct().ToList();
        var people = await write.Db.People.AsNoTracking().Where(person => ids.Contains(person.Id)).ToDictionaryAsync(person => person.Id, cancellationToken);
        var site = await write.Db.Sites.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var place = site?.Rule.Name is { Length: > 0 } name ? name : "FabLab";
        var zone = await write.Db.ZoneAsync(cancellationToken);
        var letters = new List<Letter>();
        foreach (var message in due)
        {
            var reader = people[message.PersonId];
            if (message.UselessAt <= write.Now)
                (message.Mail, message.MailDueAt) = (MailState.TooLate, null);
            else if (reader is not { Email: { } address, MailConsentAt: not null })
                (message.Mail, message.MailDueAt) = (MailState.None, null);
            else
            {
                message.MailTries++;
                message.MailDueAt = write.Now + Lease;
                letters.Add(words.Letter(message, address, place, new PageText(reader.Language, zone, write.Now)));
            }
        }
        await write.Db.SaveChangesAsync(cancellationToken);
        // Nothing to send, but perhaps more behind what was laid aside.
        return letters.Count > 0 || due.Count < AtOnce ? letters : await ClaimAsync(write, cancellationToken);
    }

    private async Task NoteAsync(BookingWrite write, Guid id, MailOutcome outcome, string? code, CancellationToken cancellationToken)
    {
        // Somebody may have been erased in the meantime.
        if (await write.Db.Messages.SingleOrDefaultAsync(message => message.Id == id, cancellationToken) is not { } message)
            return;
        message.MailFault = code;
        switch (outcome)
        {
            case MailOutcome.Sent:
                (message.Mail, message.MailDueAt, message.MailSentAt) = (MailState.Sent, null, write.Now);
                return;
            case MailOutcome.Refused:
                (message.Mail, message.MailDueAt) = (MailState.Refused, null);
                return;
            default:
                await RestAsync(write, message, code, cancellationToken);
                return;
        }
    }

    private async Task TroubleAsync(BookingWrite write, IReadOnlyList<Letter> letters, string code, CancellationToken cancellationToken)
    {
        foreach (var letter in letters)
            await NoteAsync(write, letter.Id, MailOutcome.Later, code, cancellationToken);
        _troubleSince ??= write.Now;
        if (_alarmed || write.Now - _troubleSince < Alarming)
            return;
        await HouseAlarms.RaiseOnceAsync(write, floor, HouseAlarms.MailNotSent, null, code, cancellationToken);
        write.AfterCommit(() => _alarmed = true);
    }

    private async Task RestAsync(BookingWrite write, Message message, string? code, CancellationToken cancellationToken)
    {
        if (write.Now - message.At < GiveUpAfter)
        {
            message.MailDueAt = write.Now + Rest(message.MailTries);
            return;
        }
        (message.Mail, message.MailDueAt) = (MailState.SetAside, null);
        await HouseAlarms.RaiseOnceAsync(write, floor, HouseAlarms.MailSetAside, null, code ?? "", cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5501, Level = LogLevel.Warning, Message = "Mail cannot be sent now: {Code}.")]
        public static partial void Trouble(ILogger logger, string code);
    }
}
