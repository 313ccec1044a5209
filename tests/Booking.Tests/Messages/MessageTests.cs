using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Messages;

/// <summary>Who is told what, and that it is told with the change or not at all.</summary>
public sealed class MessageTests
{
    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task What_happens_to_a_booking_is_told_to_whose_it_is(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var staff = lab.Manager.Id;

        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada);
        var old = new Interval(booking.Start, booking.End);
        host.Time.Advance(Duration.FromSeconds(1));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Moved, staff, b => b.Start += Duration.FromMinutes(30), old);
        host.Time.Advance(Duration.FromSeconds(1));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.HitByHours, staff, b => b.Why = "travaux");
        host.Time.Advance(Duration.FromSeconds(1));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, lab.Ada);
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Claimed, lab.Ada);
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, staff);
        host.Time.Advance(Duration.FromSeconds(1));
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Released);

        var told = await Told.MessagesAsync(host, lab.Ada);
        Assert.Equal(
            [MessageKind.BookingConfirmed, MessageKind.BookingMoved, MessageKind.BookingHit, MessageKind.BookingCancelled, MessageKind.BookingReleased],
            told.Select(m => m.Kind));
        Assert.All(told, m => Assert.Equal((booking.Id, true, MailState.None), (m.BookingId!.Value, m.OnSite, m.Mail)));
        Assert.Equal((old.Start, booking.Start + Duration.FromMinutes(30)), (told[1].Facts.Before!.Value, told[1].Facts.Start!.Value));
        Assert.Equal("travaux", told[2].Facts.Why);
        Assert.Empty(await Told.MessagesAsync(host, lab.Bob));
    }

    [Fact]
    public async Task An_offer_is_told_with_its_deadline_and_a_block_to_nobody()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var deadline = host.Time.Now + Duration.FromMinutes(15);

        await host.WriteAsync(write =>
        {
            var offer = Told.Booking(host, lab.Machine, lab.Bob, kind: ReservationKind.Offer);
            offer.HeldUntil = deadline;
            var block = Told.Booking(host, lab.Machine, lab.Ada, kind: ReservationKind.Block);
            write.Db.Reservations.AddRange(offer, block);
            write.Raise(new BookingEvent(BookingEventKind.Offered, offer));
            write.Raise(new BookingEvent(BookingEventKind.Made, block, lab.Manager.Id));
            write.Raise(new BookingEvent(BookingEventKind.Cancelled, block, lab.Manager.Id));
        });

        var told = Assert.Single(await host.ReadAsync(db => db.Messages.ToListAsync(Cancel)));
        Assert.Equal((lab.Bob, MessageKind.BookingOffered, deadline), (told.PersonId, told.Kind, told.Facts.Until!.Value));
        var view = MessageWords.Of(told.Kind, told.Facts, new PageText(Language.French, Paris, host.Time.Now));
        Assert.Contains("gardé pour vous jusqu’à mardi 10 mars à 10\u00a0h\u00a015", view.Body[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_booking_of_a_group_is_told_to_those_who_look_after_it()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var group = Guid.CreateVersion7();

        await host.WriteAsync(write =>
        {
            write.Db.PersonGroups.Add(new PersonGroup { Id = group, Name = "5e B" });
            write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group, PersonId = lab.Ada, Part = GroupPart.LooksAfter });
            write.Db.GroupPlaces.Add(new GroupPlace { GroupId = group, PersonId = lab.Bob, Part = GroupPart.Member });
        });
        await host.WriteAsync(write =>
        {
            var booking = Told.Booking(host, lab.Machine, null);
            booking.GroupId = group;
            write.Db.Reservations.Add(booking);
            write.Raise(new BookingEvent(BookingEventKind.Made, booking, lab.Manager.Id));
        });

        Assert.Equal(lab.Ada, Assert.Single(await host.ReadAsync(db => db.Messages.ToListAsync(Cancel))).PersonId);
    }

    [Fact]
    public async Task When_the_change_is_undone_nobody_is_told()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var booking = Told.Booking(host, lab.Machine, lab.Ada);
                write.Db.Reservations.Add(booking);
                write.Raise(new BookingEvent(BookingEventKind.Made, booking, lab.Ada));
                await write.Db.SaveChangesAsync(cancel);
                throw new InvalidOperationException("not so");
            },
            Cancel));

        Assert.Empty(await host.ReadAsync(db => db.Messages.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Somebody_is_reminded_once_and_again_when_it_was_moved()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada, Duration.FromHours(30));
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(20));

        await Told.ClockAsync(host);
        Assert.Empty(await RemindersAsync());
        host.Time.Advance(Duration.FromHours(7));
        await Told.ClockAsync(host);
        await Told.ClockAsync(host);
        var first = Assert.Single(await RemindersAsync());
        Assert.Equal((lab.Ada, booking.Id, booking.Start), (first.PersonId, first.BookingId!.Value, first.Facts.Start!.Value));

        await Told.HappensAsync(host, booking.Id, BookingEventKind.Moved, lab.Ada, b => (b.Start, b.End) = (b.Start + Duration.FromHours(10), b.End + Duration.FromHours(10)));
        host.Time.Advance(Duration.FromHours(12));
        await Told.ClockAsync(host);
        Assert.Equal(2, (await RemindersAsync()).Count);

        Task<List<Message>> RemindersAsync() => host.ReadAsync(db => db.Messages.Where(m => m.Kind == MessageKind.BookingReminder).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Nobody_is_reminded_of_what_was_cancelled_or_has_begun()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var cancelled = await Told.MakeAsync(host, lab.Machine, lab.Ada, Duration.FromHours(30));
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(29));
        await Told.HappensAsync(host, cancelled.Id, BookingEventKind.Cancelled, lab.Ada, b => b.CancelledAt = b.CreatedAt);

        host.Time.SetWallClock(host.Time.Now + Duration.FromHours(29));
        await Told.ClockAsync(host);

        Assert.Empty(await host.ReadAsync(db => db.Messages.Where(m => m.Kind == MessageKind.BookingReminder).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task The_end_of_a_habilitation_is_told_a_month_ahead_once()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var end = host.Time.Now + Duration.FromDays(40);
        await host.WriteAsync(write =>
        {
            var id = HabilitationId.New(write.Now);
            write.Db.Habilitations.Add(new Features.Habilitations.Habilitation { Id = id, PersonId = lab.Ada, TrainingId = lab.Training });
            write.Db.HabilitationActs.Add(new Features.Habilitations.HabilitationAct
            {
                HabilitationId = id, Number = 1, Kind = Features.Habilitations.HabilitationActKind.Granted, Level = HabilitationLevel.Autonomous,
                ValidFrom = write.Now, ValidUntil = end, By = lab.Manager.Id, At = write.Now, Evidence = "vu",
            });
        });

        await Told.ClockAsync(host);
        Assert.Empty(await Told.MessagesAsync(host, lab.Ada));
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(11));
        await Told.ClockAsync(host);
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(1));
        await Told.ClockAsync(host);

        var told = Assert.Single(await Told.MessagesAsync(host, lab.Ada));
        Assert.Equal((MessageKind.HabilitationExpiring, end), (told.Kind, told.Facts.Start!.Value));
    }

    [Fact]
    public async Task Each_kind_is_told_as_chosen_and_some_stay_on_the_site()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<GiveAccess>().HandleAsync(lab.Ada, lab.Manager, Cancel);
        using var ada = await host.StaffBrowserAsync("m01");
        var settings = await ada.GetFromJsonAsync<JsonElement>("api/v1/messages/settings", Cancel);
        var off = new[] { "booking_confirmed", "booking_cancelled" }.Select(name => new { kind = name, site = false, mail = false });

        using var answer = await ada.PutAsJsonAsync(
            "api/v1/messages/settings", new { version = settings.GetProperty("version").GetInt64(), email = "ada@example.org", mailConsent = true, french = false, wishes = off }, Cancel);
        var booking = await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.HappensAsync(host, booking.Id, BookingEventKind.Cancelled, lab.Manager.Id);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var told = await Told.MessagesAsync(host, lab.Ada);
        Assert.Equal([(MessageKind.BookingConfirmed, false), (MessageKind.BookingCancelled, true)], told.Select(m => (m.Kind, m.OnSite)));
        var listed = await ada.GetFromJsonAsync<JsonElement>("api/v1/messages", Cancel);
        Assert.Equal("booking_cancelled", Assert.Single(listed.EnumerateArray()).GetProperty("kind").GetString());
        var person = await host.ReadAsync(db => db.People.SingleAsync(p => p.Id == lab.Ada, Cancel));
        Assert.Equal(("ada@example.org", host.Time.Now, Language.English), (person.Email, person.MailConsentAt!.Value, person.Language));
        Assert.False(await host.ReadAsync(db => db.AuditValues.AnyAsync(value => value.Detail != null && value.Detail.Contains("example.org"), Cancel)));
    }

    [Theory]
    [InlineData("nonsense", true, "email")]
    [InlineData("ada@example.org, bob@example.org", true, "email")]
    [InlineData("Ada <ada@example.org>", true, "email")]
    [InlineData("ada@localhost", true, "email")]
    [InlineData("ada@example.org\r\nBcc: all@example.org", true, "email")]
    [InlineData("", true, "mailConsent")]
    public async Task A_wrong_address_is_refused(string email, bool consent, string field)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        var outcome = await host.Services.GetRequiredService<SetMessages>().HandleAsync(new(lab.Ada, Role.Member), new MessageSettings(0, email, consent, true, null), Cancel);

        Assert.Equal(field, outcome.Refusal?.Field);
    }

    [Fact]
    public async Task Another_ones_message_is_not_there()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        var id = (await Told.MessagesAsync(host, lab.Ada))[0].Id;
        using var manager = await host.StaffBrowserAsync("g01");

        using var read = await manager.PostAsJsonAsync($"api/v1/messages/{id}/read", new { }, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        Assert.Empty((await manager.GetFromJsonAsync<JsonElement>("api/v1/messages", Cancel)).EnumerateArray());
        Assert.Null((await Told.MessagesAsync(host, lab.Ada))[0].ReadAt);
    }

    [Fact]
    public async Task Messages_are_in_the_export_and_go_with_their_person()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await Told.MayBeWrittenToAsync(host, lab.Ada, "ada@example.org");
        await Told.MakeAsync(host, lab.Machine, lab.Ada);
        await Told.MakeAsync(host, lab.Machine, lab.Bob, Duration.FromHours(60));

        var data = (await host.Services.GetRequiredService<PersonExport>().HandOutAsync(lab.Ada, lab.Manager, Cancel)).Value.ToJsonString();
        var erased = await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Ada, new ErasureRequest("M01"), lab.Manager, Cancel);

        Assert.Contains("\"message\"", data, StringComparison.Ordinal);
        Assert.Contains("ada@example.org", data, StringComparison.Ordinal);
        Assert.True(erased.Done);
        Assert.Equal(lab.Bob, Assert.Single(await host.ReadAsync(db => db.Messages.ToListAsync(Cancel))).PersonId);
    }

    [Fact]
    public async Task Old_messages_are_deleted()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await Told.MakeAsync(host, lab.Machine, lab.Ada);

        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(340));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);
        Assert.NotEmpty(await Told.MessagesAsync(host, lab.Ada));
        host.Time.SetWallClock(host.Time.Now + Duration.FromDays(40));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);

        Assert.Empty(await Told.MessagesAsync(host, lab.Ada));
    }
}
