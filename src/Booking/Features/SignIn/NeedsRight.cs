namespace FabLab.Booking.Features.SignIn;

/// <summary>Stands on an endpoint: the right it asks for. The test of all endpoints reads it.</summary>
internal sealed record NeedsRight(Right Right);
