using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Gateway.Flow;
using FabLab.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway.Tests.Flow;

public sealed class ResolveBadgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Who_asks_while_the_key_is_being_read_gets_its_answer_too()
    {
        File.WriteAllText(_folder.File("badge.key"), Convert.ToHexStringLower(SampleLab.BadgeKey));
        var options = Options.Create(new GatewayOptions { DataFolder = _folder.Path });
        for (var round = 0; round < 200; round++)
        {
            var resolve = new ResolveBadge(options, new ManualTime(), NullLogger<ResolveBadge>.Instance);
            using var together = new Barrier(4);
            var prints = new BadgePrint?[4];
            var threads = Enumerable.Range(0, 4).Select(i => new Thread(() =>
            {
                together.SignalAndWait();
                prints[i] = resolve.Print(BadgeNumber.FromBytes(BadgeFamily.Em, [0x62, 0xE3, 0x08, 0x6C, 0xED])!);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Assert.All(prints, Assert.NotNull);
        }
    }

    [Fact]
    public void A_new_key_is_taken_up_within_a_second_and_a_badge_of_before_is_found_and_told_of()
    {
        var old = Convert.ToHexStringLower(SampleLab.BadgeKey);
        File.WriteAllText(_folder.File("badge.key"), old);
        var time = new ManualTime();
        var resolve = new ResolveBadge(Options.Create(new GatewayOptions { DataFolder = _folder.Path }), time, NullLogger<ResolveBadge>.Instance);
        var number = BadgeNumber.Parse("em:62E3086CED")!;
        var policy = LabPolicy.Empty.Apply(
            [PolicyChange.Put(1, new BadgeRule { Id = SampleLab.M01.BadgeRule.Id, Print = new BadgeHasher(1, SampleLab.BadgeKey).Print(number), State = BadgeState.Active })], time.Now);
        var reader = ReaderProfile.All.First(profile => !profile.Truncates);
        Assert.False(resolve.FindPrint(policy, number, reader)!.Value.Outdated);

        File.WriteAllText(_folder.File("badge.key"), $"2 {new string('a', 64)}\n1 {old}\n");
        File.SetLastWriteTimeUtc(_folder.File("badge.key"), new DateTime(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        time.Advance(NodaTime.Duration.FromSeconds(1));

        var (match, print, outdated) = resolve.FindPrint(policy, number, reader)!.Value;
        Assert.True(outdated);
        Assert.Equal(SampleLab.M01.BadgeRule.Id, Assert.IsType<BadgeMatch.Known>(match).Badge);
        Assert.Equal(2, print.Full.KeyId);
    }

    public void Dispose() => _folder.Dispose();
}
