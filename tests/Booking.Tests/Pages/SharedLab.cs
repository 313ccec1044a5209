namespace FabLab.Booking.Tests.Pages;

/// <summary>The sample lab once for all tests of a class that only look at it.</summary>
public sealed class SharedLab : IAsyncLifetime
{
    public PagesHost Host { get; private set; } = null!;

    public SampleLab Lab { get; private set; } = null!;

    /// <summary>Signed in as a manager. Do not sign it out.</summary>
    public PageClient Staff { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await PagesHost.StartAsync(demo: true, CancellationToken.None);
        Lab = await SampleLab.SeedAsync(Host, CancellationToken.None);
        Staff = await Host.NewStaffAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Staff?.Dispose();
        if (Host is not null)
            await Host.DisposeAsync();
    }
}
