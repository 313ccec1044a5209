using FabLab.Ui.Parts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>What a machine is doing, in the words people use for it.</summary>
public enum ShownState
{
    Free,
    WaitingSecondBadge,
    On,
    Running,
    CoolingDown,
    LockedOut,
    Fault,
    Offline,
    Unknown,
}

/// <summary>Word, icon and colour of each state: one table for the floor, the sheet and the spoken line.</summary>
public static class ShownStates
{
    public static Phrase Word(this ShownState state) => state switch
    {
        ShownState.Free => FloorText.Free,
        ShownState.WaitingSecondBadge => FloorText.WaitingSecondBadge,
        ShownState.On => FloorText.On,
        ShownState.Running => FloorText.Running,
        ShownState.CoolingDown => FloorText.CoolingDown,
        ShownState.LockedOut => FloorText.LockedOut,
        ShownState.Fault => FloorText.Fault,
        ShownState.Offline => FloorText.Offline,
        _ => FloorText.UnknownState,
    };

    public static string Icon(this ShownState state) => state switch
    {
        ShownState.Free => Icons.Free,
        ShownState.WaitingSecondBadge => Icons.Waiting,
        ShownState.On => Icons.On,
        ShownState.Running => Icons.Running,
        ShownState.CoolingDown => Icons.Cooling,
        ShownState.LockedOut => Icons.Locked,
        ShownState.Fault => Icons.Fault,
        ShownState.Offline => Icons.Offline,
        _ => Icons.Question,
    };

    public static Tone Tone(this ShownState state) => state switch
    {
        ShownState.Free => Ui.Parts.Tone.Free,
        ShownState.WaitingSecondBadge => Ui.Parts.Tone.Waiting,
        ShownState.On => Ui.Parts.Tone.On,
        ShownState.Running => Ui.Parts.Tone.Running,
        ShownState.CoolingDown => Ui.Parts.Tone.Cooling,
        ShownState.LockedOut => Ui.Parts.Tone.Locked,
        ShownState.Fault => Ui.Parts.Tone.Fault,
        _ => Ui.Parts.Tone.Offline,
    };
}
