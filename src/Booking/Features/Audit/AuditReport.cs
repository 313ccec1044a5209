namespace FabLab.Booking.Features.Audit;

/// <summary>What a look at the whole chain found.</summary>
/// <param name="Entries">How many links there are.</param>
/// <param name="Head">Hash of the last one, to be kept elsewhere.</param>
/// <param name="Erased">How many values were erased, by the chain's own account.</param>
/// <param name="KeptHeadAt">Where the head that was kept elsewhere stands; null when none was given or it is not there.</param>
/// <param name="Faults">What does not fit. Empty: nothing was changed, taken out, put in or moved.</param>
public sealed record AuditReport(long Entries, string Head, long Erased, long? KeptHeadAt, IReadOnlyList<AuditFault> Faults)
{
    public bool Sound => Faults.Count == 0;
}

/// <summary>One thing that does not fit.</summary>
/// <param name="Seq">Place in the chain; 0 for the chain as a whole.</param>
/// <param name="Code">Stable code, see <see cref="AuditFaults"/>.</param>
/// <param name="Detail">One sentence.</param>
public sealed record AuditFault(long Seq, string Code, string Detail);

/// <summary>Codes of <see cref="AuditFault"/>.</summary>
public static class AuditFaults
{
    public const string EntryMissing = "entry_missing";
    public const string EntryChanged = "entry_changed";
    public const string ChainBroken = "chain_broken";
    public const string ValueChanged = "value_changed";
    public const string ValueForeign = "value_foreign";
    public const string ValuesMissing = "values_missing";
    public const string DecisionChanged = "decision_changed";
    public const string DecisionMissing = "decision_missing";
    public const string HeadWrong = "head_wrong";
    public const string KeptHeadMissing = "kept_head_missing";
}
