using System.ComponentModel;
using System.Runtime.InteropServices;

namespace FabLab.Host.Bench;

/// <summary>
/// The floor: answers each message after one write and one fdatasync, on the library's own thread, and does nothing else.
/// What takes less than this does not write down what it does.
/// </summary>
internal sealed partial class BareResponder : IDisposable
{
    private const int ReadWriteCreate = 0x42, OwnerOnly = 0x180;

    private static readonly byte[] Answer = new byte[160];

    private readonly int _file;
    private readonly NativeMosquitto _client;

    public BareResponder(string folder, int brokerPort)
    {
        _file = open(Path.Combine(folder, "floor.journal"), ReadWriteCreate, OwnerOnly);
        if (_file < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        _client = new NativeMosquitto("floor", null, null, Respond);
        _client.Connect(brokerPort, TimeSpan.FromSeconds(10));
        _client.Subscribe("floor/+/up", TimeSpan.FromSeconds(10));
    }

    /// <summary>How long one write and one fdatasync take on this folder's disk.</summary>
    public static Percentiles MeasureSync(string folder, int times)
    {
        var file = open(Path.Combine(folder, "sync.journal"), ReadWriteCreate, OwnerOnly);
        var durations = new Percentiles();
        for (var i = 0; i < times; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            WriteDown(file, i * 512L, new byte[512]);
            durations.Add(TimeProvider.System.GetElapsedTime(began));
        }
        _ = close(file);
        return durations;
    }

    public void Dispose()
    {
        _client.Dispose();
        _ = close(_file);
    }

    private long _written;

    private void Respond(NativeMosquitto client, string topic, ReadOnlySpan<byte> payload)
    {
        WriteDown(_file, _written, payload);
        _written += payload.Length;
        // The first eight bytes say which message is answered.
        Span<byte> answer = stackalloc byte[Answer.Length];
        payload[..8].CopyTo(answer);
        client.Publish(topic[..^2] + "dn", answer);
    }

    private static void WriteDown(int file, long at, ReadOnlySpan<byte> bytes)
    {
        if (pwrite(file, bytes, (nuint)bytes.Length, at) != bytes.Length || fdatasync(file) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint pwrite(int file, ReadOnlySpan<byte> bytes, nuint count, long at);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(int file);
}
