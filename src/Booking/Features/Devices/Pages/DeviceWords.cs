using FabLab.Contracts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>What is known of a device, as the pages word it.</summary>
internal static class DeviceWords
{
    /// <summary>What a device of that kind calls what it is to be shown.</summary>
    public static Phrase SecretOf(string driver) => driver switch
    {
        "octoprint" => DeviceText.SecretOctoPrint,
        "prusalink" => DeviceText.SecretPrusaLink,
        "bambu" => DeviceText.SecretBambu,
        _ => DeviceText.Secret,
    };

    /// <summary>Where somebody finds it.</summary>
    public static Phrase SecretHintOf(string driver) => driver switch
    {
        "octoprint" => DeviceText.SecretOctoPrintHint,
        "prusalink" => DeviceText.SecretPrusaLinkHint,
        "bambu" => DeviceText.SecretBambuHint,
        _ => DeviceText.SecretHint,
    };

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

    /// <summary>How far an update has come, in words; the word of one that is being pulled takes the percentage.</summary>
    public static Phrase Of(DeviceUpdateStage stage) => stage switch
    {
        DeviceUpdateStage.Waiting => DeviceText.UpdateWaits,
        DeviceUpdateStage.Offered => DeviceText.UpdateOffered,
        DeviceUpdateStage.Pulling => DeviceText.UpdatePulls,
        DeviceUpdateStage.Restarting => DeviceText.UpdateRestarts,
        DeviceUpdateStage.Applied => DeviceText.UpdateApplied,
        DeviceUpdateStage.WentBack => DeviceText.UpdateWentBack,
        DeviceUpdateStage.Silent => DeviceText.UpdateSilent,
        _ => DeviceText.UpdateRefused,
    };

    /// <summary>What to make of how an update ended; null when nothing is to be done.</summary>
    public static Phrase? NextOf(DeviceUpdateNow update) => update switch
    {
        { Stage: DeviceUpdateStage.Applied } => null,
        { Stage: DeviceUpdateStage.WentBack } => DeviceText.UpdateWentBackNext,
        { Stage: not DeviceUpdateStage.Refused } => DeviceText.UpdateSilentNext,
        { Code: "busy" } => DeviceText.UpdateBusyNext,
        { Code: "away" } => DeviceText.UpdateAwayNext,
        { Code: "down" or "min" } => DeviceText.UpdateVersionNext,
        { Code: "sig" or "hash" } => DeviceText.UpdateSignatureNext,
        { Code: "unknown" } => DeviceText.UpdateUnknownNext,
        _ => DeviceText.UpdateWrongNext,
    };
}
