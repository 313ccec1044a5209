using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>What is fitted to a machine asks for more, for as long as it is there.</summary>
public sealed class MachineOptionTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 10, 9, 0);
    private readonly TrainingId _laser = TrainingId.New(Now);
    private readonly TrainingId _rotary = TrainingId.New(Now);
    private readonly PersonId _person = PersonId.New(Now);
    private readonly MachineId _machine = MachineId.New(Now);

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, AccessReason.TrainingMissing)]
    [InlineData(true, true, null)]
    public void A_fitted_option_asks_for_its_training(bool fitted, bool trained, AccessReason? expected)
    {
        AccessDecision decision = AccessRules.Ask(Policy(fitted, trained), Request());

        Assert.Equal(expected, (decision as AccessDecision.Denied)?.Reason);
        Assert.Equal(fitted ? ["rotary"] : [], decision.Facts.Machine!.Options);
        Assert.Equal(decision, AccessRules.Decide(decision.Facts));
    }

    [Fact]
    public void An_option_can_be_asked_about_without_being_fitted()
    {
        LabPolicy policy = Policy(fitted: false, trained: false);

        Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, Request() with { Options = ["rotary"] }));
        Assert.IsType<AccessDecision.Granted>(AccessRules.Ask(Policy(fitted: true, trained: false), Request() with { Options = [] }));
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, AccessReason.TooYoungAlone)]
    public void A_fitted_option_raises_the_age_alone(bool fitted, AccessReason? expected)
    {
        AccessDecision decision = AccessRules.Ask(Policy(fitted, trained: true, age: 16), Request());

        Assert.Equal(expected, (decision as AccessDecision.Denied)?.Reason);
    }

    [Fact]
    public void A_use_ends_when_an_option_is_fitted_that_its_maker_may_not_use()
    {
        AccessDecision decision = AccessRules.Ask(Policy(fitted: true, trained: false), Request() with { Purpose = AccessPurpose.Continue });

        Assert.Equal(AccessReason.TrainingMissing, Assert.IsType<AccessDecision.Denied>(decision).Reason);
    }

    private AccessRequest Request() => new() { Now = Now, Machine = _machine, Person = _person };

    private LabPolicy Policy(bool fitted, bool trained, int? age = null)
    {
        List<PolicyEntity> rules =
        [
            new PersonRule { Id = _person, Adult = age is null, BirthDate = age is { } years ? Now.InUtc().Date.PlusYears(-years) : null },
            new MachineRule
            {
                Id = _machine, Code = "LAS-1", NameFr = "Laser", NameEn = "Laser", AgeAlone = 14, Requirement = new TrainingNeed.One(_laser),
                Options = [new MachineOption("rotary", "Axe rotatif", "Rotary axis", new TrainingNeed.One(_rotary), 18, fitted)],
            },
            Held(_laser),
        ];
        if (trained)
        {
            rules.Add(Held(_rotary));
        }

        return LabPolicy.From(rules, 0, Now);
    }

    private HabilitationRule Held(TrainingId training) => new() { Id = HabilitationId.New(Now), Person = _person, Training = training };
}
