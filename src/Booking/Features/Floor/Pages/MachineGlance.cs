using FabLab.Core;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>One machine as the floor shows it. What names a person is filled in for staff only.</summary>
public sealed record MachineGlance
{
    public required MachineId Id { get; init; }

    /// <summary>Painted on it.</summary>
    public required string Code { get; init; }

    public required Words Name { get; init; }

    /// <summary>Kind of machine; the floor groups by it.</summary>
    public string Type { get; init; } = "";

    public required ShownState State { get; init; }

    /// <summary>Start of the use that goes on, or of the state.</summary>
    public Instant? Since { get; init; }

    /// <summary>When the state ends by itself: cool-down, wait for a second badge, the end announced for a use.</summary>
    public Instant? Until { get; init; }

    /// <summary>Cause of a lock-out or a breakdown, in the words of who wrote it.</summary>
    public string? Cause { get; init; }

    /// <summary>Will be locked out when the use ends.</summary>
    public bool LockPending { get; init; }

    /// <summary>In use while its box does not answer: what is shown may be old.</summary>
    public bool LinkDown { get; init; }

    public Instant? LastHeard { get; init; }

    public Instant? NextFrom { get; init; }

    public Instant? NextUntil { get; init; }

    /// <summary>Staff only.</summary>
    public PersonGlance? Person { get; init; }

    /// <summary>Staff only: who accompanies.</summary>
    public PersonGlance? Companion { get; init; }

    /// <summary>Staff only.</summary>
    public string? Project { get; init; }

    /// <summary>What to say about the state, one sentence a line.</summary>
    public IEnumerable<string> Lines(PageText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Cause is not null)
            yield return Cause;
        Phrase? hint = State switch
        {
            ShownState.WaitingSecondBadge => FloorText.HintWaiting,
            ShownState.On => FloorText.HintOn,
            ShownState.CoolingDown => FloorText.HintCooling,
            ShownState.LockedOut when Cause is null => FloorText.HintLockedOut,
            ShownState.Fault when Cause is null => FloorText.HintFault,
            ShownState.Offline when LastHeard is null => FloorText.HintOffline,
            _ => null,
        };
        if (hint is not null)
            yield return text[hint];
        if (State == ShownState.Offline && LastHeard is { } heard)
            yield return text[FloorText.NoLink, text.ShortWhen(heard)];
        if (LinkDown)
            yield return text[FloorText.HintOffline];
        if (State is ShownState.On or ShownState.Running && Until is { } end)
            yield return text[FloorText.UntilAtMost, text.ShortWhen(end)];
        if (LockPending)
            yield return text[FloorText.LockPending];
    }

    public bool InUse => State is ShownState.WaitingSecondBadge or ShownState.On or ShownState.Running or ShownState.CoolingDown;

    public bool Stopped => State is ShownState.LockedOut or ShownState.Fault or ShownState.Offline or ShownState.Unknown;
}

/// <summary>How staff see a person: by name, or by short code when no name was given.</summary>
public sealed record PersonGlance(PersonId Id, string Label);
