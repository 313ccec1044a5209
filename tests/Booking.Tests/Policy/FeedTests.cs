using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Policy;

public sealed class FeedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_replica_that_follows_the_changes_equals_a_fresh_copy(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var client = host.GatewayClient();
        var feed = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        var replica = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);

        var granted = await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "seen"), lab.Manager, Cancel);
        await host.Services.GetRequiredService<SetPresence>().HandleAsync(lab.Bob, here: true, lab.Manager, Cancel);
        await host.Services.GetRequiredService<LockMachineOut>().HandleAsync(lab.Machine, new NewLockOut("belt"), lab.Manager, Cancel);
        await host.Services.GetRequiredService<BookMachine>().BookAsync(
            new NewReservation(lab.Machine, lab.Ada, host.Time.Now + Duration.FromHours(1), host.Time.Now + Duration.FromHours(2)), lab.Manager, Cancel);
        replica = await FollowAsync(client, replica);
        Assert.Equal(HabilitationLevel.Autonomous, Assert.Single(replica.Habilitations(lab.Ada)).Level);
        Assert.Equal("belt", replica.Machine(lab.Machine)!.LockOut!.Cause);

        await host.Services.GetRequiredService<SetPresence>().HandleAsync(lab.Bob, here: false, lab.Manager, Cancel);
        await host.Services.GetRequiredService<ActOnHabilitation>().HandleAsync(
            granted.Value.Id, HabilitationActKind.Withdrawn, new HabilitationActRequest("accident", 1), lab.Manager, Cancel);
        replica = await FollowAsync(client, replica);

        Assert.Null(replica.Presence(lab.Bob));
        Assert.Empty(replica.Habilitations(lab.Ada));
        var full = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        var fresh = LabPolicy.From(full.Changes.Select(change => change.Entity!), full.Revision, full.ServerTime);
        Assert.True(full.Full);
        Assert.Equal(Text(fresh), Text(replica));
        Assert.Equal(fresh.Revision, replica.Revision);
    }

    [Fact]
    public async Task A_waiting_gateway_hears_of_a_change_at_once()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var client = host.GatewayClient();
        var feed = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);

        var waiting = client.PolicyAsync(feed.Revision, TimeSpan.FromSeconds(60), Cancel);
        // Time stands still in this test: only the change itself can end the wait.
        await host.Time.WaitForTimerDueInAsync(Duration.FromSeconds(60), Cancel);
        await host.Services.GetRequiredService<LockMachineOut>().HandleAsync(lab.Machine, new NewLockOut("belt"), lab.Manager, Cancel);

        var change = Assert.Single((await waiting).Changes);
        Assert.Equal("belt", Assert.IsType<MachineRule>(change.Entity).LockOut!.Cause);
    }

    [Fact]
    public async Task Without_a_change_the_wait_ends_empty_and_confirms_the_revision()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        var client = host.GatewayClient();
        var feed = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);

        var waiting = client.PolicyAsync(feed.Revision, TimeSpan.FromSeconds(20), Cancel);
        // The clock of the wait is set once the feed has read and found nothing. It is moved exactly to the end: the answer is
        // made while the clock of a test still moves on.
        await host.Time.WaitForTimerDueInAsync(Duration.FromSeconds(20), Cancel);
        host.Time.Advance(Duration.FromSeconds(20));

        var answer = await waiting;
        Assert.Equal((feed.Revision, false, 0), (answer.Revision, answer.Full, answer.Changes.Count));
        Assert.Equal(host.Time.Now, answer.ServerTime);
    }

    [Fact]
    public async Task A_change_made_by_another_copy_of_booking_wakes_a_waiting_gateway()
    {
        var database = new Dictionary<string, string?> { ["Booking:Database"] = await BookingHost.PostgresAsync(Cancel) };
        await using var one = await BookingHost.StartAsync(settings: database);
        var lab = await SmallLab.InAsync(one);
        using var sameFolder = new FabLab.Testing.TemporaryFolder();
        foreach (var key in Directory.GetFiles(one.Folder, "*.key"))
            File.Copy(key, sameFolder.File(Path.GetFileName(key)));
        await using var other = await BookingHost.StartAsync(settings: database, folder: sameFolder);
        await other.Services.GetRequiredService<FabLab.Booking.Data.ChangeRelay>().Listening;
        var client = other.GatewayClient();
        var feed = await client.PolicyAsync(0, TimeSpan.Zero, Cancel);

        var waiting = client.PolicyAsync(feed.Revision, TimeSpan.FromSeconds(60), Cancel);
        await one.Services.GetRequiredService<LockMachineOut>().HandleAsync(lab.Machine, new NewLockOut("belt"), lab.Manager, Cancel);

        Assert.Equal("belt", Assert.IsType<MachineRule>(Assert.Single((await waiting).Changes).Entity).LockOut!.Cause);
    }

    [Fact]
    public async Task A_revision_that_was_never_given_out_gets_everything()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);

        var answer = await host.GatewayClient().PolicyAsync(1_000_000, TimeSpan.FromSeconds(30), Cancel);

        Assert.True(answer.Full);
        Assert.Contains(answer.Changes, change => change.Kind == PolicyKind.Machine);
    }

    [Fact]
    public async Task What_gateways_get_holds_no_name_of_a_person_and_no_badge_number()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);

        using var client = host.WithGatewayKey();
        var text = await client.GetStringAsync("api/v1/gateways/lab/policy", Cancel);

        Assert.DoesNotContain("Ada", text, StringComparison.Ordinal);
        Assert.DoesNotContain("62E3086CED", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_rules_sent_let_core_decide_as_booking_would()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var machine = await write.Db.Machines.SingleAsync(cancel);
                machine.Describe(machine.Rule with { Requirement = new TrainingNeed.One(lab.Training), NeedsMembership = true });
                machine.Version++;
            },
            Cancel);
        var before = await AskAsync();
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Autonomous, "seen"), lab.Manager, Cancel);
        await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.People.SingleAsync(p => p.Id == lab.Ada, cancel)).MemberThrough = new LocalDate(2026, 3, 10), Cancel);
        var on_the_last_day = await AskAsync();
        host.Time.Advance(Duration.FromHours(15));
        var after = await AskAsync();

        Assert.Equal(AccessReason.MembershipEnded, Assert.IsType<AccessDecision.Denied>(before).Reason);
        // The last day of a membership is included, in the lab's own time zone: it ends at 23:00 UTC.
        Assert.Equal(Instant.FromUtc(2026, 3, 10, 23, 0), Assert.IsType<AccessDecision.Granted>(on_the_last_day).Until);
        Assert.Equal(AccessReason.MembershipEnded, Assert.IsType<AccessDecision.Denied>(after).Reason);

        async Task<AccessDecision> AskAsync()
        {
            var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
            var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
            return AccessRules.Ask(policy, new AccessRequest { Now = host.Time.Now, Machine = lab.Machine, Badge = new BadgeMatch.Known(lab.AdasBadge) });
        }
    }

    [Fact]
    public async Task A_gateway_is_noted_as_seen_at_most_once_a_minute()
    {
        await using var host = await BookingHost.StartAsync();
        var client = host.GatewayClient();
        var first = host.Time.Now;
        await client.PolicyAsync(0, TimeSpan.Zero, Cancel);
        host.Time.Advance(Duration.FromSeconds(30));
        await client.PolicyAsync(0, TimeSpan.Zero, Cancel);

        Assert.Equal(first, await host.ReadAsync(db => db.Gateways.Select(gateway => gateway.LastSeenAt).SingleAsync(Cancel)));
    }

    private static async Task<LabPolicy> FollowAsync(GatewayClient client, LabPolicy replica)
    {
        var feed = await client.PolicyAsync(replica.Revision, TimeSpan.Zero, Cancel);
        Assert.False(feed.Full);
        Assert.Equal(feed.Changes.Select(change => change.Revision).Order(), feed.Changes.Select(change => change.Revision));
        return replica.Apply(feed.Changes, feed.ServerTime);
    }

    private static string Text(LabPolicy policy) => string.Join('\n', policy.Entities().Select(entity => $"{entity.Kind} {entity.Key} {entity}").Order(StringComparer.Ordinal));
}
