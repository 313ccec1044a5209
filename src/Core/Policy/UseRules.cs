using NodaTime;

namespace FabLab.Core.Policy;

/// <summary>A machine kept for somebody during a time.</summary>
public sealed record BookingRule : PolicyEntity
{
    /// <summary>The booking.</summary>
    public required BookingId Id { get; init; }

    /// <summary>The machine.</summary>
    public required MachineId Machine { get; init; }

    /// <summary>The other machines it keeps: those in a room that is booked whole.</summary>
    public ValueList<MachineId> Also { get; init; } = [];

    /// <summary>For whom; empty when the machine is kept for nobody by name (maintenance, closed slot).</summary>
    public ValueList<PersonId> People { get; init; } = [];

    /// <summary>The key of the group it is kept for, as <see cref="PersonRule.Groups"/> names it: any member may come for it. Null for none.</summary>
    public string? Group { get; init; }

    /// <summary>Its start, included.</summary>
    public required Instant Start { get; init; }

    /// <summary>Its end, excluded.</summary>
    public required Instant End { get; init; }

    /// <summary>From when anybody may use the machine because nobody came; null once somebody did, or when the booking is never released.</summary>
    public Instant? ReleasedAt { get; init; }

    /// <summary>When its owner tapped at the machine; null while nobody has. From then on it is never released and never moves.</summary>
    public Instant? ClaimedAt { get; init; }

    /// <summary>The pool it was booked from: until it is claimed it may move to another machine of it. Null for a booking of one machine.</summary>
    public PoolId? Pool { get; init; }

    /// <summary>The time to clear up after it, before another booking.</summary>
    public Duration SetUp { get; init; }

    /// <summary>Whether somebody may come for it: it is theirs, or a group's of which they are a member.</summary>
    /// <param name="person">Who; null for somebody unknown.</param>
    public bool IsFor(PersonRule? person) =>
        person is not null && (People.AsSpan().Contains(person.Id) || (Group is { } group && person.Groups.AsSpan().Contains(group)));

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Booking;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>A project that machine time can be counted for.</summary>
public sealed record ProjectRule : PolicyEntity
{
    /// <summary>The project.</summary>
    public required ProjectId Id { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of project it is, in the words of the site (créatif, solidaire, autoformation).</summary>
    public string Type { get; init; } = "";

    /// <summary>Who may count time for it; empty = everybody.</summary>
    public ValueList<PersonId> People { get; init; } = [];

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Project;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}

/// <summary>A limit on a person's machine time in a period, and what Booking knows of its use. Time not yet on the ledger is not in it.</summary>
public sealed record QuotaRule : PolicyEntity
{
    /// <summary>The quota.</summary>
    public required QuotaId Id { get; init; }

    /// <summary>Whose.</summary>
    public required PersonId Person { get; init; }

    /// <summary>On which machines; empty = on all.</summary>
    public ValueList<MachineId> Machines { get; init; } = [];

    /// <summary>The start of the period, included.</summary>
    public required Instant From { get; init; }

    /// <summary>The end of the period, excluded; the day from which there is time again.</summary>
    public required Instant Until { get; init; }

    /// <summary>How much time the period allows.</summary>
    public required Duration Allowed { get; init; }

    /// <summary>How much of it was used when this rule was written.</summary>
    public Duration Used { get; init; }

    /// <inheritdoc/>
    public override PolicyKind Kind => PolicyKind.Quota;

    /// <inheritdoc/>
    public override Guid Key => Id.Value;
}
