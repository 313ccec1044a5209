using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>How far somebody may go by their trainings.</summary>
/// <param name="Level">The level.</param>
/// <param name="Until">Until when it holds, excluded; null = without end, or nothing to hold.</param>
/// <param name="Gap">The training in the way; null when none is.</param>
public sealed record TrainingStanding(HabilitationLevel Level, Instant? Until, TrainingGap? Gap);
