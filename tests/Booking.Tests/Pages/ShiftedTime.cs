using NodaTime;

namespace FabLab.Booking.Tests.Pages;

/// <summary>Real time, told from a chosen moment on: pages show the same dates at every run, and timers still run.</summary>
public sealed class ShiftedTime(Instant start) : TimeProvider
{
    private readonly long _begun = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start.ToDateTimeOffset() + System.GetElapsedTime(_begun);
}
