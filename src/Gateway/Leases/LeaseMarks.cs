using System.Buffers.Binary;
using FabLab.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using NodaTime;

namespace FabLab.Gateway.Leases;

/// <summary>
/// When each machine's lease was last renewed, in a small file of fixed places, written at each renewal and never synced: it
/// outlives the process, not the power. A gateway that comes back after <c>kill -9</c> knows from it how long a relay may have
/// been on without it; when the file is missing or torn it knows nothing, which is safe, only less exact.
/// </summary>
internal sealed partial class LeaseMarks : IDisposable
{
    private const int Place = 32;
    private const int MostPlaces = 16_384;

    private readonly SafeFileHandle? _file;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<MachineId, (int Place, Instant At)> _places = [];

    public LeaseMarks(string path, ILogger logger)
    {
        _logger = logger;
        try
        {
            _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            Load(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoFile(logger, e.Message);
        }
    }

    /// <summary>The last renewal noted; null when none is.</summary>
    public Instant? Last(MachineId machine)
    {
        lock (_gate)
            return _places.TryGetValue(machine, out var place) ? place.At : null;
    }

    public void Renewed(MachineId machine, Instant at)
    {
        if (_file is null)
            return;
        lock (_gate)
        {
            var place = _places.TryGetValue(machine, out var known) ? known.Place : _places.Count;
            if (place >= MostPlaces)
                return;
            _places[machine] = (place, at);
            Span<byte> bytes = stackalloc byte[Place];
            machine.Value.TryWriteBytes(bytes);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], at.ToUnixTimeTicks());
            BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Check(bytes));
            try
            {
                RandomAccess.Write(_file, bytes, (long)place * Place);
            }
            catch (IOException e)
            {
                // A full disk shows itself at the journal, which decides; a missing mark only makes a restart less exact.
                Log.NotNoted(_logger, e.Message);
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Load(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[Place];
        for (var place = 0; place < MostPlaces; place++)
        {
            if (RandomAccess.Read(file, bytes, (long)place * Place) < Place)
                return;
            // A torn place keeps its position under a name that nobody has.
            var whole = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]) == Check(bytes);
            var machine = new MachineId(whole ? new Guid(bytes[..16]) : Guid.NewGuid());
            var at = whole ? Instant.FromUnixTimeTicks(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])) : default;
            _places[machine] = (place, at);
        }
    }

    private static long Check(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a: enough to tell a whole place from a torn one.
        var hash = 14695981039346656037UL;
        foreach (var b in bytes[..24])
            hash = unchecked((hash ^ b) * 1099511628211UL);
        return unchecked((long)hash);
    }

    private static partial class Log
    {
        [LoggerMessage(4501, LogLevel.Warning, "Lease marks cannot be kept ({Cause}); after a crash less is known of the time in between")]
        public static partial void NoFile(ILogger logger, string cause);

        [LoggerMessage(4502, LogLevel.Warning, "A lease mark could not be written ({Cause})")]
        public static partial void NotNoted(ILogger logger, string cause);
    }
}
