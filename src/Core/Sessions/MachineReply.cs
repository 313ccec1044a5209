using System.Text.Json.Serialization;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What the maker is told at the machine.</summary>
public enum ReplyKind
{
    /// <summary>The machine is theirs.</summary>
    Started,

    /// <summary>The use has ended.</summary>
    Stopped,

    /// <summary>They have taken over from somebody else.</summary>
    HandedOver,

    /// <summary>A second badge is awaited.</summary>
    SecondBadgePlease,

    /// <summary>The second badge is not awaited any more.</summary>
    SecondBadgeGivenUp,

    /// <summary>No. What was going on goes on.</summary>
    Refused,

    /// <summary>The end is near.</summary>
    EndSoon,

    /// <summary>The booking ends, and the work in hand may be finished.</summary>
    FinishPlease,

    /// <summary>There is more time.</summary>
    Extended,

    /// <summary>The project is noted.</summary>
    ProjectNoted,

    /// <summary>It was asked for what cannot be done in this state; nothing has changed.</summary>
    NothingToDo,
}

/// <summary>What the maker is told, in plain words.</summary>
/// <param name="Kind">What kind of answer.</param>
/// <param name="Until">When the use ends, when it has an end.</param>
/// <param name="Denied">Why not, when it was refused or waits for a second badge.</param>
/// <param name="Limit">Why the use ends then.</param>
public sealed record MachineReply(ReplyKind Kind, Instant? Until = null, AccessDecision.Denied? Denied = null, LimitReason? Limit = null)
{
    /// <summary>The first line.</summary>
    [JsonIgnore]
    public Words Sentence => Denied is { } denied && Kind is ReplyKind.Refused or ReplyKind.SecondBadgePlease
        ? denied.Sentence
        : SessionWords.Of(Kind);

    /// <summary>What to do next; null when there is nothing to do.</summary>
    [JsonIgnore]
    public Words? NextStep => Kind is ReplyKind.Refused or ReplyKind.SecondBadgePlease ? Denied?.NextStep : null;
}

/// <summary>One turn of a machine: what has happened, how it stands now, and what to say.</summary>
/// <param name="State">The state after the events; the fold of them by <see cref="MachineSessions.Evolve"/>.</param>
/// <param name="Events">What has happened, in order. The durable ones are written down before anything is switched on.</param>
/// <param name="Reply">What to say at the machine; null for nothing.</param>
public sealed record MachineTurn(MachineState State, ValueList<MachineEvent> Events, MachineReply? Reply);
