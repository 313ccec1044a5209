using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Gateway.Tests.Flow;

/// <summary>A small invented lab: a laser, a printer, three people.</summary>
internal static class SampleLab
{
    public static readonly byte[] BadgeKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static readonly DeviceId LaserBox = new("box-las1");
    public static readonly DeviceId PrinterBox = new("box-imp1");
    public static readonly TrainingId LaserTraining = new(Id(50));

    /// <summary>Trained, adult.</summary>
    public static readonly Person M01 = new(1, "62E3086CED");

    /// <summary>Without the training.</summary>
    public static readonly Person M02 = new(2, "14008EC793");

    /// <summary>Trained, adult.</summary>
    public static readonly Person M03 = new(3, "0C000621A5");

    public const string UnknownBadge = "1234567890";

    public static readonly MachineRule Laser = new()
    {
        Id = new(Id(100)),
        Code = "LAS-1",
        NameFr = "Découpeuse laser",
        NameEn = "Laser cutter",
        Level = MachineLevel.Orange,
        Requirement = new TrainingNeed.One(LaserTraining),
        Dangerous = true,
        Lease = Duration.FromSeconds(9),
        MaxPolicyAge = Duration.FromHours(24),
        Devices =
        [
            new(DeviceRole.Relay, LaserBox), new(DeviceRole.Meter, LaserBox), new(DeviceRole.Reader, LaserBox), new(DeviceRole.Display, LaserBox),
        ],
    };

    public static readonly MachineRule Printer = new()
    {
        Id = new(Id(101)),
        Code = "IMP-1",
        NameFr = "Imprimante 3D",
        NameEn = "3D printer",
        Attended = false,
        Lease = Duration.FromSeconds(60),
        LostLink = LostLinkRule.Finish,
        LostLinkCap = Duration.FromHours(12),
        Devices =
        [
            new(DeviceRole.Relay, PrinterBox), new(DeviceRole.Meter, PrinterBox), new(DeviceRole.Reader, PrinterBox), new(DeviceRole.Display, PrinterBox),
        ],
    };

    public static PolicyEntity[] Rules =>
    [
        new SiteRule { Name = "Un lab", Zone = "Europe/Paris" },
        new TrainingRule { Id = LaserTraining, NameFr = "découpe laser", NameEn = "laser cutting" },
        .. M01.Rules, .. M02.Rules, .. M03.Rules,
        M01.Trained(), M03.Trained(),
        Laser, Printer,
    ];

    public static Guid Id(int number) => new($"0198c000-0000-7000-8000-{number:D12}");

    internal sealed record Person(int Number, string Badge)
    {
        public PersonId Id { get; } = new(SampleLab.Id(Number));

        public BadgeId BadgeId { get; } = new(SampleLab.Id(Number + 10));

        public PersonRule Rule => new() { Id = Id, ShortCode = $"M{Number:D2}", Adult = true };

        public BadgeRule BadgeRule => new()
        {
            Id = BadgeId, Person = Id, Print = new BadgeHasher(1, BadgeKey).Print(ReaderProfile.EmHex.Parse(Badge)!),
        };

        public PolicyEntity[] Rules => [Rule, BadgeRule];

        public HabilitationRule Trained() => new()
        {
            Id = new(SampleLab.Id(Number + 60)), Person = Id, Training = LaserTraining, Level = HabilitationLevel.Autonomous,
        };
    }
}
