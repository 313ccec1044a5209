using System.Collections.Immutable;
using System.Diagnostics;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>How far a person may go by their trainings.</summary>
/// <param name="Level">The level.</param>
/// <param name="Until">Until when it holds.</param>
/// <param name="Used">The habilitations it rests on.</param>
/// <param name="Gap">The training in the way; set when the level is None.</param>
internal readonly record struct Trained(
    HabilitationLevel Level, Instant? Until, ValueList<HabilitationId> Used, TrainingGap? Gap);

/// <summary>Walks the tree of trainings that a machine asks for.</summary>
internal static class TrainingLevels
{
    public static Trained Of(LabPolicy policy, ImmutableArray<HabilitationRule> held, TrainingNeed need, Instant now) => need switch
    {
        TrainingNeed.One one => OfOne(policy, held, one.Training, now),
        TrainingNeed.All all => OfAll(policy, held, all.Needs, now),
        TrainingNeed.Any any => OfAny(policy, held, any.Needs, now),
        _ => throw new UnreachableException(),
    };

    private static Trained OfOne(LabPolicy policy, ImmutableArray<HabilitationRule> held, TrainingId training, Instant now)
    {
        HabilitationRule? best = null;
        HabilitationRule? lapsed = null;
        foreach (HabilitationRule rule in held)
        {
            if (rule.Training != training || rule.ValidFrom > now || rule.Level == HabilitationLevel.None)
            {
                continue;
            }

            if (rule.Suspended || rule.ValidUntil <= now)
            {
                lapsed = CloserToValid(lapsed, rule, now);
            }
            else if (best is null || IsBetter(rule, best))
            {
                best = rule;
            }
        }

        return best is null
            ? new Trained(HabilitationLevel.None, null, [], GapOf(policy, training, lapsed, now))
            : new Trained(best.Level, best.ValidUntil, [best.Id], null);
    }

    private static Trained OfAll(LabPolicy policy, ImmutableArray<HabilitationRule> held, ValueList<TrainingNeed> needs, Instant now)
    {
        Trained all = new(HabilitationLevel.Trainer, null, [], null);
        foreach (TrainingNeed need in needs.AsSpan())
        {
            Trained one = Of(policy, held, need, now);
            if (one.Gap is not null)
            {
                // The first branch in the way is the one to say; the others are said once it is settled. A suspension comes first:
                // staff meant it, and no course cures it.
                all = all.Gap is { State: not TrainingState.Suspended } or null && (all.Gap is null || one.Gap.State == TrainingState.Suspended)
                    ? one
                    : all;
            }
            else if (all.Gap is null)
            {
                Instant? until = all.Until is null || one.Until < all.Until ? one.Until ?? all.Until : all.Until;
                all = new Trained(Lower(all.Level, one.Level), until, Joined(all.Used, one.Used), null);
            }
        }

        // Nobody becomes a trainer by a machine that asks for nothing.
        return needs.Count == 0 ? all with { Level = HabilitationLevel.Autonomous } : all;
    }

    private static Trained OfAny(LabPolicy policy, ImmutableArray<HabilitationRule> held, ValueList<TrainingNeed> needs, Instant now)
    {
        Trained? best = null;
        foreach (TrainingNeed need in needs.AsSpan())
        {
            Trained one = Of(policy, held, need, now);
            if (best is not { } found || IsBetter(one, found))
            {
                best = one;
            }
        }

        return best ?? new Trained(HabilitationLevel.None, null, [], new TrainingGap(default, "", "", TrainingState.Missing, null, null));
    }

    private static bool IsBetter(Trained one, Trained best)
    {
        if (one.Level != best.Level)
        {
            return one.Level > best.Level;
        }

        // Of two gaps, say the one that is closest to being closed: a renewal before a first course.
        return one.Gap is not null
            ? one.Gap.State == TrainingState.Expired && best.Gap!.State != TrainingState.Expired
            : best.Until is not null && !(one.Until <= best.Until);
    }

    private static bool IsBetter(HabilitationRule rule, HabilitationRule best) =>
        rule.Level != best.Level
            ? rule.Level > best.Level
            : best.ValidUntil is not null && !(rule.ValidUntil <= best.ValidUntil);

    /// <summary>A suspension outlasts an expiry: it is the reason said.</summary>
    private static HabilitationRule CloserToValid(HabilitationRule? one, HabilitationRule two, Instant now)
    {
        if (one is null || two.Suspended)
        {
            return two;
        }

        return one.Suspended || one.ValidUntil >= two.ValidUntil ? one : two;
    }

    private static TrainingGap GapOf(LabPolicy policy, TrainingId training, HabilitationRule? lapsed, Instant now)
    {
        TrainingRule? rule = policy.Training(training);
        TrainingState state = lapsed switch
        {
            null => TrainingState.Missing,
            { Suspended: true } => TrainingState.Suspended,
            _ => TrainingState.Expired,
        };
        return new TrainingGap(
            training,
            rule?.NameFr ?? "",
            rule?.NameEn ?? "",
            state,
            state == TrainingState.Expired ? lapsed!.ValidUntil : null,
            rule?.NextSession > now ? rule.NextSession : null);
    }

    private static HabilitationLevel Lower(HabilitationLevel one, HabilitationLevel two) => one < two ? one : two;

    private static ValueList<HabilitationId> Joined(ValueList<HabilitationId> one, ValueList<HabilitationId> two) =>
        one.Count == 0 ? two : [.. one.AsSpan(), .. two.AsSpan()];
}
