using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>
/// A séance that is being held: its mentors stand beside its people at its machines without a badge of their own at each start.
/// It is removed when the séance ends.
/// </summary>
public sealed record GroupSessionRule : PolicyEntity
{
    /// <summary>The séance.</summary>
    public required GroupSessionId Id { get; init; }

    /// <summary>The machines it is held at; at others a companion taps as always.</summary>
    public ValueList<MachineId> Machines { get; init; } = [];

    /// <summary>The people of its list who have not left.</summary>
    public ValueList<PersonId> People { get; init; } = [];

    /// <summary>The mentors who are there now.</summary>
    public ValueList<PersonId> Mentors { get; init; } = [];

    /// <summary>How many minors one mentor may have at machines at once; null = as for any companion.</summary>
    public int? PerMentor { get; init; }

    /// <summary>When it ends by itself if nobody ends it before, excluded.</summary>
    public required Instant Until { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.GroupSession;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}
