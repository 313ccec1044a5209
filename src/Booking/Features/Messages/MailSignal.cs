namespace FabLab.Booking.Features.Messages;

/// <summary>Called when there is a mail to send.</summary>
internal sealed class MailSignal : WorkSignal;
