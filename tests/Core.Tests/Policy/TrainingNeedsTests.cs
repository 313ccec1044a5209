using FabLab.Core.Access;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests.Policy;

/// <summary>A tree of trainings and its rows ask the same of everybody.</summary>
public sealed class TrainingNeedsTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 10, 9, 0);

    [Fact]
    public void Rows_give_every_person_the_level_of_the_tree()
    {
        var random = new Random(84);
        TrainingId[] trainings = [.. Enumerable.Range(0, 4).Select(_ => TrainingId.New(Now))];
        var compared = 0;
        for (int round = 0; round < 400; round++)
        {
            TrainingNeed tree = Tree(random, trainings, 3);
            if (TrainingNeeds.Rows(tree) is not { } rows)
            {
                continue;
            }

            TrainingNeed? back = TrainingNeeds.FromRows(rows);
            for (int holder = 0; holder < 8; holder++)
            {
                PersonId person = PersonId.New(Now);
                LabPolicy policy = LabPolicy.From(
                    trainings.Select(training => new HabilitationRule
                    {
                        Id = HabilitationId.New(Now), Person = person, Training = training, Level = (HabilitationLevel)random.Next(4),
                    }),
                    0, Now);
                Assert.Equal(AccessRules.Trained(policy, person, tree, Now).Level, AccessRules.Trained(policy, person, back, Now).Level);
                compared++;
            }
        }

        Assert.True(compared > 1000, $"only {compared} comparisons");
    }

    [Fact]
    public void Rows_written_and_read_again_are_the_same()
    {
        TrainingId a = TrainingId.New(Now), b = TrainingId.New(Now), c = TrainingId.New(Now);

        IReadOnlyList<IReadOnlyList<TrainingId>> rows = TrainingNeeds.Rows(TrainingNeeds.FromRows([[a, b], [], [c]]))!;

        Assert.Equal([[a, b], [c]], rows);
        Assert.Null(TrainingNeeds.FromRows([[], []]));
        Assert.Empty(TrainingNeeds.Rows(null)!);
    }

    [Fact]
    public void What_nobody_can_fulfil_and_what_is_too_deep_has_no_rows()
    {
        TrainingNeed pair = new TrainingNeed.All([new TrainingNeed.One(TrainingId.New(Now)), new TrainingNeed.One(TrainingId.New(Now))]);

        Assert.Null(TrainingNeeds.Rows(new TrainingNeed.Any([])));
        Assert.Null(TrainingNeeds.Rows(new TrainingNeed.Any([pair, pair, pair, pair])));
    }

    private static TrainingNeed Tree(Random random, TrainingId[] trainings, int depth)
    {
        int kind = depth == 0 ? 0 : random.Next(3);
        return kind == 0
            ? new TrainingNeed.One(trainings[random.Next(trainings.Length)])
            : Branches(kind == 1);

        TrainingNeed Branches(bool all)
        {
            TrainingNeed[] needs = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Tree(random, trainings, depth - 1))];
            return all ? new TrainingNeed.All([.. needs]) : new TrainingNeed.Any([.. needs]);
        }
    }
}
