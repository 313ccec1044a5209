namespace FabLab.Protocol;

/// <summary>Every number of version 1 that both ends must agree on. Sizes are bytes, durations milliseconds unless the name says otherwise.</summary>
public static class Limits
{
    /// <summary>Version in the topic: a change that old devices cannot read raises it.</summary>
    public const int Major = 1;

    /// <summary>Version said in the birth: additions an old receiver may ignore raise it.</summary>
    public const int Minor = 1;

    /// <summary>Longest JSON text of a message, trailer not counted.</summary>
    public const int JsonBytes = 768;

    /// <summary>Length of the trailer with the line feed before it: LF, key id (2), dot, counter (16), dot, code (22).</summary>
    public const int TrailerBytes = 43;

    /// <summary>Longest sealed message: JSON, line feed and trailer. Anything longer is refused unread.</summary>
    public const int MessageBytes = JsonBytes + TrailerBytes;

    /// <summary>Longest device id.</summary>
    public const int DeviceIdBytes = 24;

    /// <summary>Longest session id.</summary>
    public const int SessionIdBytes = 22;

    /// <summary>Longest canonical tag text: family, colon and ten bytes in hex.</summary>
    public const int TagBytes = 24;

    /// <summary>Longest sentence shown to a maker, UTF-8.</summary>
    public const int ShowBytes = 320;

    /// <summary>Relay channels of one device.</summary>
    public const int Relays = 4;

    /// <summary>Badge readers of one device.</summary>
    public const int Readers = 4;

    /// <summary>Meters of one device.</summary>
    public const int Meters = 4;

    /// <summary>Largest uptime, 2^43 − 1 ms: 278 years.</summary>
    public const long UptimeMs = (1L << 43) - 1;

    /// <summary>Shortest lease that is not the order to open.</summary>
    public const int LeaseMinMs = 500;

    /// <summary>Longest lease: 12 h.</summary>
    public const int LeaseMaxMs = 43_200_000;

    /// <summary>How much later than the uptime it names (<c>at</c>) a lease may be counted from.</summary>
    public const int LeaseSlackMs = 2_000;

    /// <summary>A tap or a start older than this is recorded and starts nothing.</summary>
    public const int FreshMs = 10_000;

    /// <summary>Longest time a machine may finish by itself after its lease ended: 48 h, in seconds.</summary>
    public const int FinishCapSeconds = 172_800;

    /// <summary>Records a device must be able to keep.</summary>
    public const int JournalRecords = 2_000;

    /// <summary>Records sent and not yet acknowledged.</summary>
    public const int JournalWindow = 8;

    /// <summary>Wait before an unacknowledged record is sent again; doubled at each try.</summary>
    public const int JournalResendMs = 10_000;

    /// <summary>Longest wait between two tries of one record.</summary>
    public const int JournalResendMaxMs = 60_000;

    /// <summary>How far ahead of the acknowledged record the gateway keeps what came out of order.</summary>
    public const int JournalAhead = 4_096;

    /// <summary>Attempts to store a record before the gateway sets it aside.</summary>
    public const int PoisonAttempts = 3;

    /// <summary>Period of the gateway's time message, which is also its sign of life.</summary>
    public const int TimePeriodMs = 20_000;

    /// <summary>Silence after which one end takes the other for gone, unless the configuration says otherwise.</summary>
    public const int SilenceMs = 60_000;

    /// <summary>Gap between two births, counter questions or answers to a stranger's message.</summary>
    public const int AnswerGapMs = 5_000;

    /// <summary>Highest count a device may ask the gateway to go on above: a wrong one must not use them up.</summary>
    public const uint CounterJump = 4_000_000_000;

    /// <summary>Entries in one chunk of the offline list.</summary>
    public const int ListChunkEntries = 20;

    /// <summary>Largest firmware file: 16 MiB.</summary>
    public const int FirmwareBytes = 16_777_216;

    /// <summary>Bytes of one piece of a firmware, the last one excepted.</summary>
    public const int FirmwarePieceBytes = 512;

    /// <summary>How long a new firmware waits to be confirmed before it goes back.</summary>
    public const int FirmwareTrialMs = 300_000;

    /// <summary>Wait of a device before it asks for a piece again.</summary>
    public const int FirmwareAskMs = 5_000;

    /// <summary>How long a device asks for a piece before it gives up.</summary>
    public const int FirmwareGoneMs = 600_000;

    /// <summary>Bytes of one packed list entry: hash 16, expiry 4, rights 1.</summary>
    public const int ListEntryBytes = 21;

    /// <summary>Chunks of one list.</summary>
    public const int ListChunks = 1_000;

    /// <summary>Earliest wall clock time that is believed: 1 January 2024 UTC, milliseconds since 1970. A device whose clock stands at 1970 has no clock.</summary>
    public const long EarliestUtcMs = 1_704_067_200_000;

    /// <summary>Latest wall clock time that fits the protocol, 1 January 2100 UTC.</summary>
    public const long LatestUtcMs = 4_102_444_800_000;

    /// <summary>Serial: bytes around the payload of a frame (version, type, sequence, CRC).</summary>
    public const int FrameOverheadBytes = 6;

    /// <summary>Serial: longest frame before COBS.</summary>
    public const int FrameBytes = MessageBytes + FrameOverheadBytes;

    /// <summary>Serial: longest frame on the wire, closing zero not counted.</summary>
    public const int EncodedFrameBytes = FrameBytes + (FrameBytes / 254) + 1;

    /// <summary>Serial: wait for the acknowledgement of a frame.</summary>
    public const int FrameAckMs = 200;

    /// <summary>Serial: transmissions of one frame before the line is taken for dead.</summary>
    public const int FrameTries = 5;
}
