using System.Threading.Channels;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Tests.Drivers;

internal static class Reports
{
    /// <summary>The next report of that kind that fits; what comes before it is passed over.</summary>
    public static async Task<T> NextAsync<T>(this IDevice device, Func<T, bool>? fits = null)
        where T : DeviceReport
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var seen = new List<string>();
        try
        {
            while (true)
            {
                var report = await device.Reports.ReadAsync(limit.Token);
                if (report is T match && (fits is null || fits(match)))
                    return match;
                seen.Add(report.ToString());
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new Xunit.Sdk.XunitException($"No {typeof(T).Name} came. Seen: {string.Join(" | ", seen)}");
        }
    }

    /// <summary>What has come so far.</summary>
    public static IReadOnlyList<DeviceReport> Take(this IDevice device)
    {
        var all = new List<DeviceReport>();
        while (device.Reports.TryRead(out var report))
            all.Add(report);
        return all;
    }
}
