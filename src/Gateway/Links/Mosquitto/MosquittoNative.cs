using System.Runtime.InteropServices;

namespace FabLab.Gateway.Links.Mosquitto;

/// <summary>
/// The part of libmosquitto 2 that is used. Every call on one handle is made under that connection's lock: the library
/// runs in its unthreaded mode, in which a publish goes into the socket on the caller's own thread.
/// </summary>
internal static unsafe partial class MosquittoNative
{
    private const string Library = "libmosquitto.so.1";

    public const int Success = 0;
    public const int NoMemory = 1;
    public const int InvalidArgument = 3;
    public const int NoConnection = 4;
    public const int Tls = 8;
    public const int PayloadSize = 9;
    public const int Errno = 14;
    public const int Lookup = 20;
    public const int TlsHandshake = 23;
    public const int QosNotSupported = 24;
    public const int OversizePacket = 25;
    public const int KeepAliveFailed = 19;

    public const int OptionProtocolVersion = 1;
    public const int OptionReceiveMaximum = 4;
    public const int OptionSendMaximum = 5;
    public const int OptionTcpNoDelay = 11;

    public const int PropertyMessageExpiry = 2;
    public const int PropertyMaximumPacketSize = 39;

    private static readonly Lazy<int> Initialised = new(mosquitto_lib_init);

    /// <summary>Loads the library once for the process; throws <see cref="DllNotFoundException"/> where it is missing.</summary>
    public static void Initialise()
    {
        if (Initialised.Value != Success)
            throw new InvalidOperationException($"libmosquitto did not initialise: {Text(Initialised.Value)}.");
    }

    public static string Text(int code) => Marshal.PtrToStringUTF8(mosquitto_strerror(code)) ?? "unknown";

    public static string ReasonText(int code) => Marshal.PtrToStringUTF8(mosquitto_reason_string(code)) ?? "unknown";

    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int Mid;
        public byte* Topic;
        public byte* Payload;
        public int PayloadLength;
        public int Qos;
        public byte Retain;
    }

    [LibraryImport(Library)]
    private static partial int mosquitto_lib_init();

    [LibraryImport(Library)]
    private static partial nint mosquitto_strerror(int code);

    [LibraryImport(Library)]
    private static partial nint mosquitto_reason_string(int code);

    [LibraryImport(Library, EntryPoint = "mosquitto_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint New(string id, [MarshalAs(UnmanagedType.I1)] bool cleanSession, nint userData);

    [LibraryImport(Library, EntryPoint = "mosquitto_destroy")]
    public static partial void Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "mosquitto_int_option")]
    public static partial int IntOption(nint handle, int option, int value);

    [LibraryImport(Library, EntryPoint = "mosquitto_username_pw_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UserNamePassword(nint handle, string userName, string? password);

    [LibraryImport(Library, EntryPoint = "mosquitto_will_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Will(nint handle, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.I1)] bool retain);

    [LibraryImport(Library, EntryPoint = "mosquitto_tls_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TlsSet(nint handle, string caFile, string? caPath, string? certificateFile, string? keyFile, nint passwordCallback);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_bind_v5", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Connect(nint handle, string host, int port, int keepAlive, string? bindAddress, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect")]
    public static partial int Disconnect(nint handle);

    [LibraryImport(Library, EntryPoint = "mosquitto_socket")]
    public static partial int Socket(nint handle);

    [LibraryImport(Library, EntryPoint = "mosquitto_want_write")]
    [return: MarshalAs(UnmanagedType.I1)]
    public static partial bool WantWrite(nint handle);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_read")]
    public static partial int LoopRead(nint handle, int maxPackets);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_write")]
    public static partial int LoopWrite(nint handle, int maxPackets);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_misc")]
    public static partial int LoopMisc(nint handle);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Publish(nint handle, out int mid, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.I1)] bool retain, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Subscribe(nint handle, out int mid, string filter, int qos);

    [LibraryImport(Library, EntryPoint = "mosquitto_unsubscribe", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unsubscribe(nint handle, out int mid, string filter);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_int32")]
    public static partial int PropertyAddInt32(ref nint list, int identifier, uint value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_free_all")]
    public static partial void PropertyFreeAll(ref nint list);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_v5_callback_set")]
    public static partial void OnConnect(nint handle, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect_v5_callback_set")]
    public static partial void OnDisconnect(nint handle, delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_message_v5_callback_set")]
    public static partial void OnMessage(nint handle, delegate* unmanaged[Cdecl]<nint, nint, Message*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_v5_callback_set")]
    public static partial void OnSubscribe(nint handle, delegate* unmanaged[Cdecl]<nint, nint, int, int, int*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5_callback_set")]
    public static partial void OnPublish(nint handle, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);
}
