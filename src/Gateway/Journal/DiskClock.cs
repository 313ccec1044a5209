namespace FabLab.Gateway.Journal;

/// <summary>
/// What the disk's time is taken by. It is not the clock that sessions run on: a day that is let pass in a moment is no disk that
/// has been silent for a day.
/// </summary>
public sealed record DiskClock(TimeProvider Time);
