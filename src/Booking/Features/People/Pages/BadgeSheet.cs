using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>All that the page of a person's badges shows.</summary>
public sealed record BadgeSheet(PersonLine Person, IReadOnlyList<BadgeLine> Badges, IReadOnlyList<ReaderLine> Readers)
{
    public string Name => Person.Name ?? Person.Code;
}

/// <summary>One badge, and somebody whose badge cannot be told from it everywhere.</summary>
public sealed record BadgeLine(BadgeId Id, BadgeFamily Family, int Bytes, BadgeState State, BadgeAssurance Assurance, Instant Since, long Version, PersonGlance? Alike);

/// <summary>A reader at which a badge may be tapped.</summary>
public sealed record ReaderLine(DeviceId Device, int Channel, string? Machine, bool Silent)
{
    public string Value => $"{Device.Value}/{Channel}";
}

/// <summary>A wait for a badge and what came of it.</summary>
public sealed record BadgeWait(BadgeEnrolment Enrolment, PersonLine Person, PersonGlance? Other)
{
    public string Name => Person.Name ?? Person.Code;
}

/// <summary>A number as it was typed is never shown again; the rest of the form is.</summary>
public sealed record BadgeForm(string? Reader, BadgeAssurance Assurance, Phrase? NumberError, Phrase? ReaderError, PersonGlance? TakenBy = null);
