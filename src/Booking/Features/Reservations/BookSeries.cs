
namespace FabLab.Booking.Features.Reservations;

/// <summary>Looks at a series, books it, cancels what is left of it.</summary>
internal sealed class BookSeries
{
    /// <summary>What could be booked now; nothing is.</summary>
    public Task<Outcome<SeriesAnswer>> PreviewAsync(NewSeries request, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Outcome<SeriesAnswer>> BookAsync(NewSeries request, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Cancels those that have not begun.</summary>
    public Task<Outcome<SeriesAnswer>> CancelAsync(SeriesId id, StaffActor by, CancellationToken cancellationToken) => throw new NotSupportedException();
}
