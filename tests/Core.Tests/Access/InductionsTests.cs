using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Access;

/// <summary>Which taps belong to an induction, and which are taps like any other.</summary>
public sealed class InductionsTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 10, 9, 0);
    private readonly TrainingId _laser = TrainingId.New(Now);
    private readonly PersonId _trainer = PersonId.New(Now);
    private readonly PersonId _trainee = PersonId.New(Now);
    private readonly BadgeId _trainersBadge = BadgeId.New(Now);
    private readonly BadgeId _traineesBadge = BadgeId.New(Now);

    private InductionOffer Offer => new(new InductionId(Guid.CreateVersion7(Now.ToDateTimeOffset())), _trainer, _laser, Now + Inductions.ArmedFor);

    [Fact]
    public void The_armed_trainer_begins_and_the_next_person_is_the_trainee()
    {
        InductionOffer offer = Offer;
        LabPolicy policy = Policy();
        var begun = Assert.IsType<InductionStep.TraineePlease>(Inductions.OnTap(policy, Rule(offer), true, null, null, _trainersBadge, Now));

        InductionStep step = Inductions.OnTap(policy, Rule(offer), true, begun.Waiting, offer.Id, _traineesBadge, Now + Duration.FromSeconds(29));

        Assert.Equal((_trainee, _traineesBadge), Assert.IsType<InductionStep.Given>(step) is var given ? (given.Trainee, given.Badge) : default);
        Assert.IsType<InductionStep.GivenUp>(Inductions.OnTap(policy, Rule(offer), true, begun.Waiting, offer.Id, _trainersBadge, Now + Duration.FromSeconds(5)));
    }

    public static TheoryData<string> Ordinary =>
    [
        "not armed", "armed for somebody else", "armed too long ago", "machine in use", "begun before", "trainer no more", "unknown badge", "lost badge", "left the lab",
    ];

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void Without_arming_a_trainers_tap_is_a_tap_like_any_other(string what)
    {
        InductionOffer offer = Offer;
        InductionStep step = what switch
        {
            "not armed" => Inductions.OnTap(Policy(), Rule(null), true, null, null, _trainersBadge, Now),
            "armed for somebody else" => Inductions.OnTap(Policy(), Rule(offer with { Trainer = _trainee }), true, null, null, _trainersBadge, Now),
            "armed too long ago" => Inductions.OnTap(Policy(), Rule(offer), true, null, null, _trainersBadge, offer.Until),
            "machine in use" => Inductions.OnTap(Policy(), Rule(offer), false, null, null, _trainersBadge, Now),
            "begun before" => Inductions.OnTap(Policy(), Rule(offer), true, null, offer.Id, _trainersBadge, Now),
            "trainer no more" => Inductions.OnTap(Policy(level: HabilitationLevel.Autonomous), Rule(offer), true, null, null, _trainersBadge, Now),
            "unknown badge" => Inductions.OnTap(Policy(), Rule(offer), true, null, null, null, Now),
            "lost badge" => Inductions.OnTap(Policy(badge: BadgeState.Lost), Rule(offer), true, null, null, _trainersBadge, Now),
            _ => Inductions.OnTap(Policy(active: false), Rule(offer), true, null, null, _trainersBadge, Now),
        };

        Assert.IsType<InductionStep.None>(step);
    }

    [Theory]
    [InlineData("too late")]
    [InlineData("called off")]
    [InlineData("trainer no more")]
    [InlineData("stranger")]
    public void A_trainee_who_comes_too_late_or_after_the_end_is_given_nothing(string what)
    {
        InductionOffer offer = Offer;
        InductionWaiting waiting = new(offer, _trainersBadge, Now);
        InductionStep step = what switch
        {
            "too late" => Inductions.OnTap(Policy(), Rule(offer), true, waiting, offer.Id, _traineesBadge, Now + Inductions.TraineeWithin),
            "called off" => Inductions.OnTap(Policy(), Rule(null), true, waiting, offer.Id, _traineesBadge, Now + Duration.FromSeconds(1)),
            "trainer no more" => Inductions.OnTap(Policy(level: HabilitationLevel.None), Rule(offer), true, waiting, offer.Id, _traineesBadge, Now + Duration.FromSeconds(1)),
            _ => Inductions.OnTap(Policy(), Rule(offer), true, waiting, offer.Id, null, Now + Duration.FromSeconds(1)),
        };

        Assert.IsType<InductionStep.None>(step);
    }

    private static MachineRule Rule(InductionOffer? offer) =>
        new() { Id = MachineId.New(Now), Code = "LAS-1", NameFr = "Laser", NameEn = "Laser", Induction = offer };

    private LabPolicy Policy(HabilitationLevel level = HabilitationLevel.Trainer, BadgeState badge = BadgeState.Active, bool active = true) => LabPolicy.From(
        [
            new PersonRule { Id = _trainer, Adult = true, Active = active },
            new PersonRule { Id = _trainee, Adult = true },
            Badge(_trainersBadge, _trainer, "em:0000000001") with { State = badge },
            Badge(_traineesBadge, _trainee, "em:0000000002"),
            new HabilitationRule { Id = HabilitationId.New(Now), Person = _trainer, Training = _laser, Level = level },
        ],
        0, Now);

    private static BadgeRule Badge(BadgeId id, PersonId owner, string number) =>
        new() { Id = id, Person = owner, Print = new BadgeHasher(1, new byte[32]).Print(BadgeNumber.Parse(number)!) };
}
