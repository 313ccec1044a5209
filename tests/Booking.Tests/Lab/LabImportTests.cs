using System.Text;
using FabLab.Booking.Features.Lab;
using FabLab.Booking.Tests.Hosting;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Lab;

public sealed class LabImportTests
{
    private const string Small = """
        {
          "site": {"name": "Atelier", "zone": "Europe/Paris", "hours": {"schoolZone": "a", "weekly": [{"days": ["monday", "tuesday"], "from": "14:00", "until": "18:00", "kind": "booked"}], "closures": [{"from": "12-24", "until": "01-02", "label": "Noël"}]}},
          "terms": [{"stepMinutes": 30, "keepsHours": false}, {"class": "laser", "maxMinutes": 120}, {"machine": "LAS-1", "keepsHours": false}], "quotas": [{"period": "week", "minutes": 240, "machines": ["LAS-1"]}], "pools": [{"nameFr": "Lasers", "nameEn": "Lasers", "machines": ["LAS-1", "LAS-2"]}],
          "trainings": [{"code": "laser", "nameFr": "Laser", "nameEn": "Laser", "validMonths": 24, "nextSession": "+9d 18:00"}],
          "devices": [{"id": "box", "driver": "node", "channels": 2}],
          "machines": [{"code": "LAS-1", "nameFr": "Laser", "nameEn": "Laser", "level": "red", "requires": {"any": ["laser"]}, "leaseSeconds": 15,
            "coolDown": {"seconds": 20, "channel": "exhaust"},
            "devices": [{"role": "relay", "device": "box", "channel": 0}, {"role": "exhaust", "device": "box", "channel": 1}]},
            {"code": "LAS-2", "nameFr": "Laser", "nameEn": "Laser", "room": "SAL-A"}, {"code": "SAL-A", "kind": "room", "nameFr": "Salle", "nameEn": "Room"}],
          "projects": [{"code": "lampes", "name": "Lampes", "people": ["M01"]}],
          "people": [
            {"code": "M01", "name": "Ada", "age": 41, "badges": ["62E3086CED"], "memberThrough": "+30d", "project": "lampes", "staff": "manager",
             "habilitations": [{"training": "laser", "level": "trainer", "from": "-120d"}]},
            {"code": "M02", "age": 12, "badges": [{"number": "94-D8-FC-5F", "reader": "iso-hex"}], "memberThrough": "2026-12-31", "present": true}
          ]
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_lab_comes_in_whole_and_a_second_time_changes_nothing(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);

        var first = await ImportAsync(host, Small);
        var revision = await host.ReadAsync(db => db.PolicyCounters.Select(c => c.Revision).SingleAsync(Cancel));
        // Not past closing, which sends everybody home.
        host.Time.Leap(Duration.FromHours(2));
        var second = await ImportAsync(host, Small);

        Assert.Empty(first.Faults);
        Assert.Equal((0, 0), (second.Added, second.Changed));
        Assert.Equal(revision, await host.ReadAsync(db => db.PolicyCounters.Select(c => c.Revision).SingleAsync(Cancel)));
        var feed = await host.GatewayClient().PolicyAsync(0, TimeSpan.Zero, Cancel);
        var policy = LabPolicy.From(feed.Changes.Select(change => change.Entity!), feed.Revision, feed.ServerTime);
        var machine = policy.Machine("LAS-1")!;
        Assert.Equal((MachineLevel.Red, Duration.FromSeconds(15), RelayChannel.Exhaust), (machine.Level, machine.Lease, machine.CoolDown!.Channel));
        Assert.Equal("box", machine.Device(DeviceRole.Exhaust)!.Device.Value);
        var hasher = new BadgeHasher(1, Convert.FromHexString((await File.ReadAllTextAsync(Path.Combine(host.Folder, "badge.key"), Cancel)).Trim()));
        var known = Assert.IsType<BadgeMatch.Known>(policy.Badges.Find(hasher.Print(ReaderProfile.EmDecimal.Parse("3808980205")!), truncates: true));
        var ada = policy.Person(policy.Badge(known.Badge)!.Person!.Value)!;
        Assert.Equal(("M01", true), (ada.ShortCode, ada.Adult));
        Assert.Equal(HabilitationLevel.Trainer, Assert.Single(policy.Habilitations(ada.Id)).Level);
        var child = policy.People.Single(person => person.ShortCode == "M02");
        Assert.Equal((false, Instant.FromUtc(2026, 12, 31, 23, 0)), (child.Adult, child.MembershipUntil));
        Assert.NotNull(policy.Presence(child.Id));
    }

    [Fact]
    public async Task The_sample_lab_comes_in()
    {
        await using var host = await BookingHost.StartAsync();

        var report = await host.Services.GetRequiredService<LabImport>().RunAsync(await File.ReadAllBytesAsync(SampleFile(), Cancel), Cancel);

        Assert.Empty(report.Faults);
        Assert.Equal(60, await host.ReadAsync(db => db.People.CountAsync(person => EF.Functions.Like(person.ShortCode, "M%"), Cancel)));
    }

    [Theory]
    [InlineData("\"level\": \"red\"", "\"level\": \"purple\"", 6, "machines[0].level")]
    [InlineData("{\"any\": [\"laser\"]}", "{\"any\": [\"lazer\"]}", 6, "machines[0].requires.any[0]")]
    [InlineData("\"device\": \"box\", \"channel\": 1", "\"device\": \"box\", \"channel\": 2", 8, "machines[0].devices[1]")]
    [InlineData("\"device\": \"box\", \"channel\": 1", "\"device\": \"box\", \"channel\": 0", 8, "machines[0].devices[1]")]
    [InlineData("\"62E3086CED\"", "\"62E3086C\"", 12, "people[0].badges[0]")]
    [InlineData("\"94-D8-FC-5F\", \"reader\": \"iso-hex\"", "\"62E3086CED\", \"reader\": \"em-hex10\"", 14, "people[1].badges[0]")]
    [InlineData("\"age\": 12", "\"age\": -3", 14, "people[1].age")]
    [InlineData("\"age\": 12", "\"aeg\": 12", 14, "people[1].aeg")]
    [InlineData("\"code\": \"M02\"", "\"code\": \"m01\"", 14, "people[1].code")]
    [InlineData("\"2026-12-31\"", "\"2026-13-31\"", 14, "people[1].memberThrough")]
    [InlineData("\"people\": [\"M01\"]", "\"people\": [\"M99\"]", 10, "projects[0].people[0]")]
    [InlineData("\"Europe/Paris\"", "\"Europe/Lutece\"", 2, "site.zone")]
    [InlineData("\"14:00\"", "\"2 pm\"", 2, "site.hours.weekly[0].from")]
    [InlineData("\"monday\", ", "\"lundi\", ", 2, "site.hours.weekly[0].days[0]")]
    [InlineData("\"hours\": {", "\"opening\": {", 2, "site.opening")]
    [InlineData("\"12-24\"", "\"12-32\"", 2, "site.hours.closures[0]")]
    [InlineData("\"stepMinutes\": 30", "\"stepMinutes\": 0", 3, "terms[0]")]
    [InlineData("{\"machine\": \"LAS-1\"", "{\"machine\": \"LAS-9\"", 3, "terms[2].machine")]
    [InlineData("\"minutes\": 240, ", "", 3, "quotas[0]")]
    [InlineData("[\"LAS-1\", \"LAS-2\"]", "[\"LAS-1\", \"SAL-A\"]", 3, "pools[0].machines[1]")]
    [InlineData("\"room\": \"SAL-A\"", "\"room\": \"LAS-1\"", 0, "machines")]
    [InlineData("\"leaseSeconds\": 15", "\"leaseSeconds\": \"15\"", 6, "machines[0].leaseSeconds")]
    [InlineData("\"nameEn\": \"Laser\", \"validMonths\"", "\"validMonths\"", 4, "trainings[0]")]
    public void A_fault_is_named_with_its_line_and_its_place(string good, string bad, int line, string path)
    {
        var broken = Small.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Small, broken);

        var (lab, faults) = LabReader.Read(Encoding.UTF8.GetBytes(broken), Instant.FromUtc(2026, 3, 10, 9, 0));

        Assert.Null(lab);
        Assert.Contains(faults, fault => fault.Line == line && fault.Path == path);
        Assert.DoesNotContain(faults, fault => fault.Message.Contains("62E3086C", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_lab_with_a_fault_nothing_is_written()
    {
        await using var host = await BookingHost.StartAsync();

        var report = await ImportAsync(host, Small.Replace("\"laser\", \"level\"", "\"lazer\", \"level\"", StringComparison.Ordinal));

        Assert.False(report.Done);
        Assert.Equal(0, await host.ReadAsync(db => db.Machines.CountAsync(Cancel)));
        Assert.Equal(0, await host.ReadAsync(db => db.Trainings.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{\n\"site\": {,}\n}", 2)]
    [InlineData("[1, 2]", 1)]
    [InlineData("{\n\n\"people\": 7}", 3)]
    [InlineData("{\"people\": [\n{\"code\": \"A\", \"code\": \"B\"}]}", 2)]
    [InlineData("{\"about\": \"\\ud800\"}", 1)]
    public void What_is_no_lab_is_refused_with_its_line(string file, int line)
    {
        var (lab, faults) = LabReader.Read(Encoding.UTF8.GetBytes(file), Instant.FromUtc(2026, 3, 10, 9, 0));

        Assert.Null(lab);
        Assert.Equal(line, Assert.Single(faults.DistinctBy(fault => fault.Line)).Line);
    }

    [Fact]
    public void A_file_cut_short_or_altered_anywhere_never_throws()
    {
        var bytes = Encoding.UTF8.GetBytes(Small);
        var random = new Random(5);
        for (var cut = 0; cut < bytes.Length; cut += 7)
        {
            LabReader.Read(bytes.AsSpan(0, cut), Instant.FromUtc(2026, 3, 10, 9, 0));
            var altered = bytes.ToArray();
            altered[cut] = (byte)random.Next(256);
            LabReader.Read(altered, Instant.FromUtc(2026, 3, 10, 9, 0));
        }
    }

    [Fact]
    public async Task A_badge_that_somebody_outside_the_file_has_is_a_fault()
    {
        await using var host = await BookingHost.StartAsync();
        await ImportAsync(host, Small);

        var report = await ImportAsync(host, """{"people": [{"code": "X1", "badges": ["62E3086CED"]}]}""");

        Assert.Equal("people[0].badges[0]", Assert.Single(report.Faults).Path);
        Assert.False(await host.ReadAsync(db => db.People.AnyAsync(person => person.ShortCode == "X1", Cancel)));
    }

    private static Task<LabImportReport> ImportAsync(BookingHost host, string file) =>
        host.Services.GetRequiredService<LabImport>().RunAsync(Encoding.UTF8.GetBytes(file), Cancel);

    private static string SampleFile([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../samples/lab/lab.json"));
}
