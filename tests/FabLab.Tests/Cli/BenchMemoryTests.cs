using FabLab.Host.Bench;

namespace FabLab.Host.Tests.Cli;

public sealed class BenchMemoryTests
{
    [Fact]
    public void Memory_is_read_as_the_kernel_writes_it()
    {
        var memory = ProcessMemory.Parse(["Name:\tfablab", "VmHWM:\t  240200 kB", "VmRSS:\t  102400 kB"]);

        Assert.Equal(new ProcessMemory(100, 234.6), memory);
    }

    [Fact]
    public void A_process_that_has_ended_is_said_to_have_ended()
    {
        var fault = Assert.Throws<BenchException>(() => ProcessMemory.Parse(["Name:\tfablab", "State:\tZ (zombie)"]));

        Assert.Contains("ended", fault.Message, StringComparison.Ordinal);
    }
}
