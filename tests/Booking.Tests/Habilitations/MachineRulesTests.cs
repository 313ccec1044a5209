using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Habilitations;

/// <summary>What a machine asks for, set by staff and told to the relay.</summary>
public sealed class MachineRulesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task Rules_reach_the_gateway_as_they_were_set(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);

        var set = await SetAsync(host, lab, Good(lab));

        Assert.True(set.Done, set.Refusal?.Detail);
        var rule = (MachineRule)(await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel)).Changes.Last(c => c.Kind == PolicyKind.Machine).Entity!;
        Assert.Equal((MachineLevel.Red, 12, 16, true, true), (rule.Level, rule.AgeAccompanied, rule.AgeAlone, rule.NeedsMembership, rule.LearnersWelcome));
        Assert.Equal(new TrainingNeed.One(lab.Training), rule.Requirement);
        var option = Assert.Single(rule.Options);
        Assert.Equal(("rotatif", 18, false), (option.Code, option.AgeAlone, option.Fitted));

        Assert.True((await host.Services.GetRequiredService<SetMachineRules>().FitAsync(lab.Machine, "rotatif", true, lab.Manager, Cancel)).Done);
        Assert.True((await host.ReadAsync(db => db.Machines.SingleAsync(Cancel))).Rule.Options.Single().Fitted);
        // New words for it do not take it off the machine.
        var version = (await host.ReadAsync(db => db.Machines.SingleAsync(Cancel))).Version;
        Assert.True((await SetAsync(host, lab, Good(lab) with { Version = version, Options = [new("rotatif", "Axe", "Axis", null, null)] })).Done);
        Assert.True((await host.ReadAsync(db => db.Machines.SingleAsync(Cancel))).Rule.Options.Single().Fitted);
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "level", "level" }, { "ageAccompanied", "ageAccompanied" }, { "negative", "ageAccompanied" }, { "ageAlone", "ageAlone" }, { "order", "ageAlone" },
        { "training", "trainings" }, { "rows", "trainings" }, { "optionCode", "options" }, { "optionTwice", "options" }, { "optionName", "options" },
        { "optionAge", "options" }, { "optionTraining", "options" }, { "manyOptions", "options" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_names_its_field_and_changes_nothing(string fault, string field)
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var good = Good(lab);
        var option = good.Options![0];
        TrainingId stranger = TrainingId.New(host.Time.Now);
        var bad = fault switch
        {
            "level" => good with { Level = (MachineLevel)9 },
            "ageAccompanied" => good with { AgeAccompanied = 19, AgeAlone = null },
            "negative" => good with { AgeAccompanied = -1 },
            "ageAlone" => good with { AgeAlone = 99 },
            "order" => good with { AgeAccompanied = 16, AgeAlone = 12 },
            "training" => good with { Trainings = [[stranger]] },
            "rows" => good with { Trainings = [.. Enumerable.Repeat<IReadOnlyList<TrainingId>>([lab.Training], 13)] },
            "optionCode" => good with { Options = [option with { Code = "Axe rotatif" }] },
            "optionTwice" => good with { Options = [option, option] },
            "optionName" => good with { Options = [option with { NameEn = " " }] },
            "optionAge" => good with { Options = [option with { AgeAlone = 10 }] },
            "optionTraining" => good with { Options = [option with { Trainings = [[stranger]] }] },
            _ => good with { Options = [.. Enumerable.Range(0, 9).Select(i => option with { Code = $"o{i}" })] },
        };

        var outcome = await SetAsync(host, lab, bad);

        Assert.Equal(("bad_value", field), (outcome.Refusal!.Code, outcome.Refusal.Field));
        Assert.Equal(MachineLevel.Green, (await host.ReadAsync(db => db.Machines.SingleAsync(Cancel))).Rule.Level);
    }

    [Fact]
    public async Task Of_two_managers_at_once_the_later_one_is_told()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);

        Assert.True((await SetAsync(host, lab, Good(lab))).Done);

        Assert.Equal("stale", (await SetAsync(host, lab, Good(lab) with { Level = MachineLevel.Green })).Refusal!.Code);
    }

    [Fact]
    public async Task The_number_of_minors_an_adult_accompanies_is_set_for_the_whole_place()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var handler = host.Services.GetRequiredService<SetMachineRules>();
        var version = (await host.ReadAsync(db => db.Sites.SingleAsync(Cancel))).Version;

        Assert.Equal("minorsPerAdult", (await handler.SetRatioAsync(new RatioRules(51, version), lab.Manager, Cancel)).Refusal!.Field);
        Assert.True((await handler.SetRatioAsync(new RatioRules(4, version), lab.Manager, Cancel)).Done);
        Assert.Equal("stale", (await handler.SetRatioAsync(new RatioRules(5, version), lab.Manager, Cancel)).Refusal!.Code);

        Assert.Equal(4, (await host.ReadAsync(db => db.Sites.SingleAsync(Cancel))).Rule.MinorsPerAdult);
    }

    private static MachineRules Good(SmallLab lab) => new(
        MachineLevel.Red, 12, 16, true, false, false, false, true, [[lab.Training]],
        [new MachineOptionRules("rotatif", "Axe rotatif", "Rotary axis", [[lab.Training]], 18)], 0);

    private static Task<Features.Outcome<RulesSet>> SetAsync(BookingHost host, SmallLab lab, MachineRules rules) =>
        host.Services.GetRequiredService<SetMachineRules>().HandleAsync(lab.Machine, rules, lab.Manager, Cancel);
}
