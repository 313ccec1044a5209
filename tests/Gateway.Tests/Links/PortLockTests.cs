using System.Globalization;
using FabLab.Gateway.Links;
using FabLab.Testing;

namespace FabLab.Gateway.Tests.Links;

/// <summary>Whose a port is, when somebody died without taking their sign away.</summary>
public sealed class PortLockTests : IDisposable
{
    // Alive whenever a test runs, and not the test.
    private const int Alive = 1;

    private readonly TemporaryFolder _folder = new();
    private readonly string _port;

    public PortLockTests()
    {
        _port = _folder.File("port");
        File.WriteAllText(_port, "");
    }

    // As terminal programs name it: without /dev.
    private string Sign => _folder.File("LCK.." + (_port.StartsWith("/dev/", StringComparison.Ordinal) ? _port[5..] : _port.TrimStart('/')).Replace('/', '_'));

    [Fact]
    public void The_sign_of_another_program_that_lives_is_respected_and_one_of_a_program_that_is_gone_is_replaced()
    {
        Write(Alive);
        Assert.False(PortLock.TryTake(_port, _folder.Path, out _, out var holder));
        Assert.Equal("process 1", holder);

        Write(int.MaxValue);
        Assert.True(PortLock.TryTake(_port, _folder.Path, out var held, out _));
        Assert.Equal(Environment.ProcessId, int.Parse(File.ReadAllText(Sign), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));
        held!.Dispose();
        Assert.False(File.Exists(Sign));
    }

    [Fact]
    public void A_sign_that_one_of_ours_left_when_it_was_killed_holds_nobody_up_though_its_number_is_another_programs_by_now()
    {
        Assert.True(PortLock.TryTake(_port, _folder.Path, out var held, out _));
        held!.Dispose();
        // As after kill -9: its lock is gone with it, its sign is not, and the system gives its number out again.
        Write(Alive);
        File.WriteAllText(Sign + ".fablab", string.Create(CultureInfo.InvariantCulture, $"{Alive}"));

        Assert.True(PortLock.TryTake(_port, _folder.Path, out held, out _));
        held!.Dispose();
    }

    [Fact]
    public void The_number_of_a_thread_is_no_program()
    {
        var thread = Directory.GetDirectories("/proc/self/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).First(id => id != Environment.ProcessId);
        Write(thread);

        Assert.True(PortLock.TryTake(_port, _folder.Path, out var held, out _));
        held!.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private void Write(int process) => File.WriteAllText(Sign, string.Create(CultureInfo.InvariantCulture, $"{process,10}\n"));
}
