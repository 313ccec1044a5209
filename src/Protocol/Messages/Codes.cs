namespace FabLab.Protocol.Messages;

// The sets below are open: a receiver keeps a code it does not know as text. A code is 1 to 16 of a-z, 0-9 and '-'.

/// <summary>Why the device refused by itself.</summary>
public static class DenyWhy
{
    /// <summary>This machine's policy is to refuse while the gateway is away.</summary>
    public const string Offline = "offline";

    /// <summary>The tag is not on the list, or not for this channel.</summary>
    public const string Unknown = "unknown";

    /// <summary>The tag's entry has expired.</summary>
    public const string Expired = "expired";

    /// <summary>The list is older than the policy allows, or its age cannot be told for want of a clock.</summary>
    public const string ListOld = "list-old";

    /// <summary>Somebody else is using the machine.</summary>
    public const string Busy = "busy";

    /// <summary>A fault stands on the channel.</summary>
    public const string Fault = "fault";

    /// <summary>The journal has no room for a start.</summary>
    public const string Full = "full";

    /// <summary>The gateway was there and did not answer in time.</summary>
    public const string NoAnswer = "no-answer";
}

/// <summary>Why a relay opened.</summary>
public static class OffWhy
{
    /// <summary>The lease ran out (policy <c>open</c>).</summary>
    public const string Lease = "lease";

    /// <summary>The gateway said so: a lease of length 0.</summary>
    public const string Told = "told";

    /// <summary>A hard limit was reached: finishing after a lost lease, or the longest offline use.</summary>
    public const string Cap = "cap";

    /// <summary>Finishing after a lost lease, and the machine drew no more current.</summary>
    public const string Idle = "idle";

    /// <summary>The same badge again, decided by the device.</summary>
    public const string Tap = "tap";

    /// <summary>A fault.</summary>
    public const string Fault = "fault";

    /// <summary>Another session took over; the relay did not move.</summary>
    public const string Handover = "handover";
}

/// <summary>Why the device started.</summary>
public static class BootWhy
{
    /// <summary>Power came.</summary>
    public const string Power = "power";

    /// <summary>The hardware watchdog.</summary>
    public const string Watchdog = "watchdog";

    /// <summary>Its own software, on purpose.</summary>
    public const string Soft = "soft";

    /// <summary>New firmware.</summary>
    public const string Update = "update";

    /// <summary>Back to the firmware before: the new one was not confirmed, or did not come up.</summary>
    public const string Back = "back";
}

/// <summary>Faults a device reports.</summary>
public static class NodeFault
{
    /// <summary>Current flows while the relay is open: a welded contact.</summary>
    public const string Weld = "weld";

    /// <summary>The contact's feedback contradicts the relay.</summary>
    public const string Relay = "relay";

    /// <summary>A meter does not answer.</summary>
    public const string Meter = "meter";

    /// <summary>A reader does not answer.</summary>
    public const string Reader = "reader";

    /// <summary>The memory that keeps the journal failed.</summary>
    public const string Flash = "flash";

    /// <summary>Too hot.</summary>
    public const string Heat = "heat";
}

/// <summary>What a <see cref="Reply"/> says.</summary>
public static class ReplyCode
{
    /// <summary>Done.</summary>
    public const string Ok = "ok";

    /// <summary>The lease number is not above the last one of this channel.</summary>
    public const string Old = "old";

    /// <summary>The lease came too late: it would have ended already, or it is a start named more than 10 s ago.</summary>
    public const string Late = "late";

    /// <summary>A renewal while the relay is open: nothing starts by itself.</summary>
    public const string Open = "open";

    /// <summary>A renewal for another session than the running one.</summary>
    public const string Session = "sid";

    /// <summary>A start for the session that ended last on this channel.</summary>
    public const string Ended = "ended";

    /// <summary>No room in the journal: no start.</summary>
    public const string Full = "full";

    /// <summary>No such channel or reader.</summary>
    public const string Channel = "ch";

    /// <summary>A fault stands on the channel.</summary>
    public const string Fault = "fault";

    /// <summary>A field is missing, of the wrong type or out of its limits.</summary>
    public const string Bad = "bad";

    /// <summary>The message is none this firmware knows.</summary>
    public const string Unknown = "unknown";

    /// <summary>The difference does not fit the list held: send it in full.</summary>
    public const string Base = "base";

    /// <summary>A chunk is not the one that was due: start again.</summary>
    public const string Chunk = "chunk";

    /// <summary>The list has not the number of entries said: send it in full.</summary>
    public const string Count = "count";

    /// <summary>The list was made with a tag key this device has not: enrol it again.</summary>
    public const string TagKey = "tagkey";

    /// <summary>No update: a relay is closed.</summary>
    public const string Busy = "busy";

    /// <summary>No start and no update: the firmware that runs is on trial.</summary>
    public const string Trial = "trial";

    /// <summary>The firmware is for another board.</summary>
    public const string Model = "model";

    /// <summary>The firmware is not above the one that runs.</summary>
    public const string Down = "down";

    /// <summary>The firmware that runs is below the lowest that this one may replace.</summary>
    public const string Lowest = "min";

    /// <summary>The firmware is larger than the slot.</summary>
    public const string Size = "size";

    /// <summary>The signature is not the author's.</summary>
    public const string Signature = "sig";

    /// <summary>The file arrived whole and is another than the one signed.</summary>
    public const string Hash = "hash";

    /// <summary>The file is here and right; the device restarts into it.</summary>
    public const string Done = "done";

    /// <summary>No piece came for too long.</summary>
    public const string Gone = "gone";

    /// <summary>Another version runs than the one confirmed.</summary>
    public const string Other = "other";
}
