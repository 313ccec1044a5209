using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>One alarm as the page shows it.</summary>
public sealed record AlarmLine(
    string Gateway, long Epoch, long Seq, Instant At, string? Machine, string Code, Words Text, string? SeenBy, Instant? SeenAt);
