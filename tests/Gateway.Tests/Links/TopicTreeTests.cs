using FabLab.Gateway.Links;

namespace FabLab.Gateway.Tests.Links;

public sealed class TopicTreeTests
{
    [Theory]
    [InlineData("a/b/c", "a/b/c", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/b/c", "a/b", false)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "b", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("+/+", "/a", true)]
    [InlineData("+", "/a", false)]
    [InlineData("/+", "/a", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("$SYS/+", "$SYS/x", true)]
    public void A_filter_matches_what_the_standard_says(string filter, string topic, bool matches)
    {
        var tree = new TopicTree<string>();
        tree.Add(filter, filter);
        var found = new List<string>();

        tree.Find(topic, found);

        Assert.Equal(matches, found.Count == 1);
    }

    [Fact]
    public void What_is_removed_is_not_found_and_its_neighbours_are()
    {
        var tree = new TopicTree<string>();
        foreach (var filter in new[] { "a/b", "a/b/c", "a/+", "a/#" })
            tree.Add(filter, filter);

        tree.Remove("a/b");
        tree.Remove("a/x");
        var found = new List<string>();
        tree.Find("a/b", found);

        Assert.Equal(["a/#", "a/+"], found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("+", true)]
    [InlineData("#", true)]
    [InlineData("a/#", true)]
    [InlineData("a/#/b", false)]
    [InlineData("a+", false)]
    [InlineData("a/b#", false)]
    [InlineData("", false)]
    public void A_filter_is_judged_before_it_is_sent(string filter, bool valid) => Assert.Equal(valid, TopicFilter.IsFilter(filter));
}
