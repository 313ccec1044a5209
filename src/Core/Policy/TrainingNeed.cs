using System.Text.Json.Serialization;

namespace FabLab.Core.Policy;

/// <summary>Which trainings a machine asks for: a tree of "all of" and "one of". A closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(One), "one")]
[JsonDerivedType(typeof(All), "all")]
[JsonDerivedType(typeof(Any), "any")]
public abstract record TrainingNeed
{
    private TrainingNeed()
    {
    }

    /// <summary>One training.</summary>
    /// <param name="Training">The training.</param>
    public sealed record One(TrainingId Training) : TrainingNeed;

    /// <summary>Every branch; the person's level is the lowest of them. Without branches nothing is asked.</summary>
    /// <param name="Needs">The branches.</param>
    public sealed record All(ValueList<TrainingNeed> Needs) : TrainingNeed;

    /// <summary>At least one branch; the person's level is the highest of them. Without branches nobody fulfils it.</summary>
    /// <param name="Needs">The branches.</param>
    public sealed record Any(ValueList<TrainingNeed> Needs) : TrainingNeed;
}
