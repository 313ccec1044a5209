using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.SignIn;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Lab;

/// <summary>A lab as a file describes it, read and checked, before anything is written. Things are named by their codes.</summary>
internal sealed record LabDescription(
    SiteRule Site,
    SiteTimetable? Hours,
    IReadOnlyList<LabTerms> Terms,
    IReadOnlyList<LabQuota> Quotas,
    IReadOnlyList<LabPool> Pools,
    IReadOnlyList<LabTraining> Trainings,
    IReadOnlyList<LabDevice> Devices,
    IReadOnlyList<LabMachine> Machines,
    IReadOnlyList<LabProject> Projects,
    IReadOnlyList<LabPerson> People);

internal sealed record LabTraining(string Code, string NameFr, string NameEn, int? ValidMonths, int? UnusedMonths, Instant? NextSession);

/// <param name="Id">Its name.</param>
/// <param name="Driver">Which driver speaks with it.</param>
/// <param name="Label">Where it is.</param>
/// <param name="Channels">How many relays it has.</param>
/// <param name="TestedFirmware">The firmware with which its relay was seen to open by itself; null when it was not tried.</param>
internal sealed record LabDevice(string Id, string Driver, string Label, int? Channels, string? TestedFirmware);

/// <summary>A machine: all rules except the trainings, which are known by code only.</summary>
internal sealed record LabMachine(MachineRule Rule, ResourceKind Kind, string? Room, LabNeed? Requires, IReadOnlyList<LabBinding> Devices);

/// <summary>How machines are booked: those of the site, of a class, or one.</summary>
internal sealed record LabTerms(string? Class, string? Machine, BookingTerms Terms);

/// <summary>A limit on bookings; its machines are known by code.</summary>
internal sealed record LabQuota(BookingQuota Quota, IReadOnlyList<string> Machines);

/// <summary>Machines that stand in for one another, known by their French name.</summary>
internal sealed record LabPool(string NameFr, string NameEn, IReadOnlyList<string> Machines);

/// <summary>A tree of trainings: a code, or all or any of some branches.</summary>
internal sealed record LabNeed(string? Code, bool Any, IReadOnlyList<LabNeed> Branches);

internal sealed record LabBinding(DeviceRole Role, string Device, int Channel, string? Reader);

internal sealed record LabProject(string Code, string Name, string Type, IReadOnlyList<string> People);

/// <summary>A person. A membership counted from the day of the import is used for a new person only.</summary>
internal sealed record LabPerson(
    string Code, string? Name, bool Active, bool IsAdult, LocalDate? BirthDate, LocalDate? MemberThrough, bool MemberThroughIsRelative,
    string? Project, bool MayAccompany, int? MinorsLimit, bool Present, Role? Staff, BadgeState BadgeState,
    IReadOnlyList<LabBadge> Badges, IReadOnlyList<LabHabilitation> Habilitations);

internal sealed record LabBadge(BadgeNumber Number, bool Truncated, int Line, string Path);

internal sealed record LabHabilitation(string Training, HabilitationLevel Level, Instant From, Instant? Until, bool Suspended, string Evidence);
