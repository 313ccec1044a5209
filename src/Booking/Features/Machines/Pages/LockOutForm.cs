using FabLab.Core.Policy;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>A lock-out as it was typed, and what is wrong with it.</summary>
public sealed record LockOutForm(string Cause, LockOutMode Mode, LockOutReleaseRule Release, Phrase? CauseError, params object[] ErrorValues);
