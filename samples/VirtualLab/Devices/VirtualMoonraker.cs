using System.Text.Json;

namespace FabLab.VirtualLab.Devices;

/// <summary>A printer with Klipper and Moonraker, as their documents describe the answers: what it prints, and a history of what it printed.</summary>
/// <param name="time">Its clock.</param>
public sealed class VirtualMoonraker(TimeProvider time) : WebTwin(time)
{
    private readonly Lock _gate = new();
    private readonly List<Print> _prints = [];
    private string _state = "standby";

    /// <summary>Klipper's own process; without it Moonraker answers 503.</summary>
    public bool Klipper { get; set; } = true;

    /// <summary>Whether <c>[history]</c> is on.</summary>
    public bool History { get; set; } = true;

    /// <summary>How many answers about the state come before the history knows of an end.</summary>
    public int HistoryLate { get; set; }

    /// <summary>A print of 1000 mm and 3 g begins.</summary>
    /// <param name="file">Its file.</param>
    public void Begin(string file)
    {
        lock (_gate)
        {
            _prints.Add(new Print { File = file, From = Now });
            _state = "printing";
        }
    }

    /// <summary>It has come so far.</summary>
    /// <param name="part">0 to 1.</param>
    public void Go(double part)
    {
        lock (_gate)
            _prints[^1].Part = part;
    }

    /// <summary>It is held, or goes on.</summary>
    public void Hold(bool held)
    {
        lock (_gate)
            _state = held ? "paused" : "printing";
    }

    /// <summary>It ends.</summary>
    /// <param name="status">completed, cancelled, error or klippy_shutdown.</param>
    public void End(string status = "completed")
    {
        lock (_gate)
        {
            var print = _prints[^1];
            print.Status = status;
            print.To = Now;
            print.Part = status == "completed" ? 1 : print.Part;
            _state = status switch { "completed" => "complete", "cancelled" => "cancelled", _ => "error" };
        }
    }

    /// <inheritdoc/>
    protected override (int Status, string Body, string? Header) Answer(string path, IReadOnlyDictionary<string, string> headers)
    {
        lock (_gate)
        {
            if (path.StartsWith("/printer/objects/query", StringComparison.Ordinal))
            {
                foreach (var over in _prints.Where(print => print.To is not null))
                    over.Written |= over != _prints[^1] || over.Late++ >= HistoryLate;
                return Klipper ? (200, State(), null) : (503, """{"error":{"code":503,"message":"Klippy Host not connected"}}""", null);
            }
            return path.StartsWith("/server/history/list", StringComparison.Ordinal) && History ? (200, Past(), null) : (404, """{"error":{"code":404}}""", null);
        }
    }

    private string State()
    {
        var print = _prints.LastOrDefault();
        return JsonSerializer.Serialize(new
        {
            result = new
            {
                eventtime = 578243.57,
                status = new
                {
                    print_stats = new
                    {
                        filename = print?.File ?? "",
                        total_duration = print is null ? 0 : ((print.To ?? Now) - print.From).TotalSeconds,
                        print_duration = print is null ? 0 : ((print.To ?? Now) - print.From).TotalSeconds,
                        filament_used = (print?.Part ?? 0) * 1000,
                        state = _state,
                        message = "",
                    },
                    virtual_sdcard = new { progress = print?.Part ?? 0, is_active = _state == "printing", file_position = 0 },
                },
            },
        });
    }

    private string Past() => JsonSerializer.Serialize(new
    {
        result = new
        {
            count = _prints.Count,
            jobs = _prints.Select((print, place) => new
            {
                job_id = (place + 1).ToString("X6", System.Globalization.CultureInfo.InvariantCulture),
                filename = print.File,
                status = print.Written ? print.Status : "in_progress",
                start_time = print.From.ToUnixTimeMilliseconds() / 1000.0,
                end_time = print is { Written: true, To: { } to } ? to.ToUnixTimeMilliseconds() / 1000.0 : (double?)null,
                filament_used = print.Part * 1000,
                metadata = new { filament_total = 1000.0, filament_weight_total = 3.0, filament_type = "PLA" },
                user = "_TRUSTED_USER_",
            }).Reverse().Take(32),
        },
    });

    private sealed class Print
    {
        public required string File { get; init; }

        public required DateTimeOffset From { get; init; }

        public DateTimeOffset? To { get; set; }

        public string Status { get; set; } = "in_progress";

        public double Part { get; set; }

        public int Late { get; set; }

        public bool Written { get; set; }
    }
}
