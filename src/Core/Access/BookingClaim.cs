using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Access;

/// <summary>
/// That somebody has come for their booking. The machine remembers it, so that the booking is not given away and has its place
/// also while Booking has not heard of it.
/// </summary>
/// <param name="Booking">The booking.</param>
/// <param name="Machine">The machine tapped: the booking is there from now on.</param>
/// <param name="From">The machine of the same pool on which it was kept before; null when it was here.</param>
/// <param name="Swapped">The bookings that went from here to that machine.</param>
/// <param name="At">When.</param>
/// <param name="Until">The end of the booking; after it nobody asks any more.</param>
public sealed record BookingClaim(
    BookingId Booking, MachineId Machine, MachineId? From, ValueList<BookingId> Swapped, Instant At, Instant Until)
{
    /// <summary>
    /// What a decision claims; null when it claims nothing. Who may start claims their booking. So does who came in time and may not
    /// only because of the machine: that is no reason to give their time away.
    /// </summary>
    /// <param name="decision">The decision.</param>
    public static BookingClaim? Of(AccessDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        AccessFacts facts = decision.Facts;
        if (facts is not { OwnBooking: { } booking, OwnBookingUntil: { } until, OwnBookingClaimed: false, Machine: { } machine })
        {
            return null;
        }

        bool came = decision switch
        {
            AccessDecision.Granted => true,
            AccessDecision.Denied denied => facts.ClaimFrom is null && IsTheMachines(denied.Reason),
            _ => false,
        };
        return came ? new BookingClaim(booking, machine.Id, facts.ClaimFrom, facts.ClaimSwaps, facts.Now, until) : null;
    }

    private static bool IsTheMachines(AccessReason reason) =>
        reason is AccessReason.LockedOut or AccessReason.MachineBroken or AccessReason.MachineUnreachable or AccessReason.MachineInUse;
}
