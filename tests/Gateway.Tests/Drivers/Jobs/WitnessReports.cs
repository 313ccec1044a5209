using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Drivers.Jobs;
using FabLab.Testing;
using NodaTime;

namespace FabLab.Gateway.Tests.Drivers.Jobs;

/// <summary>Hears a witness out while its clock goes on.</summary>
internal static class WitnessReports
{
    private static readonly Duration Step = Duration.FromMilliseconds(500);

    /// <summary>The next report of that kind that fits. The clock is moved half a second at a time, so that the device asks again.</summary>
    public static async Task<T> SoonAsync<T>(this IDevice device, ManualTime time, Func<T, bool>? fits = null)
        where T : DeviceReport
    {
        var seen = new List<string>();
        for (var step = 0; step < 20_000; step++)
        {
            while (device.Reports.TryRead(out var report))
            {
                if (report is T match && fits?.Invoke(match) != false)
                    return match;
                seen.Add(report.ToString());
            }
            // While it asks, its clock stands still: what it says then has one moment.
            if (device is not PollingWitness asking || asking.AsksAt > time.GetTimestamp())
                time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        throw new Xunit.Sdk.XunitException($"No {typeof(T).Name} came. Seen: {string.Join(" | ", seen.TakeLast(12))}");
    }

    /// <summary>The next job that is over.</summary>
    public static async Task<MachineJob> OverAsync(this IDevice device, ManualTime time) =>
        (await device.SoonAsync<DeviceReport.JobReport>(time, report => report.Job is { IsOver: true })).Job!;

    /// <summary>The next word that a job of that state is in hand.</summary>
    public static async Task<MachineJob> InHandAsync(this IDevice device, ManualTime time, JobState state = JobState.Running, Func<MachineJob, bool>? fits = null) =>
        (await device.SoonAsync<DeviceReport.JobReport>(time, report => report.Job is { } job && job.State == state && fits?.Invoke(job) != false)).Job!;

    /// <summary>The next word that nothing is in hand.</summary>
    public static Task NothingAsync(this IDevice device, ManualTime time) => device.SoonAsync<DeviceReport.JobReport>(time, report => report.Job is null);

    /// <summary>The device came or went.</summary>
    public static Task OnlineAsync(this IDevice device, ManualTime time, bool online) => device.SoonAsync<DeviceReport.LinkReport>(time, report => report.Online == online);
}
