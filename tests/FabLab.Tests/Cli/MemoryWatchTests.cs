using FabLab.Host.Hosting;

namespace FabLab.Host.Tests.Cli;

public sealed class MemoryWatchTests
{
    private const long Mega = 1 << 20;

    private readonly MemoryWatch _watch = new();

    [Fact]
    public void A_lab_at_rest_is_left_alone()
    {
        for (var look = 0L; look < 100; look++)
            Assert.False(_watch.IsTime(look * Mega, (40 + (look % 10)) * Mega));
    }

    [Fact]
    public void Rest_is_found_once_after_the_start_and_once_after_each_busy_time()
    {
        // Megabytes asked for since the look before.
        long[] asked = [60, 40, 1, 1, 1, 1, 30, 1, 20, 1, 1, 1];
        var sum = 0L;
        var rests = asked.Select(more => (_watch.IsTime((sum += more) * Mega, 40 * Mega), _watch.HasComeToRest).HasComeToRest).ToArray();

        Assert.Equal([3, 10], rests.Index().Where(look => look.Item).Select(look => look.Index));
    }

    [Fact]
    public void What_giving_back_takes_itself_is_not_found_to_be_a_busy_time()
    {
        var (sum, rests) = (0L, 0);
        foreach (var more in new[] { 60L, 40, 1, 1, 1, 1, 1, 1, 1, 1, 1 })
        {
            _watch.IsTime((sum += more) * Mega, 40 * Mega);
            if (!_watch.HasComeToRest)
                continue;
            rests++;
            _watch.Gave((sum += 27) * Mega);
        }

        Assert.Equal(1, rests);
    }

    [Fact]
    public void After_a_busy_time_memory_is_given_back_once_when_it_is_calm()
    {
        Assert.False(_watch.IsTime(0, 30 * Mega));
        Assert.False(_watch.IsTime(100 * Mega, 80 * Mega), "while much is going on");
        Assert.False(_watch.IsTime(200 * Mega, 90 * Mega), "while much is going on");
        Assert.True(_watch.IsTime(201 * Mega, 90 * Mega), "calm, and there is much to give");
        Assert.False(_watch.IsTime(202 * Mega, 50 * Mega));
        Assert.False(_watch.IsTime(203 * Mega, 60 * Mega), "what was left is what counts from now on");
        Assert.True(_watch.IsTime(204 * Mega, 66 * Mega));
    }

    [Fact]
    public void What_somebody_else_has_given_back_counts()
    {
        Assert.False(_watch.IsTime(0, 80 * Mega));
        Assert.False(_watch.IsTime(Mega, 30 * Mega));
        Assert.True(_watch.IsTime(2 * Mega, 46 * Mega));
    }

    [Fact]
    public void Where_nothing_comes_of_it_it_is_not_tried_again()
    {
        Assert.False(_watch.IsTime(0, 30 * Mega));
        Assert.True(_watch.IsTime(Mega, 90 * Mega));
        for (var look = 2L; look < 50; look++)
            Assert.False(_watch.IsTime(look * Mega, 90 * Mega));
    }
}
