using System.Text.Json;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Habilitations;

/// <summary>An induction is armed by who may train, and two taps at the machine make it a habilitation: once, and only if it was armed.</summary>
public sealed class InductionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Two_taps_that_were_armed_make_a_habilitation_once(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var (lab, armed) = await ArmedAsync(host);
        var offer = (MachineRule)(await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes.Last(c => c.Kind == PolicyKind.Machine).Entity!;
        Assert.Equal((armed.Id, lab.Manager.Id), (offer.Induction!.Id, offer.Induction.Trainer));

        await TellAsync(host, lab, armed.Id, lab.Ada, seq: 1);
        await TellAsync(host, lab, armed.Id, lab.Ada, seq: 1);

        var act = Assert.Single(await ActsOfAsync(host, lab.Ada));
        Assert.Equal(
            (HabilitationLevel.Autonomous, EvidenceKind.Induction, armed.Id.Value, lab.Manager.Id), (act.Level, act.Ground, act.EvidenceId!.Value, act.By));
        Assert.Empty(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel)));
        var after = (MachineRule)(await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes.Last(c => c.Kind == PolicyKind.Machine).Entity!;
        Assert.Null(after.Induction);
    }

    public static TheoryData<string> Untrue => ["not armed", "other trainer", "cancelled", "too late", "done before", "himself", "stranger", "right taken", "trainer no more"];

    [Theory]
    [MemberData(nameof(Untrue))]
    public async Task Taps_that_were_not_armed_give_nothing_and_tell_staff(string what)
    {
        await using var host = await BookingHost.StartAsync();
        var (lab, armed) = await ArmedAsync(host);
        var (id, trainer, trainee) = (armed.Id, lab.Manager.Id, lab.Ada);
        var given = 0;
        switch (what)
        {
            case "not armed":
                id = InductionId.New(host.Time.Now);
                break;
            case "other trainer":
                trainer = lab.Bob;
                break;
            case "cancelled":
                await host.Services.GetRequiredService<ArmInduction>().CancelAsync(armed.Id, lab.Manager, Cancel);
                break;
            case "too late":
                host.Time.Advance(Duration.FromMinutes(10));
                break;
            case "done before":
                await TellAsync(host, lab, armed.Id, lab.Ada, seq: 1);
                given = 1;
                break;
            case "himself":
                trainee = lab.Manager.Id;
                given = 1;
                break;
            case "stranger":
                trainee = PersonId.New(host.Time.Now);
                break;
            case "right taken":
                await host.Writer.WriteAsync(async (write, cancel) => (await write.Db.StaffAccounts.SingleAsync(a => a.Id == lab.Manager.Id, cancel)).Role = Role.FrontDesk, Cancel);
                break;
            default:
                var head = await host.ReadAsync(db => db.Habilitations.SingleAsync(Cancel));
                await host.Services.GetRequiredService<ActOnHabilitation>().HandleAsync(
                    head.Id, HabilitationActKind.Withdrawn, new HabilitationActRequest("left", 1), lab.Manager, Cancel);
                break;
        }

        await TellAsync(host, lab, id, trainee, seq: 2, trainer);

        Assert.Equal(what == "himself" ? 1 : given, (await ActsOfAsync(host, trainee)).Count);
        Assert.Equal("induction_not_taken", Assert.Single(await host.ReadAsync(db => db.Alarms.ToListAsync(Cancel))).Code);
    }

    [Fact]
    public async Task Who_may_do_more_already_keeps_it()
    {
        await using var host = await BookingHost.StartAsync();
        var (lab, armed) = await ArmedAsync(host, HabilitationLevel.Accompanied);
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Ada, new HabilitationGrant(lab.Training, HabilitationLevel.Trainer, "years of it"), lab.Manager, Cancel);

        await TellAsync(host, lab, armed.Id, lab.Ada, seq: 1);

        Assert.Equal([HabilitationLevel.Trainer, HabilitationLevel.Trainer], (await ActsOfAsync(host, lab.Ada)).Select(a => a.Level));
    }

    [Fact]
    public async Task Only_a_trainer_of_what_the_machine_asks_for_arms_and_only_one_at_a_time()
    {
        await using var host = await BookingHost.StartAsync();
        var (lab, armed) = await ArmedAsync(host);
        var handler = host.Services.GetRequiredService<ArmInduction>();
        var bob = new Features.StaffActor(lab.Bob, Role.Trainer);

        Assert.Equal(ProblemCodes.NotAllowed, (await handler.HandleAsync(lab.Machine, new InductionRequest(lab.Training), bob, Cancel)).Refusal!.Code);
        await host.WriteAsync(write => write.Db.MachineDuties.Add(new MachineDuty { PersonId = lab.Bob, MachineId = lab.Machine, Duty = Duty.Trains }));
        Assert.Equal("not_trainer", (await handler.HandleAsync(lab.Machine, new InductionRequest(lab.Training), bob, Cancel)).Refusal!.Code);
        Assert.Equal("training", (await handler.HandleAsync(lab.Machine, new InductionRequest(TrainingId.New(host.Time.Now)), lab.Manager, Cancel)).Refusal!.Field);
        Assert.Equal("level", (await handler.HandleAsync(lab.Machine, new InductionRequest(lab.Training, HabilitationLevel.Trainer), lab.Manager, Cancel)).Refusal!.Field);
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Bob, new HabilitationGrant(lab.Training, HabilitationLevel.Trainer, "years of it"), lab.Manager, Cancel);
        Assert.Equal("induction_armed", (await handler.HandleAsync(lab.Machine, new InductionRequest(lab.Training), bob, Cancel)).Refusal!.Code);
        Assert.True((await handler.HandleAsync(lab.Machine, new InductionRequest(lab.Training), lab.Manager, Cancel)).Done);
        Assert.NotNull((await host.ReadAsync(db => db.Inductions.SingleAsync(i => i.Id == armed.Id, Cancel))).CancelledAt);
    }

    private static async Task<(SmallLab Lab, InductionArmed Armed)> ArmedAsync(BookingHost host, HabilitationLevel level = HabilitationLevel.Autonomous)
    {
        var lab = await SmallLab.InAsync(host);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var machine = await write.Db.Machines.SingleAsync(cancel);
                machine.Describe(machine.Rule with { Requirement = new TrainingNeed.One(lab.Training) });
                write.Db.Devices.Add(new Device { Id = new DeviceId("las-1"), Driver = "fablab" });
                write.Db.MachineDevices.Add(new MachineDevice { MachineId = lab.Machine, Role = DeviceRole.Reader, DeviceId = new DeviceId("las-1") });
            },
            Cancel);
        await host.Services.GetRequiredService<GrantHabilitation>().HandleAsync(
            lab.Manager.Id, new HabilitationGrant(lab.Training, HabilitationLevel.Trainer, "years of it"), lab.Manager, Cancel);
        var armed = await host.Services.GetRequiredService<ArmInduction>().HandleAsync(lab.Machine, new InductionRequest(lab.Training, level), lab.Manager, Cancel);
        Assert.True(armed.Done, armed.Refusal?.Detail);
        return (lab, armed.Value);
    }

    private static async Task TellAsync(BookingHost host, SmallLab lab, InductionId id, PersonId trainee, long seq, PersonId? trainer = null)
    {
        var body = new InductionRecord(id, trainer ?? lab.Manager.Id, BadgeId.New(host.Time.Now), trainee, BadgeId.New(host.Time.Now));
        await host.GatewayClient().JournalAsync(
            new JournalBatch(1, [new JournalRecord(seq, lab.Machine, host.Time.Now, JournalKinds.Induction, JsonSerializer.SerializeToElement(body, CoreJson.Options))]), Cancel);
    }

    private static async Task<List<HabilitationAct>> ActsOfAsync(BookingHost host, PersonId person) => await host.ReadAsync(async db =>
    {
        var ids = await db.Habilitations.Where(h => h.PersonId == person).Select(h => h.Id).ToListAsync(Cancel);
        return await db.HabilitationActs.Where(a => ids.Contains(a.HabilitationId)).OrderBy(a => a.Number).ToListAsync(Cancel);
    });
}
