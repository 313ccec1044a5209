using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Testing;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Tests.Messages;

/// <summary>Mail over a real SMTP conversation: sent once, late when the server is away, never lost without a word.</summary>
public sealed class MailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Each_is_written_to_in_their_language_once(DatabaseKind kind)
    {
        await using var sink = new SmtpSink();
        await using var host = await BookingHost.StartAsync(kind, sink.Settings(("Booking:Mail:User", "lab"), ("Booking:Mail:Password", "s3cret!")));
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MayBeWrittenToAsync(host, lab.Bob, "bob@example.org", Language.English);

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));
        await Told.PostAsync(host);
        await Told.PostAsync(host);

        Assert.Equal("lab s3cret!", sink.SignIns.First());
        var mails = sink.Mails.OrderBy(mail => mail.To, StringComparer.Ordinal).ToList();
        Assert.Equal(["ada@example.org", "bob@example.org"], mails.Select(mail => mail.To));
        var french = mails[0].Message;
        Assert.Equal(("Réservation confirmée : LAS-1, jeudi 12 mars à 12\u00a0h\u00a000", "FabLab", "atelier@lab.example.org"),
            (french.Subject, french.From.Mailboxes.Single().Name, french.From.Mailboxes.Single().Address));
        Assert.Contains("Découpeuse laser (LAS-1) est à vous", french.TextBody, StringComparison.Ordinal);
        Assert.Contains("https://lab.example.org/messages/settings", french.TextBody, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html><html lang=\"fr\">", french.HtmlBody, StringComparison.Ordinal);
        Assert.StartsWith("Booking confirmed: LAS-1", mails[1].Message.Subject, StringComparison.Ordinal);
        var rows = await host.ReadAsync(db => db.Messages.ToListAsync(Cancel));
        Assert.All(rows, row => Assert.Equal((MailState.Sent, 1), (row.Mail, row.MailTries)));
        Assert.Equal(rows.Select(row => $"{row.Id:N}@lab.example.org").Order(), mails.Select(mail => mail.Message.MessageId).Order());
    }

    [Fact]
    public async Task A_fault_reported_at_a_machine_is_told_to_those_who_look_after_it_as_each_of_them_chose()
    {
        await using var sink = new SmtpSink();
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MayBeWrittenToAsync(host, lab.Manager.Id, "chef@example.org");
        await host.WriteAsync(write =>
        {
            write.Db.MachineDuties.Add(new MachineDuty { PersonId = lab.Ada, MachineId = lab.Machine, Duty = Duty.Leads });
            write.Db.MachineDuties.Add(new MachineDuty { PersonId = lab.Manager.Id, MachineId = lab.Machine, Duty = Duty.Leads });
            write.Db.MachineDuties.Add(new MachineDuty { PersonId = lab.Bob, MachineId = lab.Machine, Duty = Duty.Trains });
            write.Db.MessageChoices.Add(new MessageChoice { PersonId = lab.Manager.Id, Kind = MessageKind.FaultReported, Site = true, Mail = false });
        });
        var reports = host.Services.GetRequiredService<FaultReports>();

        await reports.ReportAsync("LAS-1", "Le miroir est <b>fendu</b>", null, Cancel);
        await reports.ReportAsync("LAS-1", "Le miroir est <b>fendu</b>", null, Cancel);
        await Told.PostAsync(host);

        var site = await host.ReadAsync(db => db.Messages.ToListAsync(Cancel));
        Assert.Equal(new HashSet<PersonId> { lab.Ada, lab.Manager.Id }, site.Select(message => message.PersonId).ToHashSet());
        Assert.Equal(2, site.Count);
        Assert.All(site, message => Assert.Equal((MessageKind.FaultReported, true), (message.Kind, message.OnSite)));
        var mail = Assert.Single(sink.Mails);
        Assert.Equal(("ada@example.org", "Panne signalée sur une machine dont je m’occupe : LAS-1, mardi 10 mars à 10\u00a0h\u00a000"), (mail.To, mail.Message.Subject));
        Assert.Contains("« Le miroir est <b>fendu</b> »", mail.Message.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", mail.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("https://lab.example.org/machines/LAS-1/care", mail.Message.TextBody, StringComparison.Ordinal);
        // Only those who look after a machine are asked how they want to be told of its faults.
        var asked = await host.ReadAsync(async db => (await SetMessages.OfAsync(db, lab.Ada, Cancel), await SetMessages.OfAsync(db, lab.Bob, Cancel)));
        Assert.Equal((true, false), (Offers(asked.Item1), Offers(asked.Item2)));

        static bool Offers(MessageSettings? settings) => settings!.Wishes!.Any(wish => wish.Kind == MessageKind.FaultReported);
    }

    [Fact]
    public async Task Words_of_staff_stay_words_in_a_mail()
    {
        await using var sink = new SmtpSink();
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada, by: lab.Manager.Id);

        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, lab.Manager.Id, b => b.Why = "<script>alert(1)</script>\r\n.\r\nMAIL FROM:<x@y>");
        await Told.PostAsync(host);

        var mail = sink.Mails.Last().Message;
        Assert.DoesNotContain("<script>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal(2, sink.Mails.Count);
    }

    [Fact]
    public async Task Without_consent_or_address_or_server_no_mail_is_made()
    {
        await using var sink = new SmtpSink();
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Ada, cancel)).Email = "ada@example.org", Cancel);

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));
        await Told.PostAsync(host);

        Assert.Empty(sink.Mails);
        Assert.All(await host.ReadAsync(db => db.Messages.ToListAsync(Cancel)), row => Assert.Equal((MailState.None, true), (row.Mail, row.OnSite)));
    }

    [Fact]
    public async Task A_consent_taken_back_in_the_meantime_counts()
    {
        await using var sink = new SmtpSink { Busy = true };
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.PostAsync(host);

        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Ada, cancel)).MailConsentAt = null, Cancel);
        sink.Busy = false;
        host.Time.Advance(MailPost.Rest(1));
        await Told.PostAsync(host);

        Assert.Empty(sink.Mails);
        Assert.Equal(MailState.None, (await Told.MessagesAsync(host, lab.Ada))[0].Mail);
    }

    [Fact]
    public async Task A_server_that_is_away_is_waited_for_with_an_alarm_after_an_hour()
    {
        await using var sink = new SmtpSink { BreaksOff = true };
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MakeAsync(host, lab.Machine, lab.Ada);

        await Told.PostAsync(host);
        Assert.Equal((MailState.Due, 1, "broke_off"), await StateAsync(host, lab.Ada));
        await Told.PostAsync(host);
        Assert.Equal(1, (await StateAsync(host, lab.Ada)).Tries);
        foreach (var rest in Enumerable.Range(1, 4).Select(MailPost.Rest))
        {
            host.Time.Advance(rest);
            await Told.PostAsync(host);
        }

        Assert.Equal((MailState.Due, 5, "broke_off"), await StateAsync(host, lab.Ada));
        Assert.Equal([HouseAlarms.MailNotSent], await AlarmsAsync(host));
        sink.BreaksOff = false;
        host.Time.Advance(MailPost.Rest(5));
        await Told.PostAsync(host);
        Assert.Equal(MailState.Sent, (await StateAsync(host, lab.Ada)).Mail);
        Assert.Single(sink.Mails);
    }

    [Fact]
    public async Task After_three_days_in_vain_a_mail_is_set_aside_with_one_alarm()
    {
        await using var sink = new SmtpSink { Busy = true };
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MakeAsync(host, lab.Machine, lab.Ada, Duration.FromDays(10));
        await Told.MakeAsync(host, lab.Machine, lab.Ada, Duration.FromDays(11));

        await Told.PostAsync(host);
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(3));
        await Told.PostAsync(host);

        Assert.All(await Told.MessagesAsync(host, lab.Ada), row => Assert.Equal((MailState.SetAside, "451"), (row.Mail, row.MailFault)));
        Assert.Equal([HouseAlarms.MailSetAside], await AlarmsAsync(host));
    }

    [Fact]
    public async Task What_is_past_is_not_sent_any_more()
    {
        await using var sink = new SmtpSink { Busy = true };
        await using var host = await BookingHost.StartAsync(settings: sink.Settings());
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MakeAsync(host, lab.Machine, lab.Ada, Duration.FromHours(1));
        await Told.PostAsync(host);

        sink.Busy = false;
        host.Time.SetWallClock(host.Time.Now + Duration.FromHours(3));
        await Told.PostAsync(host);

        Assert.Empty(sink.Mails);
        Assert.Equal(MailState.TooLate, (await StateAsync(host, lab.Ada)).Mail);
    }

    [Fact]
    public async Task A_refused_address_is_not_tried_again_the_next_one_gets_theirs_and_no_log_line_holds_an_address()
    {
        var logs = new KeptLogs();
        await using var sink = new SmtpSink();
        sink.Unknown.Add("ada@example.org");
        await using var host = await BookingHost.StartAsync(settings: sink.Settings(), services: services => services.AddSingleton<ILoggerProvider>(logs));
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MayBeWrittenToAsync(host, lab.Bob, "bob@example.org");

        await host.WriteAsync(write =>
        {
            foreach (var (person, hours) in new[] { (lab.Ada, 50), (lab.Bob, 60) })
            {
                var booking = Told.Booking(host, lab.Machine, person, Duration.FromHours(hours));
                write.Db.Reservations.Add(booking);
                write.Raise(new BookingEvent(BookingEventKind.Made, booking, person));
            }
        });
        await Told.PostAsync(host);
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(1));
        await Told.PostAsync(host);

        Assert.Equal((MailState.Refused, 1, "550"), await StateAsync(host, lab.Ada));
        Assert.Equal("bob@example.org", Assert.Single(sink.Mails).To);
        sink.Busy = true;
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(70));
        await Told.PostAsync(host);
        Assert.NotEmpty(logs.Lines);
        Assert.DoesNotContain(logs.Lines, line => line.Contains("@example.org", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_power_cut_in_the_middle_sends_it_again_under_the_same_id()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var sink = new SmtpSink { FallsSilent = true };
        SmallLab lab;
        await using (var first = await BookingHost.StartAsync(settings: sink.Settings(), folder: folder, time: time))
        {
            lab = await SmallLab.InAsync(first);
            await Told.MayBeWrittenToAsync(first, lab.Ada, "ada@example.org");
            await Told.MakeAsync(first, lab.Machine, lab.Ada);
            await sink.Silent.Task.WaitAsync(Cancel);
        }

        sink.FallsSilent = false;
        await using var second = await BookingHost.StartAsync(settings: sink.Settings(), folder: folder, time: time);
        await Told.PostAsync(second);
        Assert.Single(sink.Mails);
        time.Advance(MailPost.Lease);
        await Told.PostAsync(second);
        await Told.PostAsync(second);

        Assert.Equal(2, sink.Mails.Count);
        Assert.Single(sink.Mails.Select(mail => mail.Message.MessageId).Distinct());
        Assert.Equal((MailState.Sent, 2, null), await StateAsync(second, lab.Ada));
    }

    [Fact]
    public async Task A_server_without_encryption_gets_neither_password_nor_mail()
    {
        await using var sink = new SmtpSink();
        await using var host = await BookingHost.StartAsync(
            settings: sink.Settings(("Booking:Mail:Security", "starttls"), ("Booking:Mail:User", "lab"), ("Booking:Mail:Password", "s3cret!")));
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.PostAsync(host);

        Assert.Equal((MailState.Due, 1, "no_tls"), await StateAsync(host, lab.Ada));
        Assert.Empty(sink.SignIns);
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await using var sink = new SmtpSink { Certificate = certificate };
        await using var host = await BookingHost.StartAsync(
            settings: sink.Settings(("Booking:Mail:Security", "starttls"), ("Booking:Mail:User", "lab"), ("Booking:Mail:Password", "s3cret!")));
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");

        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.PostAsync(host);

        Assert.Equal((MailState.Due, 1, "certificate"), await StateAsync(host, lab.Ada));
        Assert.Empty(sink.SignIns);
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public void All_faults_of_the_settings_are_told_at_once_and_none_holds_the_password()
    {
        var options = new BookingOptions
        {
            DataFolder = "x",
            ReminderHours = 0,
            HabilitationNoticeDays = 999,
            Mail = new MailOptions { Host = "mail.example.org", Port = 0, Security = "none", From = "nobody", FromName = "a\nb", Password = "s3cret!" },
        };

        var faults = new BookingOptionsValidator().Validate(null, options).Failures!.ToList();

        Assert.Equal(
            ["Booking:HabilitationNoticeDays", "Booking:Mail:From", "Booking:Mail:FromName", "Booking:Mail:Port", "Booking:Mail:Security", "Booking:Mail:User", "Booking:ReminderHours"],
            faults.Select(fault => fault[..fault.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("s3cret", StringComparison.Ordinal));
        Assert.NotEmpty(new MailOptions { From = "a@example.org" }.Faults());
        Assert.Empty(new MailOptions().Faults());
        Assert.Empty(new MailOptions { Host = "localhost", Security = "none", From = "a@example.org" }.Faults());
    }

    private static async Task<(MailState Mail, int Tries, string? Fault)> StateAsync(BookingHost host, Core.PersonId person)
    {
        var row = (await Told.MessagesAsync(host, person))[0];
        return (row.Mail, row.MailTries, row.MailFault);
    }

    private static Task<List<string>> AlarmsAsync(BookingHost host) => host.ReadAsync(db => db.Alarms.Select(alarm => alarm.Code).ToListAsync(Cancel));

    private sealed class KeptLogs : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose() => Lines.Clear();
    }
}
