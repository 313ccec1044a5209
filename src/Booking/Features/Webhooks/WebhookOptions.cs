namespace FabLab.Booking.Features.Webhooks;

/// <summary>Where other programs may be, <c>Booking:Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>
    /// Whether a program may be on this computer or in the lab's own network. Without it only public addresses are called, so that
    /// nobody reaches through Booking what only Booking can reach.
    /// </summary>
    public bool AllowPrivate { get; set; }
}
