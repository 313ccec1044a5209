using FabLab.Booking.Features.People.Pages;
using FabLab.Core;
using NodaTime;

namespace FabLab.Booking.Features.Habilitations.Pages;

/// <summary>What a person may use, and every act that made it so.</summary>
public sealed record PassportSheet(PersonLine Person, IReadOnlyList<PassportMachine> Machines, IReadOnlyList<PassportAct> Acts);

/// <summary>A machine, or a machine with an option, by the one function in Core.</summary>
public sealed record PassportMachine(string Code, Words Name, Words? Option, RightKind Kind, Words? Sentence, Instant? Until);

/// <summary>One act of the ledger; who did it, when the viewer may read that, or whether time did.</summary>
public sealed record PassportAct(HabilitationAct Act, Words Training, string? By, bool ByTime);
