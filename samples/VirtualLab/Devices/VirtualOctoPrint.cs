using System.Text.Json;

namespace FabLab.VirtualLab.Devices;

/// <summary>OctoPrint's REST API, as its documents describe <c>GET /api/job</c>.</summary>
/// <param name="time">Its clock.</param>
/// <param name="key">The key it lets in.</param>
public sealed class VirtualOctoPrint(TimeProvider time, string key) : WebTwin(time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _from;
    private string? _file;
    private double? _part;
    private double? _seconds;

    /// <summary>Its own word: Operational, Printing, Pausing, Paused, Cancelling, Error, Offline.</summary>
    public string State { get; set; } = "Operational";

    /// <summary>A print begins, of 810 mm on the first tool and 190 mm on the second.</summary>
    public void Begin(string file)
    {
        lock (_gate)
            (_file, _from, _part, _seconds, State) = (file, Now, 0, null, "Printing");
    }

    /// <summary>It has come so far, in percent.</summary>
    public void Go(double percent)
    {
        lock (_gate)
            _part = percent;
    }

    /// <summary>It ends; what it knew of it stays until the next one begins.</summary>
    public void End(bool done)
    {
        lock (_gate)
        {
            _seconds = (Now - _from)?.TotalSeconds;
            (_part, _from, State) = (done ? 100 : _part, null, "Operational");
        }
    }

    /// <inheritdoc/>
    protected override (int Status, string Body, string? Header) Answer(string path, IReadOnlyDictionary<string, string> headers)
    {
        if (headers.GetValueOrDefault("X-API-KEY") != key)
            return (403, """{"error":"You don't have the permission"}""", null);
        if (path != "/api/job")
            return (404, "{}", null);
        lock (_gate)
        {
            return (200, JsonSerializer.Serialize(new
            {
                job = new
                {
                    file = new { name = _file, origin = "local", size = 1468987, date = 1378847754 },
                    estimatedPrintTime = 8811,
                    filament = _file is null ? null : new { tool0 = new { length = 810.0, volume = 5.36 }, tool1 = new { length = 190.0, volume = 1.2 } },
                },
                progress = new { completion = _part, filepos = 337942, printTime = _seconds ?? (_from is { } from ? (Now - from).TotalSeconds : null), printTimeLeft = 912 },
                state = State,
            }), null);
        }
    }
}
