using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Booking.Features.Jobs.Pages;

/// <summary>One job as a page shows it. Its name and its maker are there only for who may read them.</summary>
/// <param name="Id">The job.</param>
/// <param name="Version">Its version, for a change.</param>
/// <param name="Machine">The code of the machine.</param>
/// <param name="Name">What it is called; null when it has no name, or not for this reader.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended; null while it is in hand.</param>
/// <param name="Working">How long the machine worked on it.</param>
/// <param name="Progress">0 to 100, where known.</param>
/// <param name="Grams">Material, where known.</param>
/// <param name="Metres">Material, where known.</param>
/// <param name="Person">Whose it is.</param>
/// <param name="Project">For which project.</param>
/// <param name="Nobodys">It began in no use and nobody has said that it is theirs.</param>
/// <param name="MayGiveBack">The reader may say that it is not whose it was said to be.</param>
public sealed record JobLine(
    Guid Id, long Version, string Machine, string? Name, JobState State, Instant Start, Instant? End, Duration Working, int? Progress, double? Grams, double? Metres,
    PersonGlance? Person, string? Project, bool Nobodys, bool MayGiveBack);
