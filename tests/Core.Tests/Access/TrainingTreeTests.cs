using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Access;

public sealed class TrainingTreeTests
{
    private static readonly TrainingNeed Laser = new TrainingNeed.One(Lab.LaserTraining);
    private static readonly TrainingNeed Safety = new TrainingNeed.One(Lab.Safety);
    private static readonly Instant Soon = Lab.Now + Duration.FromHours(1);
    private static readonly Instant Later = Lab.Now + Duration.FromHours(2);
    private static readonly HabilitationRule SafetyHeld = Lab.MakerHabilitation with { Id = Lab.Id<HabilitationId>(54), Training = Lab.Safety };

    [Fact]
    public void All_names_the_first_that_is_missing()
    {
        Assert.Equal(Lab.Safety, Gap(new TrainingNeed.All([Laser, Safety])).Training);
        Assert.Equal(Lab.LaserTraining, Gap(new TrainingNeed.All([Laser, Safety]), Lab.MakerHabilitation with { ValidUntil = Lab.Now }).Training);
        Assert.Equal(Lab.Safety, Gap(new TrainingNeed.All([Safety, Laser]), Lab.MakerHabilitation with { ValidUntil = Lab.Now }).Training);
    }

    [Fact]
    public void All_names_a_suspension_first_wherever_it_stands()
    {
        TrainingGap gap = Gap(new TrainingNeed.All([Safety, Laser]), Lab.MakerHabilitation with { Suspended = true });

        Assert.Equal((Lab.LaserTraining, TrainingState.Suspended), (gap.Training, gap.State));
        TrainingGap first = Gap(new TrainingNeed.All([Laser, Safety]), Lab.MakerHabilitation with { Suspended = true }, SafetyHeld with { Suspended = true });
        Assert.Equal(Lab.LaserTraining, first.Training);
    }

    [Fact]
    public void All_goes_as_far_and_as_long_as_the_least_of_them()
    {
        PersonFacts facts = Facts(
            new TrainingNeed.All([Laser, Safety]),
            Lab.MakerHabilitation with { Level = HabilitationLevel.Trainer, ValidUntil = Later },
            SafetyHeld with { Level = HabilitationLevel.Accompanied, ValidUntil = Soon });

        Assert.Equal((HabilitationLevel.Accompanied, Soon), (facts.Level, facts.LevelUntil));
        Assert.Equal([Lab.MakerHabilitation.Id, SafetyHeld.Id], facts.Habilitations);
        Assert.Equal(Soon, Facts(new TrainingNeed.All([Laser, Safety]), Lab.MakerHabilitation with { ValidUntil = Soon }, SafetyHeld).LevelUntil);
        Assert.Equal(Soon, Facts(new TrainingNeed.All([Laser, Safety]), Lab.MakerHabilitation, SafetyHeld with { ValidUntil = Soon }).LevelUntil);
    }

    [Fact]
    public void Any_takes_the_best_of_them()
    {
        PersonFacts facts = Facts(
            new TrainingNeed.Any([Laser, Safety]),
            Lab.MakerHabilitation with { Level = HabilitationLevel.Accompanied },
            SafetyHeld with { Level = HabilitationLevel.Trainer, ValidUntil = Soon });

        Assert.Equal((HabilitationLevel.Trainer, Soon), (facts.Level, facts.LevelUntil));
        Assert.Equal([SafetyHeld.Id], facts.Habilitations);
        Assert.Null(facts.Gap);
        Assert.Equal(Later, Facts(new TrainingNeed.Any([Laser, Safety]), Lab.MakerHabilitation with { ValidUntil = Soon }, SafetyHeld with { ValidUntil = Later }).LevelUntil);
        Assert.Equal(Later, Facts(new TrainingNeed.Any([Laser, Safety]), Lab.MakerHabilitation with { ValidUntil = Later }, SafetyHeld with { ValidUntil = Soon }).LevelUntil);
        Assert.Null(Facts(new TrainingNeed.Any([Laser, Safety]), Lab.MakerHabilitation with { ValidUntil = Later }, SafetyHeld).LevelUntil);
    }

    [Fact]
    public void Any_names_a_renewal_before_a_first_course()
    {
        TrainingGap gap = Gap(new TrainingNeed.Any([Safety, Laser]), Lab.MakerHabilitation with { ValidUntil = Lab.Now });

        Assert.Equal((Lab.LaserTraining, TrainingState.Expired), (gap.Training, gap.State));
        Assert.Equal(Lab.Safety, Gap(new TrainingNeed.Any([Safety, Laser]), Lab.MakerHabilitation with { Suspended = true }).Training);
    }

    [Fact]
    public void Trees_nest()
    {
        TrainingNeed tree = new TrainingNeed.All([Safety, new TrainingNeed.Any([Laser, new TrainingNeed.One(Lab.Id<TrainingId>(39))])]);

        Assert.Equal(Lab.Safety, Gap(tree).Training);
        Assert.Equal(HabilitationLevel.Autonomous, Facts(tree, SafetyHeld).Level);
    }

    [Fact]
    public void An_empty_all_asks_nothing_and_an_empty_any_can_never_be_met()
    {
        Assert.Equal(HabilitationLevel.Autonomous, Facts(new TrainingNeed.All([])).Level);
        Assert.Equal(TrainingState.Missing, Gap(new TrainingNeed.Any([])).State);
    }

    [Fact]
    public void Of_two_grants_of_one_training_the_better_counts()
    {
        HabilitationRule second = Lab.MakerHabilitation with { Id = Lab.Id<HabilitationId>(55) };

        Assert.Equal(HabilitationLevel.Trainer, Facts(Laser, second with { Level = HabilitationLevel.Trainer, ValidUntil = Soon }).Level);
        Assert.Null(Facts(Laser, second with { ValidUntil = Soon }).LevelUntil);
        Assert.Equal(Later, Facts(Laser, Lab.MakerHabilitation with { ValidUntil = Soon }, second with { ValidUntil = Later }).LevelUntil);
        Assert.Equal(HabilitationLevel.Autonomous, Facts(Laser, second with { Suspended = true }).Level);
        Assert.Equal(TrainingState.Suspended, Gap(Laser, Lab.MakerHabilitation with { ValidUntil = Lab.Now }, second with { Suspended = true }).State);
        Assert.Equal(TrainingState.Suspended, Gap(Laser, Lab.MakerHabilitation with { Suspended = true }, second with { ValidUntil = Lab.Now }).State);
        TrainingGap latest = Gap(Laser, Lab.MakerHabilitation with { ValidUntil = Lab.Now }, second with { ValidUntil = Lab.Now - Duration.FromDays(5) });
        Assert.Equal(Lab.Now, latest.ExpiredAt);
    }

    [Fact]
    public void A_training_that_the_policy_does_not_name_is_missing_all_the_same()
    {
        LabPolicy policy = Lab.Policy(Lab.LaserRule with { Requirement = new TrainingNeed.One(Lab.Id<TrainingId>(39)) });

        AccessDecision.Denied denied = Assert.IsType<AccessDecision.Denied>(AccessRules.Ask(policy, Lab.Tap));

        Assert.Equal("La formation de cette machine manque.", denied.Sentence.Fr);
    }

    private static PersonFacts Facts(TrainingNeed need, params HabilitationRule[] changed) =>
        AccessRules.Gather(Lab.Policy([Lab.LaserRule with { Requirement = need }, .. changed]), Lab.Tap).Person!;

    private static TrainingGap Gap(TrainingNeed need, params HabilitationRule[] changed)
    {
        PersonFacts facts = Facts(need, changed);
        Assert.Equal(HabilitationLevel.None, facts.Level);
        return facts.Gap!;
    }
}
