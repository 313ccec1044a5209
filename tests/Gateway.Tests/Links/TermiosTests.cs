using FabLab.Gateway.Links;
using FabLab.Gateway.Links.Termios;
using FabLab.Testing;

namespace FabLab.Gateway.Tests.Links;

public sealed class TermiosTests
{
    private const int WithoutEnd = -1;

    [Fact]
    public async Task An_unplug_ends_the_wait_by_itself_and_not_by_the_next_look()
    {
        using var terminal = new PseudoTerminal();
        using var never = new PosixPoll.WakeUp();
        var descriptor = TermiosNative.OpenPort(terminal.Path, 9600, out var error);
        Assert.True(descriptor >= 0, $"error {error}");

        // No time limit: only the unplug can end it.
        var waiting = Task.Factory.StartNew(
            () => PosixPoll.Wait(descriptor, PosixPoll.In, never, WithoutEnd), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.False(waiting.IsCompleted);
        terminal.Unplug();

        Assert.NotEqual(0, await waiting.WaitAsync(TestContext.Current.CancellationToken) & PosixPoll.HangUp);
        Assert.Equal(0, TermiosNative.Close(descriptor));
    }
}
