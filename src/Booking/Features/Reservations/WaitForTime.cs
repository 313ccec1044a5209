
namespace FabLab.Booking.Features.Reservations;

/// <summary>The waiting list: joining, leaving, answering an offer.</summary>
internal sealed class WaitForTime
{
    public Task<Outcome<Waiting>> JoinAsync(NewWait request, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Outcome<Waiting>> LeaveAsync(WaitId id, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Takes the offer, which becomes a booking, or lets it go to the next.</summary>
    public Task<Outcome<Waiting>> AnswerAsync(WaitId id, bool take, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();
}
