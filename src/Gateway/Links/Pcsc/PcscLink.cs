using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.Pcsc;

/// <summary>
/// A reader of the smart card service of this computer. On a thread of its own it waits for a card, asks it for its number and delivers that,
/// once for as long as the card lies there. Nothing can be written to it.
/// </summary>
/// <param name="options">Its path is the name of the reader, or how the name begins.</param>
/// <param name="time">For the waits between attempts.</param>
/// <param name="logger">Where it is said why the reader is away, and that a card could not be read.</param>
public sealed partial class PcscLink(SerialLinkOptions options, TimeProvider time, ILogger logger) : SerialLink(options, time, logger)
{
    private const uint PollMilliseconds = 1000;
    private const int Attempts = 3;
    private static readonly TimeSpan Flicker = TimeSpan.FromMilliseconds(500);

    /// <summary>GET DATA of PC/SC part 3: the number of the card.</summary>
    private static readonly byte[] GetNumber = [0xFF, 0xCA, 0x00, 0x00, 0x00];

    private readonly LogGate _gate = new(time);
    private readonly Lock _ending = new();
    private nint _context;
    private byte[] _lies = [];
    private long _leftAt;
    private bool _isThere;

    public override LinkSend Write(ReadOnlySpan<byte> bytes) => LinkSend.Invalid;

    /// <summary>Cards that could not be read.</summary>
    public long Failed { get; private set; }

    private protected override string Name => Options.Path;

    /// <summary>The reader's name is no file, and the service shares it out.</summary>
    private protected override Task<SerialEnd> OpenUnderLockAsync(CancellationToken stopping) => OpenAndServeAsync(stopping);

    private protected override Task<SerialEnd> OpenAndServeAsync(CancellationToken stopping) =>
        Task.Factory.StartNew(() => OpenAndServe(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private protected override void Wake()
    {
        lock (_ending)
        {
            if (_context != 0)
                _ = PcscNative.SCardCancel(_context);
        }
    }

    /// <summary>The reader that a name means: the one of that name, else the first that begins with it. The slot for a security module is none, and always says that a card is in it.</summary>
    internal static string? Choose(IEnumerable<string> readers, string wanted)
    {
        var all = readers.ToList();
        return all.Find(reader => reader == wanted)
            ?? all.Find(reader => reader.StartsWith(wanted, StringComparison.Ordinal) && !reader.Contains("SAM", StringComparison.Ordinal));
    }

    /// <summary>The number in an answer; null when the reader says that it could not read it, or it is no answer.</summary>
    internal static byte[]? Number(ReadOnlySpan<byte> answer) => answer is [.. var number, 0x90, 0x00] && number.Length is >= 4 and <= 10 ? number.ToArray() : null;

    private SerialEnd OpenAndServe(CancellationToken stopping)
    {
        nint context;
        try
        {
            if ((uint)PcscNative.SCardEstablishContext(2, 0, 0, out context) is var fault and not PcscNative.Success)
            {
                return new SerialEnd(false, LinkFault.Missing, fault == PcscNative.NoService
                    ? "the smart card service does not run on this computer: install and start pcscd"
                    : Word(fault));
            }
        }
        catch (DllNotFoundException)
        {
            return new SerialEnd(false, LinkFault.Missing, $"{PcscNative.Library} is not on this computer: install pcscd");
        }
        lock (_ending)
            _context = context;
        var name = nint.Zero;
        try
        {
            if (List(context) is not { } readers)
                return new SerialEnd(false, LinkFault.Missing, "the smart card service does not answer");
            if (Choose(readers, Options.Path) is not { } reader)
                return new SerialEnd(false, LinkFault.Missing, readers.Count == 0 ? "no reader is plugged in" : $"there is no such reader, but {string.Join(", ", readers)}");
            name = Marshal.StringToCoTaskMemUTF8(reader);
            _isThere = true;
            CameUp();
            return new SerialEnd(true, LinkFault.Lost, Serve(context, name, stopping));
        }
        finally
        {
            lock (_ending)
                _context = 0;
            _ = PcscNative.SCardReleaseContext(context);
            Marshal.FreeCoTaskMem(name);
            if (_isThere)
            {
                _isThere = false;
                WentDown();
            }
        }
    }

    private string Serve(nint context, nint name, CancellationToken stopping)
    {
        var state = new PcscNative.ReaderState { Reader = name };
        (_lies, _leftAt) = ([], 0);
        while (!stopping.IsCancellationRequested)
        {
            var outcome = (uint)PcscNative.SCardGetStatusChange(context, PollMilliseconds, ref state, 1);
            if (outcome is PcscNative.Timeout or PcscNative.Cancelled)
                continue;
            if (outcome == PcscNative.UnknownReader)
                return "unplugged";
            if (outcome != PcscNative.Success)
                return outcome == PcscNative.NoService ? "the smart card service has stopped" : Word(outcome);
            var now = (uint)state.Event;
            if ((now & (PcscNative.StateUnavailable | PcscNative.StateUnknown)) != 0)
                return "unplugged";
            var was = (uint)state.Current;
            // Upper half: how often cards came and went. One that went and came again between two looks is another presentation.
            var moved = (now >> 16) != (was >> 16) || ((now ^ was) & PcscNative.StatePresent) != 0;
            state.Current = state.Event;
            if ((was & PcscNative.StatePresent) != 0 && moved)
                _leftAt = Time.GetTimestamp();
            if ((now & PcscNative.StatePresent) != 0 && moved)
                Present(context, name, stopping);
        }
        return "closed";
    }

    private void Present(nint context, nint name, CancellationToken stopping)
    {
        for (var attempt = 0; attempt < Attempts && !stopping.IsCancellationRequested; attempt++)
        {
            if (Read(context, name) is not { } number)
                continue;
            // A card that is held badly comes and goes many times.
            var again = _leftAt != 0 && number.AsSpan().SequenceEqual(_lies) && Time.GetElapsedTime(_leftAt) < Flicker;
            _lies = number;
            if (!again)
                Deliver(number);
            return;
        }
        Failed++;
        if (_gate.Pass("read", out var heldBack))
            Log.NotRead(Logger, Options.Path, heldBack);
    }

    private static byte[]? Read(nint context, nint name)
    {
        if ((uint)PcscNative.SCardConnect(context, name, PcscNative.ShareShared, PcscNative.AnyProtocol, out var card, out var protocol) != PcscNative.Success)
            return null;
        try
        {
            var how = new PcscNative.IoRequest { Protocol = protocol, Length = (nuint)Marshal.SizeOf<PcscNative.IoRequest>() };
            Span<byte> answer = stackalloc byte[264];
            var length = (nuint)answer.Length;
            return (uint)PcscNative.SCardTransmit(card, how, GetNumber, (nuint)GetNumber.Length, 0, answer, ref length) == PcscNative.Success && length <= (nuint)answer.Length
                ? Number(answer[..(int)length])
                : null;
        }
        finally
        {
            _ = PcscNative.SCardDisconnect(card, PcscNative.LeaveCard);
        }
    }

    private static List<string>? List(nint context)
    {
        nuint length = 0;
        var outcome = (uint)PcscNative.SCardListReaders(context, 0, null, ref length);
        if (outcome == PcscNative.NoReaders)
            return [];
        if (outcome != PcscNative.Success || length is 0 or > 65_536)
            return null;
        var names = new byte[(int)length];
        outcome = (uint)PcscNative.SCardListReaders(context, 0, names, ref length);
        // Several texts, each with its zero, and one more zero.
        return outcome switch
        {
            PcscNative.Success => [.. Encoding.UTF8.GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries)],
            PcscNative.NoReaders => [],
            _ => null,
        };
    }

    private static string Word(uint outcome) => $"the smart card service says {outcome:X8}";

    private static partial class Log
    {
        [LoggerMessage(EventId = 3023, Level = LogLevel.Warning, Message = "{Reader}: a card that could not be read, or none with a number. ({HeldBack} like it not shown)")]
        public static partial void NotRead(ILogger logger, string reader, int heldBack);
    }
}
