using System.Runtime.InteropServices;

namespace FabLab.Gateway.Links.Pcsc;

/// <summary>The few calls of libpcsclite that are needed. A long is as wide as a pointer there.</summary>
internal static partial class PcscNative
{
    public const string Library = "libpcsclite.so.1";

    public const uint Success = 0;
    public const uint Cancelled = 0x80100002;
    public const uint UnknownReader = 0x80100009;
    public const uint Timeout = 0x8010000A;
    public const uint NoService = 0x8010001D;
    public const uint NoReaders = 0x8010002E;

    /// <summary>The reader is of no use, unplugged for instance.</summary>
    public const uint StateUnavailable = 0x0008;
    public const uint StateUnknown = 0x0004;
    public const uint StateEmpty = 0x0010;
    public const uint StatePresent = 0x0020;

    public const nuint ShareShared = 2;
    public const nuint AnyProtocol = 3;
    public const nuint LeaveCard = 0;

    [StructLayout(LayoutKind.Sequential)]
    public struct ReaderState
    {
        public nint Reader;
        public nint UserData;
        public nuint Current;
        public nuint Event;
        public nuint AtrLength;
        public Atr Atr;
    }

    /// <summary>33 bytes, and the struct around them is filled up to whole longs.</summary>
    [System.Runtime.CompilerServices.InlineArray(33)]
    public struct Atr
    {
        private byte _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoRequest
    {
        public nuint Protocol;
        public nuint Length;
    }

    [LibraryImport(Library)]
    public static partial nint SCardEstablishContext(nuint scope, nint reserved1, nint reserved2, out nint context);

    [LibraryImport(Library)]
    public static partial nint SCardReleaseContext(nint context);

    [LibraryImport(Library)]
    public static partial nint SCardCancel(nint context);

    [LibraryImport(Library)]
    public static partial nint SCardListReaders(nint context, nint groups, [Out] byte[]? readers, ref nuint length);

    [LibraryImport(Library)]
    public static partial nint SCardGetStatusChange(nint context, nuint timeout, ref ReaderState states, nuint count);

    [LibraryImport(Library)]
    public static partial nint SCardConnect(nint context, nint reader, nuint share, nuint protocols, out nint card, out nuint protocol);

    [LibraryImport(Library)]
    public static partial nint SCardDisconnect(nint card, nuint disposition);

    [LibraryImport(Library)]
    public static partial nint SCardTransmit(nint card, in IoRequest send, ReadOnlySpan<byte> bytes, nuint length, nint receive, Span<byte> answer, ref nuint answerLength);
}
