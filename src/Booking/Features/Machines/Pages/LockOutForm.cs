using FabLab.Booking.Features.LockOuts;
using FabLab.Core.Policy;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>A lock-out as it was typed, and what is wrong with it.</summary>
public sealed record LockOutForm(string Cause, LockOutMode Mode, LockOutReleaseRule Release, Phrase? CauseError)
{
    public LockOutForm WithCauseFault() =>
        this with { CauseError = string.IsNullOrWhiteSpace(Cause) ? MachineText.CauseMissing : MachineText.CauseTooLong };

    /// <summary>The longest cause, for the sentence that names it.</summary>
    public static int MostCause => LockOutRow.MaxCause;
}
