using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace FabLab.Host.Bench;

/// <summary>
/// libmosquitto with nothing around it: its own loop thread, one callback. The floor that a gateway can at best reach, and the
/// hand that taps and waits in both halves of the measurement.
/// </summary>
internal sealed unsafe partial class NativeMosquitto : IDisposable
{
    private const string Library = "libmosquitto.so.1";
    private const int TcpNoDelay = 11;
    private const int ThreadCpuTime = 3;

    private readonly nint _client;
    private readonly Action<NativeMosquitto, string, ReadOnlySpan<byte>> _onMessage;
    private readonly ManualResetEventSlim _connected = new();
    private readonly CountdownEvent _subscribed = new(0);
    private GCHandle _self;
    private bool _disposed;

    static NativeMosquitto() => _ = mosquitto_lib_init();

    /// <param name="id">Client id.</param>
    /// <param name="user">User at the broker; null for none.</param>
    /// <param name="password">Password at the broker.</param>
    /// <param name="onMessage">Called on the library's thread for each message; the payload is only valid during the call.</param>
    public NativeMosquitto(string id, string? user, string? password, Action<NativeMosquitto, string, ReadOnlySpan<byte>> onMessage)
    {
        _onMessage = onMessage;
        _self = GCHandle.Alloc(this);
        _client = mosquitto_new(id, 1, GCHandle.ToIntPtr(_self));
        if (_client == 0)
            throw new BenchException("libmosquitto gave no client.");
        if (user is not null)
            Check(mosquitto_username_pw_set(_client, user, password));
        Check(mosquitto_int_option(_client, TcpNoDelay, 1));
        mosquitto_connect_callback_set(_client, &OnConnect);
        mosquitto_subscribe_callback_set(_client, &OnSubscribe);
        mosquitto_message_callback_set(_client, &OnMessage);
    }

    /// <summary>Connects and waits until the broker has said yes.</summary>
    public void Connect(int port, TimeSpan patience)
    {
        Check(mosquitto_connect(_client, "127.0.0.1", port, 60));
        Check(mosquitto_loop_start(_client));
        if (!_connected.Wait(patience))
            throw new BenchException("The broker did not answer.");
    }

    /// <summary>Subscribes and waits until the broker has said yes.</summary>
    public void Subscribe(string filter, TimeSpan patience)
    {
        if (!_subscribed.TryAddCount())
            _subscribed.Reset(1);
        Check(mosquitto_subscribe(_client, 0, filter, 1));
        if (!_subscribed.Wait(patience))
            throw new BenchException("The broker did not answer to a subscription.");
    }

    public void Publish(string topic, ReadOnlySpan<byte> payload, int qos = 1, bool retain = false)
    {
        fixed (byte* bytes = payload)
            Check(mosquitto_publish(_client, 0, topic, payload.Length, bytes, qos, retain ? (byte)1 : (byte)0));
    }

    /// <summary>What the calling thread has taken of a processor. Asked in a callback: what the library's own thread has, reading from the broker included.</summary>
    public static TimeSpan ThreadProcessor() =>
        clock_gettime(ThreadCpuTime, out var time) == 0 ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0) : TimeSpan.Zero;

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = mosquitto_disconnect(_client);
        _ = mosquitto_loop_stop(_client, 1);
        mosquitto_destroy(_client);
        _self.Free();
        _connected.Dispose();
        _subscribed.Dispose();
    }

    private static void Check(int code)
    {
        if (code != 0)
            throw new BenchException($"libmosquitto says {code}.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(nint client, nint self, int code)
    {
        if (code == 0)
            Of(self)._connected.Set();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubscribe(nint client, nint self, int id, int count, nint granted) => Of(self)._subscribed.Signal();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint client, nint self, Message* message)
    {
        var topic = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message->Topic));
        var it = Of(self);
        it._onMessage(it, topic, new ReadOnlySpan<byte>(message->Payload, message->Length));
    }

    private static NativeMosquitto Of(nint self) => (NativeMosquitto)GCHandle.FromIntPtr(self).Target!;

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public int Id;
        public byte* Topic;
        public void* Payload;
        public int Length;
        public int Qos;
        public byte Retain;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_lib_init();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint mosquitto_new(string id, byte clean, nint self);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_username_pw_set(nint client, string user, string? password);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_int_option(nint client, int option, int value);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void mosquitto_connect_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void mosquitto_subscribe_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void mosquitto_message_callback_set(nint client, delegate* unmanaged[Cdecl]<nint, nint, Message*, void> callback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_connect(nint client, string host, int port, int keepAlive);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_loop_start(nint client);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_loop_stop(nint client, byte force);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_subscribe(nint client, nint id, string filter, int qos);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_publish(nint client, nint id, string topic, int length, byte* payload, int qos, byte retain);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mosquitto_disconnect(nint client);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void mosquitto_destroy(nint client);
}
