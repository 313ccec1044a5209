using FabLab.Booking.Features.People.Pages;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>A habilitation that ends soon, or has just ended.</summary>
public sealed record ExpiringLine(HabilitationStanding Standing, PersonLine Person, Words Training, Instant End, EvidenceKind Why);

/// <summary>What ends within so many days, the next first.</summary>
public sealed record ExpiringSheet(int Days, IReadOnlyList<ExpiringLine> Lines);
