using FabLab.Contracts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>What is known of a device, as the pages word it.</summary>
internal static class DeviceWords
{
    /// <summary>What came of a trial, in words.</summary>
    public static Phrase Of(TrialOutcome outcome) => outcome switch
    {
        TrialOutcome.Passed => DeviceText.TestPassed,
        TrialOutcome.Away => DeviceText.TestAway,
        TrialOutcome.Busy => DeviceText.TestBusy,
        TrialOutcome.CannotTell => DeviceText.TestCannotTell,
        TrialOutcome.NotClosed => DeviceText.TestNotClosed,
        TrialOutcome.OpenedEarly => DeviceText.TestOpenedEarly,
        TrialOutcome.NotOpened => DeviceText.TestNotOpened,
        TrialOutcome.StillDraws => DeviceText.TestStillDraws,
        TrialOutcome.NotStored => DeviceText.TestNotStored,
        TrialOutcome.NotCut => DeviceText.TestNotCut,
        TrialOutcome.NotBack => DeviceText.TestNotBack,
        TrialOutcome.NotRestarted => DeviceText.TestNotRestarted,
        TrialOutcome.ClosedAtReturn => DeviceText.TestClosedAtReturn,
        _ => DeviceText.TestBroke,
    };
}
