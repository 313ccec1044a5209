using System.Net;

namespace FabLab.Booking.Tests.Pages;

public sealed class FloorPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Floor_shows_each_machine_with_a_word_and_an_icon_for_its_state()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        using PageClient nobody = host.NewClient();

        PageAnswer floor = await nobody.GetAsync("/", Cancel);

        Assert.Equal(HttpStatusCode.OK, floor.Status);
        Assert.Equal(lab.Machines.Count, floor.Document.QuerySelectorAll("article.machine").Length);
        Assert.Equal("Attend le 2e badge", floor.TextOf("#m-LAS-2 .state"));
        foreach (var machine in floor.Document.QuerySelectorAll("article.machine"))
        {
            Assert.NotNull(machine.QuerySelector(".state svg"));
            Assert.NotEqual("", machine.QuerySelector(".state")!.TextContent.Trim());
        }
    }
}
