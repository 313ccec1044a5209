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

    public void Dispose() => _folder.Dispose();
}
