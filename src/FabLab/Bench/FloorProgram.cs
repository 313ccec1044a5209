using System.Globalization;
using System.Net;
using FabLab.Host.Cli;
using FabLab.Host.Hosting;
using FabLab.Host.Ports;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Host.Bench;

/// <summary>
/// The least that a program like this one costs: one page over Kestrel, one row over EF and SQLite, on the same runtime with the
/// same settings. Started by <c>bench demo</c> and <c>bench grant</c> beside the product.
/// </summary>
internal static class FloorProgram
{
    public const string Ready = "ready ";

    public static Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        BenchRun.InFolderAsync(invocation, folder => ServeAsync(invocation, folder, cancellationToken));

    private static async Task<int> ServeAsync(Invocation invocation, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var port = PortHolder.FindFree(IPAddress.Loopback);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddDbContext<FloorContext>(options => options.UseSqlite($"Data Source={Path.Combine(folder.FullName, "floor.db")};Pooling=False"));
        await using var app = builder.Build();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var data = scope.ServiceProvider.GetRequiredService<FloorContext>();
            await data.Database.EnsureCreatedAsync(cancellationToken);
            data.Rows.Add(new FloorRow { Text = "hello" });
            await data.SaveChangesAsync(cancellationToken);
        }
        app.MapGet("/", async (FloorContext data) => (await data.Rows.OrderBy(row => row.Id).FirstAsync()).Text);
        app.MapPost("/", async (FloorContext data) =>
        {
            data.Rows.Add(new FloorRow { Text = "hello" });
            await data.SaveChangesAsync();
        });
        await app.StartAsync(cancellationToken);
        invocation.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Ready}{port}"));
        await invocation.Out.FlushAsync(cancellationToken);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(ended.SetResult);
        await ended.Task;
        await app.StopAsync(CancellationToken.None);
        return ExitCodes.Success;
    }
}

/// <summary>The floor's table.</summary>
internal sealed class FloorContext(DbContextOptions<FloorContext> options) : DbContext(options)
{
    public DbSet<FloorRow> Rows => Set<FloorRow>();
}

/// <summary>The floor's row.</summary>
internal sealed class FloorRow
{
    public int Id { get; set; }

    public required string Text { get; set; }
}
