using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Tests;

/// <summary>A small lab in which all is well: one laser, a maker, a mentor, a young person. Tests break one thing at a time.</summary>
internal static class Lab
{
    public static readonly Instant Now = Instant.FromUtc(2026, 3, 10, 9, 0);

    public static readonly MachineId Laser = Id<MachineId>(1);
    public static readonly MachineId Printer = Id<MachineId>(2);
    public static readonly MachineId Saw = Id<MachineId>(3);
    public static readonly PersonId Maker = Id<PersonId>(11);
    public static readonly PersonId Mentor = Id<PersonId>(12);
    public static readonly PersonId Young = Id<PersonId>(13);
    public static readonly PersonId Stranger = Id<PersonId>(14);
    public static readonly PersonId Staff = Id<PersonId>(15);
    public static readonly BadgeId MakerBadge = Id<BadgeId>(21);
    public static readonly BadgeId MentorBadge = Id<BadgeId>(22);
    public static readonly BadgeId YoungBadge = Id<BadgeId>(23);
    public static readonly TrainingId LaserTraining = Id<TrainingId>(31);
    public static readonly TrainingId Safety = Id<TrainingId>(32);
    public static readonly ProjectId Lamp = Id<ProjectId>(41);
    public static readonly ProjectId Chair = Id<ProjectId>(42);

    public static MachineRule LaserRule { get; } = new()
    {
        Id = Laser,
        Code = "LAS-1",
        NameFr = "Découpeuse laser",
        NameEn = "Laser cutter",
        Level = MachineLevel.Orange,
        AgeAccompanied = 12,
        AgeAlone = 16,
        Requirement = new TrainingNeed.One(LaserTraining),
        NeedsMembership = true,
        NeedsCheckIn = true,
    };

    public static SiteRule Site { get; } = new() { Name = "Lab", AttemptLimit = 3, MinorsPerAdult = 2 };

    public static TrainingRule Training { get; } = new()
    {
        Id = LaserTraining, NameFr = "découpe laser", NameEn = "laser cutting", NextSession = Instant.FromUtc(2026, 3, 12, 17, 0),
    };

    public static PersonRule MakerRule { get; } = new()
    {
        Id = Maker, ShortCode = "M01", Adult = true, MembershipUntil = Now + Duration.FromDays(100), DefaultProject = Lamp,
    };

    public static PersonRule MentorRule { get; } = new()
    {
        Id = Mentor, ShortCode = "M02", Adult = true, MembershipUntil = Now + Duration.FromDays(100), MayAccompany = true,
    };

    public static PersonRule YoungRule { get; } = new()
    {
        Id = Young, ShortCode = "J01", BirthDate = new LocalDate(2012, 3, 10), MembershipUntil = Now + Duration.FromDays(100),
    };

    public static HabilitationRule MakerHabilitation { get; } = new()
    {
        Id = Id<HabilitationId>(51), Person = Maker, Training = LaserTraining, ValidFrom = Now - Duration.FromDays(10),
    };

    public static HabilitationRule MentorHabilitation { get; } = MakerHabilitation with { Id = Id<HabilitationId>(52), Person = Mentor };

    public static HabilitationRule YoungHabilitation { get; } = MakerHabilitation with { Id = Id<HabilitationId>(53), Person = Young };

    public static BadgeRule MakerBadgeRule { get; } = new() { Id = MakerBadge, Print = Print("em:62E3086CED"), Person = Maker };

    public static BadgeRule MentorBadgeRule { get; } = new() { Id = MentorBadge, Print = Print("em:14008EC793"), Person = Mentor };

    public static BadgeRule YoungBadgeRule { get; } = new() { Id = YoungBadge, Print = Print("iso:94D8FC5F"), Person = Young };

    public static PresenceRule MakerHere { get; } = new() { Person = Maker, Since = Now - Duration.FromHours(1) };

    public static PresenceRule MentorHere { get; } = new() { Person = Mentor, Since = Now - Duration.FromHours(1) };

    public static PresenceRule YoungHere { get; } = new() { Person = Young, Since = Now - Duration.FromHours(1) };

    public static ProjectRule LampRule { get; } = new() { Id = Lamp, Name = "Lampe" };

    public static IReadOnlyList<PolicyEntity> Everything { get; } =
    [
        Site, LaserRule, Training, new TrainingRule { Id = Safety, NameFr = "sécurité générale", NameEn = "general safety" },
        LaserRule with { Id = Printer, Code = "IMP-1", Attended = false, Requirement = null, AgeAlone = 14 },
        LaserRule with { Id = Saw, Code = "SCI-1", Requirement = null },
        MakerRule, MentorRule, YoungRule, MakerRule with { Id = Stranger, ShortCode = "M09" },
        MakerHabilitation, MentorHabilitation, YoungHabilitation,
        MakerBadgeRule, MentorBadgeRule, YoungBadgeRule,
        MakerHere, MentorHere, YoungHere,
        LampRule, new ProjectRule { Id = Chair, Name = "Chaise", People = [Mentor] },
    ];

    /// <summary>The lab with some rules changed or added.</summary>
    public static LabPolicy Policy(params PolicyEntity[] changed) => LabPolicy.From([.. Everything, .. changed], 7, Now - Duration.FromMinutes(1));

    /// <summary>The lab without some rules.</summary>
    public static LabPolicy Without(params PolicyEntity[] removed) =>
        Policy().Apply(removed.Select((rule, i) => PolicyChange.Remove(100 + i, rule.Kind, rule.Key)), Now - Duration.FromMinutes(1));

    /// <summary>The maker taps at the laser.</summary>
    public static AccessRequest Tap { get; } = new() { Now = Now, Machine = Laser, Badge = new BadgeMatch.Known(MakerBadge) };

    /// <summary>The young person taps at the laser.</summary>
    public static AccessRequest YoungTap { get; } = Tap with { Badge = new BadgeMatch.Known(YoungBadge) };

    /// <summary>The young person with the mentor beside.</summary>
    public static AccessRequest Pair { get; } = YoungTap with { CompanionBadge = new BadgeMatch.Known(MentorBadge) };

    public static T Id<T>(int n)
        where T : struct, IGuidId<T> => T.From(new Guid($"0195a5c0-0000-7000-8000-{n:x12}"));

    public static BadgePrint Print(string number) => new BadgeHasher(1, "0123456789abcdef"u8).Print(BadgeNumber.Parse(number)!);

    public static AccessDecision.Granted Granted(AccessDecision decision) =>
        decision as AccessDecision.Granted ?? throw new InvalidOperationException($"Refused: {((AccessDecision.Denied)decision).Code}");
}
