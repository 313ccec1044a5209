using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Tests.SignIn;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Privacy;

/// <summary>What is too old goes by itself, who asks is erased, and every sum stays.</summary>
public sealed class RetentionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_column_that_holds_a_person_says_what_erasure_does_with_it()
    {
        await using var host = await BookingHost.StartAsync();

        var columns = await host.ReadAsync(db => Task.FromResult(
            db.Model.GetEntityTypes().SelectMany(type => type.GetProperties())
                .Where(property => (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType) == typeof(PersonId))
                .Select(property => (property.DeclaringType.ClrType, property.Name)).ToList()));

        // A pseudonym is nobody any more, and a token is no person: it acts under an id of its own.
        Type[] nobody = [typeof(Pseudonym), typeof(ApiToken)];
        Assert.Equal(
            columns.Where(column => !nobody.Contains(column.ClrType)).Select(column => $"{column.ClrType.Name}.{column.Name}").Order(StringComparer.Ordinal),
            PersonalColumn.All.Where(column => column.IsPerson || column.Property == nameof(AuditValue.By)).Select(column => $"{column.Entity.Name}.{column.Property}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_other_column_that_could_tell_of_a_person_is_on_the_list_or_is_known_to_tell_of_nobody()
    {
        await using var host = await BookingHost.StartAsync();
        var gone = PersonalColumn.All.Where(column => column.Fate == PersonalFate.Delete).Select(column => column.Entity).ToHashSet();

        var columns = await host.ReadAsync(db => Task.FromResult(
            db.Model.GetEntityTypes().Where(type => !gone.Contains(type.ClrType)).SelectMany(type => type.GetProperties())
                .Where(property => CouldTell(Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType))
                .Select(property => $"{property.DeclaringType.ClrType.Name}.{property.Name}").ToList()));
        var named = PersonalColumn.All.Select(column => $"{column.Entity.Name}.{column.Property}").ToHashSet(StringComparer.Ordinal);

        var unknown = columns.Where(column => !named.Contains(column)).ToHashSet(StringComparer.Ordinal);
        var fresh = unknown.Except(Impersonal).Order(StringComparer.Ordinal).ToList();
        Assert.True(fresh.Count == 0, $"Say what erasure does with these, or that they tell of nobody: {string.Join(", ", fresh)}");
        Assert.Empty(Impersonal.Except(unknown));

        static bool CouldTell(Type type) =>
            type == typeof(string) || type == typeof(Guid) || type == typeof(byte[]) || type == typeof(BadgeId) || type == typeof(HabilitationId);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task With_the_gate_open_every_column_but_those_that_name_somebody_stays_as_it_is(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await StoryAsync(host);
        // What an erasure replaces or empties.
        string[] open =
        [
            "machine_time.person_id", "machine_time.accompanied_by", "machine_time.author", "machine_time.badge_id", "machine_time.reason", "journal.body",
            "habilitation_act.done_by", "habilitation_act.evidence",
        ];
        var columns = await host.ReadAsync(db => Task.FromResult(
            (from type in db.Model.GetEntityTypes()
             where type.GetTableName() is "machine_time" or "journal" or "habilitation_act"
             from property in type.GetProperties()
             select (Table: type.GetTableName()!, Column: property.GetColumnName(), Type: property.GetColumnType())).ToList()));

        var changed = new List<string>();
        foreach (var (table, column, type) in columns.Where(c => !open.Contains($"{c.Table}.{c.Column}")))
        {
            // A number is changed where there is one and put where there is none; everything else becomes a text or an id of its own.
            var value = type.ToUpperInvariant() switch
            {
                "INTEGER" or "BIGINT" => $"COALESCE({column}, 0) + 1",
                "BOOLEAN" => $"NOT {column}",
                "UUID" => "gen_random_uuid()",
                _ => $"'changed'",
            };
            var fault = await Record.ExceptionAsync(() => host.Writer.WriteAsync(
                async (write, cancel) =>
                {
                    await write.Db.Database.ExecuteSqlRawAsync("UPDATE retention_gate SET open = TRUE", cancel);
                    var sql = $"UPDATE {table} SET {column} = {value}";
                    await write.Db.Database.ExecuteSqlRawAsync(sql, cancel);
                }, Cancel));
            if (fault?.Message.Contains(DatabaseRefusals.AppendOnly, StringComparison.Ordinal) != true)
                changed.Add($"{table}.{column}: {fault?.Message}");
        }

        Assert.Empty(changed);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task With_a_person_go_their_account_their_ways_in_what_was_in_their_charge_and_every_sign_in(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        await host.Services.GetRequiredService<GiveAccess>().HandleAsync(lab.Ada, lab.Manager, Cancel);
        await host.Services.GetRequiredService<SetAccount>().HandleAsync(lab.Ada, new AccountOfPerson(0, [Role.Trainer, Role.MachineLead], true, [lab.Machine], [lab.Machine]), lab.Manager, Cancel);
        await host.Services.GetRequiredService<SetGroup>().HandleAsync(Guid.NewGuid(), new GroupToBe(0, "Classe", [lab.Bob], [lab.Ada]), lab.Manager, Cancel);
        using var browser = await host.StaffBrowserAsync("m01");
        await host.WriteAsync(write => write.Db.Passkeys.Add(new Passkey
        {
            Id = Guid.NewGuid(), CredentialId = [1, 2, 3], AccountId = lab.Ada, Name = "téléphone d’Ada", PublicKey = [4], Transports = "", AttestationObject = [5],
            ClientDataJson = [6], CreatedAt = write.Now,
        }));
        var signedIn = await SessionTests.SignedInAsync(browser);
        var streams = host.Services.GetRequiredService<SessionEnds>().Of(lab.Ada);

        Assert.True((await EraseAsync(host, lab, "M01")).Done);

        Assert.True(signedIn);
        Assert.False(await SessionTests.SignedInAsync(browser));
        Assert.True(streams.IsCancellationRequested);
        Assert.All(
            await host.ReadAsync(async db => new[]
            {
                await db.StaffAccounts.CountAsync(account => account.Id == lab.Ada, Cancel), await db.StaffSessions.CountAsync(Cancel), await db.Passkeys.CountAsync(Cancel),
                await db.MachineDuties.CountAsync(Cancel), await db.OneTimeLinks.CountAsync(link => link.AccountId == lab.Ada, Cancel),
            }),
            rows => Assert.Equal(0, rows));
        Assert.Equal(lab.Bob, (await host.ReadAsync(db => db.GroupPlaces.SingleAsync(Cancel))).PersonId);
        Assert.Empty(await AnywhereAsync(host, lab.Ada.ToString(), lab.AdasBadge.ToString(), "Ada"));
        await SoundAsync(host, erased: true);
    }

    [Fact]
    public async Task A_token_of_a_manager_does_not_erase_the_last_manager()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var token = new StaffActor(PersonId.New(host.Time.Now), Role.Manager);
        var erase = host.Services.GetRequiredService<ErasePerson>();

        var first = await host.ReadAsync(db => db.People.SingleAsync(person => person.ShortCode == "GESTION", Cancel));
        Assert.True((await erase.HandleAsync(first.Id, new ErasureRequest("GESTION"), token, Cancel)).Done);
        var last = await erase.HandleAsync(lab.Manager.Id, new ErasureRequest("G01"), token, Cancel);
        await host.Services.GetRequiredService<SetAccount>().HandleAsync(lab.Ada, new AccountOfPerson(0, [Role.Manager]), lab.Manager, Cancel);
        var oneOfTwo = await erase.HandleAsync(lab.Manager.Id, new ErasureRequest("G01"), token, Cancel);
        var desk = await erase.HandleAsync(lab.Ada, new ErasureRequest("M01"), token with { Role = Role.FrontDesk }, Cancel);

        Assert.Equal("last_manager", last.Refusal?.Code);
        Assert.True(oneOfTwo.Done);
        Assert.Equal(ProblemCodes.NotAllowed, desk.Refusal?.Code);
    }

    [Fact]
    public async Task Somebody_reads_all_about_themselves_and_nothing_about_anybody_else()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await StoryAsync(host);
        await host.Services.GetRequiredService<GiveAccess>().HandleAsync(lab.Ada, lab.Manager, Cancel);
        await host.Services.GetRequiredService<AddPerson>().HandleAsync(new NewPerson(DisplayName: "Chloé", ShortCode: "C1"), lab.Manager, Cancel);
        using var ada = await host.StaffBrowserAsync("m01");
        using var manager = await host.StaffBrowserAsync("g01");

        var own = (await ada.GetFromJsonAsync<JsonElement>($"api/v1/people/{lab.Ada}/data", Cancel)).GetProperty("tables");
        using var foreign = await ada.GetAsync($"api/v1/people/{lab.Bob}/data", Cancel);
        var managers = await manager.GetStringAsync($"api/v1/people/{lab.Manager.Id}/data", Cancel);
        await manager.GetStringAsync($"api/v1/people/{lab.Bob}/data", Cancel);

        Assert.Equal("Member", own.GetProperty("staff_account")[0].GetProperty("role").GetString());
        Assert.Equal("Link", own.GetProperty("staff_session")[0].GetProperty("way").GetString());
        Assert.False(own.GetProperty("machine_time")[0].TryGetProperty("author", out _));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, foreign.StatusCode);
        // What the manager did to Ada is told without Ada, and without the words that were written about her.
        Assert.Contains("habilitation.granted", managers, StringComparison.Ordinal);
        Assert.DoesNotContain(lab.Ada.ToString(), managers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Ada", managers, StringComparison.Ordinal);
        // Handing out what is kept about somebody else is an act; reading one's own is none.
        var acts = await host.ReadAsync(db => (
            from entry in db.Audit join value in db.AuditValues on entry.Seq equals value.Seq
            where entry.Action == "person.read_out" select new { value.By, value.Subject }).ToListAsync(Cancel));
        var act = Assert.Single(acts);
        Assert.Equal((lab.Manager.Id, lab.Bob.Value), (act.By, act.Subject));
    }

    [Fact]
    public async Task Sign_ins_go_after_a_year_and_an_account_of_a_member_keeps_nobody()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await StoryAsync(host);
        await host.Services.GetRequiredService<GiveAccess>().HandleAsync(lab.Ada, lab.Manager, Cancel);
        await host.Services.GetRequiredService<SetAccount>().HandleAsync(lab.Bob, new AccountOfPerson(0, [Role.Trainer]), lab.Manager, Cancel);
        using var browser = await host.StaffBrowserAsync("m01");

        host.Time.Leap(Duration.FromDays(350));
        await PurgeAsync(host);
        var kept = await host.ReadAsync(db => db.StaffSessions.CountAsync(Cancel));
        host.Time.Leap(Duration.FromDays(20));
        await PurgeAsync(host);
        var over = await host.ReadAsync(async db => await db.StaffSessions.CountAsync(Cancel) + await db.OneTimeLinks.CountAsync(Cancel));
        host.Time.Leap(Duration.FromDays(3 * 366));
        await PurgeAsync(host);

        Assert.Equal((1, 0), (kept, over));
        Assert.Contains(RetentionRules.SignIns, await host.ReadAsync(db => db.RetentionRuns.Select(run => run.Rule).ToListAsync(Cancel)));
        Assert.Equal(["G01", "M02"], await host.ReadAsync(db => db.People.Where(p => p.ShortCode == "G01" || p.ShortCode.StartsWith("M0")).Select(p => p.ShortCode).Order().ToListAsync(Cancel)));
        await SoundAsync(host, erased: true);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Refused_taps_go_after_three_months_and_the_journal_no_longer_says_whose_they_were(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);

        host.Time.Leap(Duration.FromDays(80));
        await PurgeAsync(host);
        Assert.Equal(1, await host.ReadAsync(db => db.RefusedTaps.CountAsync(Cancel)));
        host.Time.Leap(Duration.FromDays(20));
        await PurgeAsync(host);
        await PurgeAsync(host);

        Assert.Equal(0, await host.ReadAsync(db => db.RefusedTaps.CountAsync(Cancel)));
        var refused = await host.ReadAsync(db => db.Journal.OrderBy(row => row.Seq).Select(row => row.Body).LastAsync(Cancel));
        Assert.DoesNotContain(lab.Ada.ToString(), refused, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(lab.AdasBadge.ToString(), refused, StringComparison.OrdinalIgnoreCase);
        var run = Assert.Single(await host.ReadAsync(db => db.RetentionRuns.ToListAsync(Cancel)));
        Assert.Equal((RetentionRules.RefusedTaps, 1), (run.Rule, run.Rows));
        // The uses keep their person, and the chain holds.
        Assert.Equal(3, await host.ReadAsync(db => db.Ledger.CountAsync(row => row.PersonId == lab.Ada, Cancel)));
        await SoundAsync(host, erased: true);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Uses_lose_their_person_after_the_membership_year_and_one_more_and_every_sum_stays(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        var before = await SumsAsync(host);
        // Records sent again, long after: the same as before, nothing to store.
        var records = await RecordsAsync(host);

        // The story is in the spring of a year that ends on 31 August; the year after it ends twelve months later.
        host.Time.Leap(new LocalDate(2027, 8, 30).AtMidnight().InUtc().ToInstant() - host.Time.Now);
        await PurgeAsync(host);
        Assert.Equal(3, await host.ReadAsync(db => db.Ledger.CountAsync(row => row.PersonId == lab.Ada, Cancel)));
        host.Time.Leap(Duration.FromDays(5));
        await PurgeAsync(host);

        Assert.Equal(before, await SumsAsync(host));
        var rows = await host.ReadAsync(db => db.Ledger.ToListAsync(Cancel));
        Assert.Single(rows.Select(row => row.PersonId).Distinct());
        Assert.DoesNotContain(rows, row => row.PersonId == lab.Ada || row.Author == lab.Manager.Id || row.BadgeId is not null || row.Reason is { Length: > 0 });
        await NowhereAsync(host, lab.Ada.Value, lab.AdasBadge.Value);
        Assert.Null(await host.ReadAsync(db => db.Reservations.Select(booking => booking.PersonId).SingleAsync(Cancel)));
        // Ada is still there, a member like any other.
        Assert.True(await host.ReadAsync(db => db.People.AnyAsync(person => person.Id == lab.Ada, Cancel)));
        await SoundAsync(host, erased: true);
        Assert.Equal(records.Count, (await host.ReadAsync(db => db.Journal.CountAsync(Cancel))));
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Somebody_who_asks_is_erased_everywhere_with_a_receipt_and_every_sum_and_the_chain_stay(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        var before = await SumsAsync(host);
        var revision = (await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Revision;

        var wrong = await EraseAsync(host, lab, "M02");
        var erased = await EraseAsync(host, lab, " m01 ");
        var twice = await EraseAsync(host, lab, "M01");

        Assert.Equal("shortCode", wrong.Refusal?.Field);
        Assert.True(erased.Done);
        Assert.Equal("person_unknown", twice.Refusal?.Code);
        Assert.Equal(before, await SumsAsync(host));
        await NowhereAsync(host, lab.Ada.Value, lab.AdasBadge.Value);
        var receipt = await host.ReadAsync(db => db.ErasureReceipts.SingleAsync(r => r.Id == erased.Value.Receipt, Cancel));
        Assert.Equal(lab.Manager.Id, receipt.By);
        Assert.Contains("\"machine_time\":", receipt.Counts, StringComparison.Ordinal);
        await SoundAsync(host, erased: true);
        // The gateways are told: person, badge, habilitation go.
        var gone = (await host.GatewayClient().PolicyAsync(revision, TimeSpan.Zero, Cancel)).Changes.Where(change => change.Entity is null).Select(change => change.Kind);
        Assert.Superset(new HashSet<PolicyKind> { PolicyKind.Person, PolicyKind.Badge, PolicyKind.Habilitation }, gone.ToHashSet());
        // A late record of the same use changes nothing.
        await host.GatewayClient().JournalAsync(new JournalBatch(2, new MachineStory(lab.Machine, host.Time.Now).Use(lab.Bob, default, 60).Records()), Cancel);
        await SoundAsync(host, erased: true);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Free_words_that_name_somebody_lose_the_name_and_the_receipt_says_how_many(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                write.Db.FaultReports.Add(new FaultReport { Id = Guid.NewGuid(), MachineId = lab.Machine, At = write.Now, Text = "ÂDA dit : la lentille est cassée. Voir adaptateur." });
                write.Db.FaultReports.Add(new FaultReport { Id = Guid.NewGuid(), MachineId = lab.Machine, At = write.Now, Text = "Rien sur personne." });
                write.Db.LockOuts.Add(new LockOutRow { Id = LockOutId.New(write.Now), MachineId = lab.Machine, Cause = "À voir avec m01.", Since = write.Now });
                write.Db.Alarms.Add(new Alarm { Gateway = "lab", Epoch = 9, Seq = 9, At = write.Now, Code = "device_fault", Detail = "Ada/M01" });
                return Task.CompletedTask;
            },
            Cancel);

        var erased = await EraseAsync(host, lab, "M01");

        Assert.Equal(
            ["Rien sur personne.", "[…] dit : la lentille est cassée. Voir adaptateur."],
            (await host.ReadAsync(db => db.FaultReports.Select(f => f.Text).ToListAsync(Cancel))).Order(StringComparer.Ordinal));
        Assert.Contains("À voir avec […].", await host.ReadAsync(db => db.LockOuts.Select(l => l.Cause).ToListAsync(Cancel)));
        Assert.Contains("[…]/[…]", await host.ReadAsync(db => db.Alarms.Select(a => a.Detail).ToListAsync(Cancel)));
        var receipt = await host.ReadAsync(db => db.ErasureReceipts.SingleAsync(r => r.Id == erased.Value.Receipt, Cancel));
        Assert.Contains("\"free_words\":3", receipt.Counts, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Everything_about_a_person_can_be_handed_over_with_dates_and_words_that_people_read(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");

        var tables = (await manager.GetFromJsonAsync<JsonElement>($"api/v1/people/{lab.Ada}/data", Cancel)).GetProperty("tables");
        using var nobody = await manager.GetAsync($"api/v1/people/{Guid.NewGuid()}/data", Cancel);

        Assert.Equal(
            ["audit", "badge", "habilitation", "habilitation_act_about_them", "journal", "machine_time", "message", "person", "refused_tap", "reservation"],
            tables.EnumerateObject().Select(table => table.Name).Order(StringComparer.Ordinal));
        Assert.Equal("Ada", tables.GetProperty("person")[0].GetProperty("display_name").GetString());
        Assert.Equal("Autonomous", tables.GetProperty("habilitation_act_about_them")[0].GetProperty("level").GetString());
        Assert.Equal(3, tables.GetProperty("machine_time").GetArrayLength());
        Assert.StartsWith("2026-", tables.GetProperty("refused_tap")[0].GetProperty("at").GetString(), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task Who_has_not_come_for_three_years_is_erased_and_who_has_is_not()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await StoryAsync(host);

        var later = Duration.FromDays((3 * 366) + 31);
        // Before the clock is moved: the purge runs by itself as soon as it is.
        await host.WriteAsync(write => write.Db.Reservations.Add(new Reservation
        {
            Id = BookingId.New(write.Now),
            MachineId = lab.Machine,
            PersonId = lab.Bob,
            Start = write.Now + later,
            End = write.Now + later + Duration.FromHours(1),
        }));
        host.Time.Leap(later);
        await PurgeAsync(host);

        Assert.Equal(["G01", "GESTION", "M02"], await host.ReadAsync(db => db.People.OrderBy(p => p.ShortCode).Select(p => p.ShortCode).ToListAsync(Cancel)));
        Assert.Null((await host.ReadAsync(db => db.ErasureReceipts.SingleAsync(Cancel))).By);
        await SoundAsync(host, erased: true);
    }

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Even_with_the_gate_open_the_database_lets_no_figure_change_and_nobody_take_anothers_place(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await StoryAsync(host);
        const string Gate = "UPDATE retention_gate SET open = TRUE; ";

        foreach (var change in new[]
        {
            "UPDATE machine_time SET powered_ms = powered_ms + 1", "UPDATE machine_time SET starts_at = 0", "DELETE FROM machine_time", "DELETE FROM journal",
            "UPDATE machine_time SET person_id = (SELECT id FROM person WHERE short_code = 'M02')", "UPDATE machine_time SET person_id = NULL",
            "UPDATE machine_time SET accompanied_by = (SELECT id FROM pseudonym LIMIT 1) WHERE accompanied_by IS NULL AND EXISTS (SELECT 1 FROM pseudonym)",
            "UPDATE journal SET at = 0", "UPDATE habilitation_act SET level = 3", "UPDATE audit SET action = 'x'", "DELETE FROM audit",
        })
        {
            await host.WriteAsync(write => write.Db.Pseudonyms.Add(new Pseudonym { Id = new PersonId(Guid.NewGuid()), MadeAt = write.Now }));
            var fault = await Assert.ThrowsAnyAsync<Exception>(() => host.Writer.WriteAsync(
                async (write, cancel) =>
                {
                    await write.Db.Database.ExecuteSqlRawAsync(Gate, cancel);
                    await write.Db.Database.ExecuteSqlRawAsync(change, cancel);
                }, Cancel));
            Assert.True(fault.Message.Contains(DatabaseRefusals.AppendOnly, StringComparison.Ordinal), $"{change}: {fault.Message}");
        }
        // What failed closed the gate with it.
        Assert.False(await host.ReadAsync(db => db.RetentionGates.Select(gate => gate.Open).SingleAsync(Cancel)));
        Assert.Equal(3, await host.ReadAsync(db => db.Ledger.CountAsync(row => row.PersonId == lab.Ada, Cancel)));
    }

    [Fact]
    public async Task Nobody_is_erased_in_the_middle_of_a_use_and_nobody_erases_themselves()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, new MachineStory(lab.Machine, host.Time.Now).Tap(lab.Ada, lab.AdasBadge).Wait(1).Relay(closed: true).Records()), Cancel);

        var busy = await EraseAsync(host, lab, "M01");
        var self = await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Manager.Id, new ErasureRequest("G01"), lab.Manager, Cancel);

        Assert.Equal("on_a_machine", busy.Refusal?.Code);
        Assert.Equal("erase_oneself", self.Refusal?.Code);
        Assert.True(await host.ReadAsync(db => db.People.AnyAsync(person => person.Id == lab.Ada || person.Id == lab.Manager.Id, Cancel)));
    }

    /// <summary>Columns that could hold anything and hold no person: names of things, codes, addresses in the journal, hashes.</summary>
    private static readonly string[] Impersonal =
    [
        "Alarm.Code", "Alarm.Detail", "Alarm.Gateway",
        "ApiToken.Name", "ApiToken.Only", "ApiToken.SecretHash",
        "AuditEntry.Action", "AuditEntry.ByCommitment", "AuditEntry.DetailCommitment", "AuditEntry.Fact", "AuditEntry.Hash", "AuditEntry.Previous", "AuditEntry.SubjectCommitment",
        "AuditHead.Hash",
        "AuditValue.BySalt", "AuditValue.DetailSalt", "AuditValue.SubjectSalt",
        "Attendee.CameWith", "Attendee.FirstName", "Attendee.LeftWith",
        "Device.Driver", "Device.EnrolGateway", "Device.EnrolSealed", "Device.Firmware", "Device.Gateway", "Device.Label", "Device.TestedFirmware",
        "DeviceTrialRow.Firmware", "DeviceTrialRow.Id",
        // A first name somebody leaves at the door makes them nobody the lab knows, and is gone the day after.
        "DoorRequest.FirstName", "DoorRequest.Id", "DoorRequest.Kiosk",
        "ErasureReceipt.Counts", "ErasureReceipt.Id",
        "FaultReport.Id", "FaultReport.Photo", "FaultReport.Text",
        "Funder.Name", "FunderStrand.Code", "FunderStrand.Name",
        "GatewayAccount.KeyHash", "GatewayAccount.Name",
        "GivenBadge.Id",
        "GroupSession.CancelledWhy", "GroupSession.Commune", "GroupSession.Did", "GroupSession.GroupId", "GroupSession.IncidentText", "GroupSession.Insee", "GroupSession.Learned",
        "GroupSession.Next", "GroupSession.Place", "GroupSession.PostCode", "GroupSession.Title",
        "HabilitationAct.EvidenceId",
        "JournalRow.Gateway", "JournalRow.Kind", "JournalRow.Refused",
        "KioskAccount.KeyHash", "KioskAccount.Name",
        "LabSite.Commune", "LabSite.Insee", "LabSite.Name", "LabSite.PostCode",
        "LockOutRow.Cause", "LockOutRow.Gateway",
        "Machine.BrokenCause", "Machine.Code", "Machine.NameEn", "Machine.NameFr",
        "MachineCare.Advice", "MachineCare.Allowed", "MachineCare.Forbidden", "MachineCare.Protection",
        "MachineDevice.Reader",
        "MachineJobRow.Gateway", "MachineJobRow.Id", "MachineJobRow.Job",
        "MachineNow.Code", "MachineNow.Gateway",
        "MachineProgress.Gateway",
        "MachineTimeEntry.Corrects", "MachineTimeEntry.EndReason", "MachineTimeEntry.EntryKey", "MachineTimeEntry.Flags", "MachineTimeEntry.Gateway", "MachineTimeEntry.Id",
        "Maintenance.Id", "Maintenance.Note",
        "Partner.Kind", "Partner.Name", "Pathway.NameEn", "Pathway.NameFr", "PathwayStep.NameEn", "PathwayStep.NameFr",
        "PersonGroup.Id", "PersonGroup.Name",
        "Pool.NameEn", "Pool.NameFr",
        "PolicyMark.Key",
        "Programme.Description", "Programme.NameEn", "Programme.NameFr",
        "Project.Code", "Project.Name", "Project.Type",
        "ReportLink.ForWhom", "ReportLink.Id", "ReportLink.SecretHash",
        "Reservation.GroupId",
        "RetentionRun.Id", "RetentionRun.Rule",
        "SessionMentor.Employer",
        "Skill.NameEn", "Skill.NameFr",
        "TermsRow.Scope",
        "Training.Code", "Training.DescriptionEn", "Training.DescriptionFr", "Training.NameEn", "Training.NameFr",
        "TrainingSession.CancelledWhy", "TrainingSession.Place",
        "Visit.GroupSessionId", "Visit.Kiosk", "Visit.Reason",
        "VisitReason.Code", "VisitReason.NameEn", "VisitReason.NameFr", "VisitReason.Pictogram",
        "VolunteerHours.Id",
        "Webhook.Id", "Webhook.Kinds", "Webhook.Label", "Webhook.Secret", "Webhook.Url",
    ];

    /// <summary>Every table, every column: where one of these stands. Only the list of what gateways must forget still has the id.</summary>
    private static Task<List<string>> AnywhereAsync(BookingHost host, params string[] wanted) => host.ReadAsync(async db =>
    {
        var found = new List<string>();
        await db.Database.OpenConnectionAsync(Cancel);
        foreach (var table in db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct().Where(table => table != "policy_mark"))
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            while (await reader.ReadAsync(Cancel))
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    var text = Convert.ToString(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture) ?? "";
                    found.AddRange(wanted.Where(one => text.Contains(one, Guid.TryParse(one, out _) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)).Select(one => $"{table}.{reader.GetName(column)}: {one}"));
                }
            }
        }
        return found;
    });

    /// <summary>Two uses by Ada (one of them corrected by the manager), a refused tap, a habilitation, a booking.</summary>
    private static async Task<SmallLab> StoryAsync(BookingHost host)
    {
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "Ada, première pièce vue"), lab.Manager, Cancel);
        await host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Machine, lab.Ada, host.Time.Now + Duration.FromHours(1), host.Time.Now + Duration.FromHours(2)), lab.Manager, Cancel);
        var records = new MachineStory(lab.Machine, host.Time.Now).Use(lab.Ada, lab.AdasBadge, 600, lab.Project)
            .RefusedTap(AccessReason.TrainingMissing, lab.Ada, lab.AdasBadge).Records();
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);
        var row = await host.ReadAsync(db => db.Ledger.SingleAsync(Cancel));
        await host.Services.GetRequiredService<CorrectEntry>().HandleAsync(row.Id, new LedgerCorrection(lab.Ada, null, null, "Ada s’est trompée de projet"), lab.Manager, Cancel);
        Assert.Equal(3, await host.ReadAsync(db => db.Ledger.CountAsync(Cancel)));
        return lab;
    }

    private static Task<Features.Outcome<PersonErased>> EraseAsync(BookingHost host, SmallLab lab, string code) =>
        host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Ada, new ErasureRequest(code), lab.Manager, Cancel);

    private static Task PurgeAsync(BookingHost host) => host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);

    private static async Task SoundAsync(BookingHost host, bool erased)
    {
        var report = await host.Services.GetRequiredService<IAuditCheck>().RunAsync(null, Cancel);
        Assert.Empty(report.Faults);
        Assert.Equal(erased, report.Erased > 0);
    }

    private static Task<List<long>> RecordsAsync(BookingHost host) => host.ReadAsync(db => db.Journal.Select(row => row.Seq).ToListAsync(Cancel));

    /// <summary>The total, and the sums by machine and by project; and how many people the machine time is spread over.</summary>
    private static Task<string> SumsAsync(BookingHost host) => host.ReadAsync(async db =>
    {
        var scope = new LedgerScope();
        var people = await LedgerSums.ByAsync(db, scope, LedgerGroup.Person, Cancel);
        return string.Join('\n', [
            await LedgerSums.OfAsync(db, scope, Cancel),
            .. await LedgerSums.ByAsync(db, scope, LedgerGroup.Machine, Cancel),
            .. await LedgerSums.ByAsync(db, scope, LedgerGroup.Project, Cancel),
            .. people.Select(sum => sum with { Key = null }),
        ]);
    });

    /// <summary>Neither id stands in any text or id column of the records of machines.</summary>
    private static async Task NowhereAsync(BookingHost host, params Guid[] ids)
    {
        var texts = await host.ReadAsync(async db => new List<string>(
        [
            .. await db.Journal.Select(row => row.Body).ToListAsync(Cancel),
            .. (await db.Ledger.ToListAsync(Cancel)).Select(row => $"{row.PersonId} {row.AccompaniedBy} {row.Author} {row.BadgeId} {row.Reason}"),
            .. (await db.Reservations.ToListAsync(Cancel)).Select(row => $"{row.PersonId}"),
        ]));
        Assert.NotEmpty(texts);
        foreach (var id in ids)
            Assert.DoesNotContain(texts, text => text.Contains(id.ToString(), StringComparison.OrdinalIgnoreCase));
    }
}
