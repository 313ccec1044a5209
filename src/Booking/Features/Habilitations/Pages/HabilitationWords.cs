using FabLab.Core.Policy;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>Acts, grounds and cells in words.</summary>
public static class HabilitationWords
{
    public static Phrase Of(HabilitationActKind kind) => kind switch
    {
        HabilitationActKind.Granted => HabilitationText.KindGranted,
        HabilitationActKind.Renewed => HabilitationText.KindRenewed,
        HabilitationActKind.Suspended => HabilitationText.KindSuspended,
        HabilitationActKind.Resumed => HabilitationText.KindResumed,
        HabilitationActKind.Withdrawn => HabilitationText.KindWithdrawn,
        HabilitationActKind.Expired => HabilitationText.KindExpired,
        _ => HabilitationText.KindRestored,
    };

    public static Phrase Of(EvidenceKind ground) => ground switch
    {
        EvidenceKind.Session => HabilitationText.GroundSession,
        EvidenceKind.Test => HabilitationText.GroundTest,
        EvidenceKind.Induction => HabilitationText.GroundInduction,
        EvidenceKind.Import => HabilitationText.GroundImport,
        EvidenceKind.Time => HabilitationText.GroundTime,
        EvidenceKind.Unused => HabilitationText.GroundUnused,
        EvidenceKind.Undo => HabilitationText.GroundUndo,
        _ => HabilitationText.GroundOther,
    };

    public static Phrase Of(MachineLevel level) => level switch
    {
        MachineLevel.Green => HabilitationText.Green,
        MachineLevel.Orange => HabilitationText.Orange,
        _ => HabilitationText.Red,
    };

    /// <summary>The sign in a cell, its word and its class. The legend says all of them.</summary>
    public static (string Sign, Phrase Word, string Class) Of(MatrixCell cell) => cell switch
    {
        { State: CellState.NotAsked } => ("·", HabilitationText.StateNotAsked, "cell-free"),
        { State: CellState.None } => ("", HabilitationText.StateNone, "cell-none"),
        { State: CellState.Expired } => ("×", HabilitationText.StateExpired, "cell-over"),
        { State: CellState.Suspended } => ("‖", HabilitationText.StateSuspended, "cell-over"),
        { Level: HabilitationLevel.Trainer, State: var state } => ("F", People.Pages.PersonWords.Level(HabilitationLevel.Trainer), Class(state)),
        { Level: HabilitationLevel.Autonomous, State: var state } => ("✓", People.Pages.PersonWords.Level(HabilitationLevel.Autonomous), Class(state)),
        { State: var state } => ("a", People.Pages.PersonWords.Level(HabilitationLevel.Accompanied), Class(state)),
    };

    private static string Class(CellState state) => state == CellState.Soon ? "cell-soon" : "cell-held";
}
