using FabLab.Booking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FabLab.Host.Bench;

/// <summary>A real Booking on a loopback port inside the measuring program, without a word in the log.</summary>
internal static class BenchBooking
{
    /// <param name="folder">Its data folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="port">Its port; 0 for any.</param>
    /// <param name="settings">What it is set to beside.</param>
    public static async Task<WebApplication> StartAsync(string folder, CancellationToken cancellationToken, int port = 0, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            [new($"{BookingOptions.Section}:DataFolder", folder), .. settings.Select(one => new KeyValuePair<string, string?>($"{BookingOptions.Section}:{one.Key}", one.Value))]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddBooking(builder.Configuration);
        var app = builder.Build();
        app.UseBooking();
        app.MapBooking();
        await app.StartAsync(cancellationToken);
        return app;
    }
}
