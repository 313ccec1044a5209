using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FabLab.VirtualLab.Devices;

/// <summary>A printer with PrusaLink, as its published description of <c>/api/v1/status</c> and <c>/api/v1/job</c> has it. It lets in with Digest only.</summary>
/// <param name="time">Its clock.</param>
/// <param name="password">The password of the user "maker".</param>
public sealed partial class VirtualPrusaLink(TimeProvider time, string password) : WebTwin(time)
{
    private const string Nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c0";

    private readonly Lock _gate = new();
    private int _job = 419;
    private DateTimeOffset? _from;
    private string? _file;
    private double _part;

    /// <summary>IDLE, BUSY, PRINTING, PAUSED, FINISHED, STOPPED, ERROR, ATTENTION or READY.</summary>
    public string State { get; set; } = "IDLE";

    /// <summary>A print begins.</summary>
    /// <param name="file">Its file; null for one over the cable.</param>
    public void Begin(string? file)
    {
        lock (_gate)
            (_file, _from, _part, _job, State) = (file, Now, 0, _job + 1, "PRINTING");
    }

    /// <summary>It has come so far, in percent.</summary>
    public void Go(double percent)
    {
        lock (_gate)
            _part = percent;
    }

    /// <summary>It ends, and the printer shows that until somebody has seen it.</summary>
    public void End(string state)
    {
        lock (_gate)
            (_from, State) = (null, state);
    }

    /// <inheritdoc/>
    protected override (int Status, string Body, string? Header) Answer(string path, IReadOnlyDictionary<string, string> headers)
    {
        if (!IsLetIn(path, headers.GetValueOrDefault("AUTHORIZATION")))
            return (401, "{}", $"WWW-Authenticate: Digest realm=\"Printer API\", nonce=\"{Nonce}\", stale=\"false\"");
        lock (_gate)
        {
            return path switch
            {
                "/api/v1/status" => (200, Status(), null),
                "/api/v1/job" when _from is not null => (200, JsonSerializer.Serialize(new { id = _job, state = State, file = _file is null ? null : new { name = "SHAPE~1.GCO", display_name = _file } }), null),
                "/api/v1/job" => (204, "", null),
                _ => (404, "{}", null),
            };
        }
    }

    private string Status()
    {
        var printer = new { state = State, temp_nozzle = 214.9, axis_z = 0.8, flow = 95, speed = 100 };
        return _from is { } from
            ? JsonSerializer.Serialize(new { storage = new { path = "/usb/", read_only = false }, job = new { id = _job, progress = _part, time_remaining = 3600, time_printing = (int)(Now - from).TotalSeconds }, printer })
            : JsonSerializer.Serialize(new { storage = new { path = "/usb/", read_only = false }, printer });
    }

    private bool IsLetIn(string path, string? authorization)
    {
        if (authorization?.StartsWith("Digest ", StringComparison.Ordinal) != true)
            return false;
        var said = Parts().Matches(authorization).ToDictionary(part => part.Groups[1].Value, part => part.Groups[2].Value.Trim('"'));
        return said.GetValueOrDefault("nonce") == Nonce && said.GetValueOrDefault("uri") == path
            && said.GetValueOrDefault("response") == Hash($"{Hash($"maker:Printer API:{password}")}:{Nonce}:{Hash($"GET:{path}")}");
    }

    // The printer speaks the older form of Digest, which knows MD5 and nothing else.
#pragma warning disable CA5351
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("(\\w+)=(\"[^\"]*\"|[^,\\s]+)")]
    private static partial Regex Parts();
}
