using System.Text.Json.Nodes;
using FabLab.Protocol;
using FabLab.Protocol.Messages;
using FabLab.Protocol.Node;

namespace FabLab.Host.Tests.Conformance;

/// <summary>Devices that are wrong in one point each, and the check that must say so.</summary>
internal static class Defects
{
    public static IReadOnlyList<Defect> All { get; } =
    [
        new("the connect number stands still", 1) { Out = Birth(birth => birth["bd"] = 1) },
        new("something goes out before the birth", 99) { OnConnect = defect => defect.Emit(new Ask(AskFor.Time, 1), (uint)defect.Device.Up + 1_000_000) },
        new("the will names another connect", 2) { Out = (_, _, json) => Set(json, "m", "will", "bd", 77u) },
        new("rebirth is answered by a birth alone", 3) { Out = (defect, _, json) => !Is(json, "ev") || defect.IsFirst(json) },
        new("time is answered with the uptime of long ago", 4) { Out = (_, _, json) => (string?)json["re"] != "time" || Put(json, "up", 5) },
        new("the code is not compared", 5) { Takes = [FaultReason.BadCode] },
        new("the number of the key is not looked at", 5) { Takes = [FaultReason.UnknownKey] },
        new("messages without a good trailer are taken", 5) { Takes = [FaultReason.BadTrailer] },
        new("the counter is not looked at", 6) { Takes = [FaultReason.OldCounter] },
        new("an old count is not asked about", 6) { Out = (_, _, json) => (string?)json["q"] != "ctr" },
        new("messages for another boot are obeyed", 7) { Takes = [FaultReason.OtherBoot, FaultReason.OldCounter] },
        new("what lies in the broker is obeyed", 8) { Takes = [FaultReason.Retained] },
        new("unknown fields make a message bad", 9) { In = (_, _, json) => !json.ContainsKey("zz") || Put(json, "ch", 9) },
        new("numbers may be text or have a fraction", 10) { In = (_, _, json) => { if (json["ttl"] is JsonValue ttl && (ttl.ToJsonString() is "3000.0" or "3e3" or "\"3000\"")) json["ttl"] = 3000; return true; } },
        new("what is missing is made up", 10) { In = (_, _, json) => { if (Is(json, "lease") && !json.ContainsKey("ttl")) json["ttl"] = 3000; return true; } },
        new("unknown messages are passed over", 11) { Out = (_, _, json) => (string?)json["code"] != "unknown" },
        new("messages may be of any length", 12) { Takes = [FaultReason.TooLong], In = (_, _, json) => { json.Remove("x"); return true; } },
        new("JSON may be of any depth", 13) { In = (_, _, json) => { json.Remove("x"); return true; } },

        new("the relay closes without a record", 20) { Out = (_, _, json) => !Kind(json, "on") },
        new("the birth does not say what is closed", 20) { Out = Birth(birth => birth["st"] = new JsonArray()) },
        new("the relay stays closed twice as long", 21) { In = Lease((_, lease) => lease["ttl"] = Ttl(lease) <= 21_000_000 ? Ttl(lease) * 2 : Ttl(lease)) },
        new("the time closed is made up", 21) { Out = (_, _, json) => !Kind(json, "off") || Put(json, "ms", 1_000) },
        new("renewals are answered and forgotten", 22) { In = Lease((_, lease) => { if (Ttl(lease) > 0 && !Starts(lease)) lease["ttl"] = 500; }) },
        new("length 0 is obeyed for the running session only", 23) { In = Running((defect, lease) => { if (Ttl(lease) == 0 && (string?)lease["sid"] != defect.Session) { lease["ttl"] = 43_200_000; lease["sid"] = defect.Session; } }) },
        new("the number of a lease is not looked at", 24)
        {
            In = Lease((defect, lease) => lease["n"] = defect.Renumber((uint)lease["n"]!)),
            Out = (defect, _, json) => (string?)json["re"] != "lease" || Put(json, "n", defect.NumberOf((uint)json["n"]!)),
        },
        new("a lease counts from its receipt, however old", 25) { In = Lease((defect, lease) => lease["at"] = defect.Device.Up) },
        new("an old start starts", 26) { In = Lease((defect, lease) => { if (Starts(lease) && defect.Device.Up - (long)lease["at"]! > 10_000) lease["at"] = defect.Device.Up; }) },
        new("a renewal starts", 27) { In = Lease((defect, lease) => { if (Ttl(lease) > 0 && !defect.Device.Node.IsClosed(0)) lease["s"] = true; }) },
        new("a renewal of another session prolongs", 28) { In = Running((defect, lease) => { if (!Starts(lease) && Ttl(lease) > 0 && defect.Device.Node.IsClosed(0)) lease["sid"] = defect.Session; }) },
        new("a session that ended starts again", 29) { In = Lease((defect, lease) => { if (Starts(lease) && !defect.Ended.Add((string)lease["sid"]!)) lease["sid"] = lease["sid"] + "x"; }) },
        new("a handover is called a stop", 30) { Out = (_, _, json) => { if (Kind(json, "off") && (string?)json["why"] == "handover") json["why"] = "told"; return true; } },
        new("a channel it has not is answered ok", 31) { Out = (_, _, json) => { if ((string?)json["code"] == "ch") json["code"] = "ok"; return true; } },
        new("leases may be shorter than 500 ms", 32) { In = Lease((_, lease) => { if (lease["ttl"]!.ToJsonString() == "499") lease["ttl"] = 500; }) },
        new("a lost connection opens the relay", 33) { OnDrop = defect => defect.Inject(new Lease(0, "gone", 1, 0, 0, false)) },
        new("the configuration is answered and forgotten", 34) { Out = Birth(birth => birth["cfg"] = 0) },
        new("a bad configuration is taken in part", 34) { In = (_, _, json) => { if (Is(json, "config") && (string?)json["lang"] == "de") json["lang"] = "en"; return true; } },
        new("a finish never ends", 35) { In = Channels(channel => { if ((int)channel["cap"]! > 0) channel["cap"] = 172_800; }) },
        new("finish opens at once", 35) { In = Channels(channel => channel["ll"] = "open") },
        new("the birth says lease while it finishes", 36) { Out = Birth(birth => { foreach (var relay in birth["st"]!.AsArray()) relay!["by"] = "lease"; }) },
        new("an idle machine is not seen while finishing", 37) { In = Channels(channel => channel["idle"] = 3_600) },
        new("a welded contact is not seen", 38) { In = Channels(channel => channel["mw"] = 0) },

        new("the journal is too small", 40) { Places = 512 },
        new("numbers skip", 40) { Out = (_, _, json) => !Kind(json, "on") && !Kind(json, "off") || Put(json, "seq", (uint)json["seq"]! + ((uint)json["seq"]! / 4)) },
        new("a record is forgotten when the broker has it", 41) { Out = (defect, _, json) => { if (Is(json, "ev")) defect.Inject(new Ack((uint)json["seq"]!, [])); return true; } },
        new("an acknowledged record comes again", 41) { In = (_, topic, _) => topic != TopicKind.Ack },
        new("a record is sent once", 42) { Out = (defect, _, json) => !Is(json, "ev") || defect.IsFirst(json) },
        new("any acknowledgement empties the journal", 43) { In = (defect, topic, json) => topic != TopicKind.Ack || Put(json, "seq", Math.Min((uint)json["seq"]!, defect.Device.Node.Memory.Journal.Last)) },
        new("everything is sent at once", 44)
        {
            OnTick = defect =>
            {
                foreach (var record in defect.Device.Node.Memory.Journal.Records.Skip(8))
                {
                    if (defect.Ended.Add($"{record.Seq}"))
                        defect.Emit(record, 1_000_000 + record.Seq);
                }
            },
        },
        new("the boot number stands still", 45) { Memory = memory => memory["boot"] = (uint)memory["boot"]! - 1 },
        new("a power cut is not told", 45) { Memory = memory => memory["beatOn"] = 0 },
        new("a power cut costs the journal", 45) { Memory = memory => memory["journal"] = new JsonArray() },
        new("a power cut costs the configuration", 45) { Memory = memory => memory["configured"] = false },
        new("a start is taken though the journal is full", 46) { Out = (_, _, json) => { if ((string?)json["code"] == "full") json["code"] = "late"; return true; } },
        new("readings come as they please", 47) { In = (_, _, json) => !Is(json, "config") || Put(json, "me", 1) },

        new("a list holds from its first part", 50) { In = ListPart(part => { if ((int)part["of"]! > 1) { part["cnt"] = 20; part["of"] = (int)part["i"]! + 1; } }) },
        new("a difference is taken for the whole", 51) { In = ListPart(part => part["base"] = 0) },
        new("a difference to any list is taken", 52) { In = (defect, _, json) => { if (Is(json, "list") && (uint)json["base"]! > 0) json["base"] = defect.Device.Node.Memory.List.Version; return true; } },
        new("parts may come in any order", 53) { Out = (_, _, json) => { if ((string?)json["code"] == "chunk") json["code"] = "ok"; return true; } },
        new("the number of entries is not looked at", 54) { Out = (_, _, json) => { if ((string?)json["code"] == "count") json["code"] = "ok"; return true; } },
        new("the tag key is not looked at", 55) { In = ListPart(part => part["tk"] = 1) },
        new("an old list is not asked about", 56) { Out = (_, _, json) => (string?)json["q"] != "list" },
        new("broken entries are cut to what can be read", 57) { In = ListPart(part => { if (((string)part["e"]!).Length == 27) part["e"] = part["e"] + "B"; }) },

        new("one presentation is recorded twice", 60) { OnTick = defect => { if (defect.Flag) { defect.Flag = false; defect.Device.TapAgain(); } }, OnTap = (defect, _) => defect.Flag = true },
        new("a badge nobody answers waits for ever", 61) { Out = (defect, _, json) => { if (Kind(json, "badge")) defect.Inject(new Show(0, ShowKind.Info, "", 1)); return true; } },
        new("goodbye is not heard", 62) { In = (_, topic, json) => topic != TopicKind.Gateway || Put(json, "on", true) },
        new("silence is not noticed", 63) { In = (_, _, json) => !Is(json, "config") || Put(json, "si", 600) },
        new("the list decides though the policy says deny", 64) { In = Channels(channel => { channel["of"] = "list"; channel["age"] = 86_400; channel["omax"] = 600; }) },
        new("a grant is not recorded", 65) { Out = (_, _, json) => !Kind(json, "grant") },
        new("the holder's badge does not stop", 66) { OnTap = (defect, _) => !defect.Device.Node.IsClosed(0) },
        new("anybody's badge stops", 67) { OnTap = (defect, _) => { if (defect.Device.IsAway && defect.Device.Node.IsClosed(0)) defect.Inject(new Lease(0, "x", 1, 0, 0, false)); return true; } },
        new("the channels of an entry are not looked at", 68) { In = ListPart(part => part["e"] = Defect.Entries((string)part["e"]!, entry => entry[20] = entry[20] == 0 ? (byte)0 : (byte)15)) },
        new("the end of an entry is not looked at", 69) { In = ListPart(part => part["e"] = Defect.Entries((string)part["e"]!, entry => entry.AsSpan(16, 4).Clear())) },
        new("the age of the list is not looked at", 70) { In = Channels(channel => channel["age"] = 2_592_000) },
        new("a device without a clock decides", 71) { OnStart = defect => defect.Device.Node.SetClock(defect.Device.Up, defect.Device.Utc) },
        new("a use of its own never ends", 72) { In = Channels(channel => { if ((int)channel["omax"]! == 3) channel["omax"] = 43_200; }), Out = (_, _, json) => !Kind(json, "grant") || Put(json, "max", 3) },

        new("a new epoch of the gateway is not noticed", 80) { In = (_, topic, json) => topic != TopicKind.Gateway || Put(json, "epoch", 1) },
        new("sentences may be of any length", 81) { In = (_, _, json) => { if (Is(json, "show") && ((string)json["t"]!).Length > 320) json["t"] = "x"; return true; } },
        new("a gateway state that is none stops the machine", 82) { In = (defect, topic, json) => { if (topic == TopicKind.Gateway && !json.ContainsKey("on")) defect.Inject(new Lease(0, "x", 1, 0, 0, false)); return true; } },

        new("an update is taken while a relay is closed", 100) { Out = (_, _, json) => { if ((string?)json["re"] == "ota" && (string?)json["code"] == "busy") json["code"] = "ok"; return true; } },
        new("anybody may sign a firmware", 101) { TrustsAnybody = true },
        new("a firmware for another board is taken", 101) { In = Offer(offer => offer["md"] = VirtualWorkbench.Profile.Model) },
        new("an older firmware is taken", 101) { Out = (_, _, json) => { if ((string?)json["code"] == "down") json["code"] = "ok"; return true; } },
        new("the file that came is not compared with the one signed", 102) { Out = (_, _, json) => { if ((string?)json["code"] == "hash") json["code"] = "done"; return true; } },
        new("a piece out of turn is taken", 102) { In = (defect, _, json) => { if (Is(json, "part") && !defect.Flag && (int)json["o"]! == 512) { defect.Flag = true; json["o"] = 0; } return true; } },
        new("a piece is asked for once", 103) { Out = (defect, _, json) => (string?)json["q"] != "fw" || defect.Ended.Add($"{json["n"]}") },
        new("a download begins anew after a lost connection", 103) { Out = (defect, _, json) => { if ((string?)json["q"] == "fw" && defect.Flag) json["n"] = 0; return true; }, OnDrop = defect => defect.Flag = true },
        new("half a firmware is started after a power cut", 103) { Memory = _ => { }, Out = Birth(birth => { if ((int)birth["boot"]! > 1) birth["fw"] = VirtualWorkbench.Update.Offer.Version; }) },
        new("it pulls while a relay is closed", 104) { OnTick = defect => { if (defect.Device.Node.IsClosed(0) && !defect.Flag) { defect.Flag = true; defect.Emit(new Ask(AskFor.Firmware, defect.Device.Up, 512), 1_000_000); } } },
        new("it stays with a firmware that nobody confirmed", 105) { Slot = order => order == SlotOrder.Back ? null : order },
        new("it starts machines while on trial", 105) { Out = (_, _, json) => { if ((string?)json["code"] == "trial") json["code"] = "ok"; return true; } },
        new("it does not say that it is on trial", 105) { Out = Birth(birth => birth.Remove("tr")) },
        new("a firmware on trial stays after a power cut", 106) { Slot = order => order == SlotOrder.Try ? SlotOrder.Keep : order },
        new("any confirmation will do", 107) { Out = (_, _, json) => { if ((string?)json["code"] == "other") json["code"] = "ok"; return true; } },
        new("a confirmation does not outlast a power cut", 107) { Slot = order => order == SlotOrder.Keep ? null : order },

        new("its counter stands still", 99) { CounterOf = counter => counter with { N = 1 } },
        new("numbers in its birth are text", 99) { Out = Birth(birth => { if ((int)birth["bd"]! > 1) birth["dp"] = "40"; }) },
    ];

    private static bool Is(JsonObject json, string message) => json["m"] is JsonValue m && m.TryGetValue<string>(out var name) && name == message;

    private static bool Kind(JsonObject json, string kind) => Is(json, "ev") && (string?)json["k"] == kind;

    private static bool Put(JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return true;
    }

    private static bool Set(JsonObject json, string of, string message, string name, JsonNode value) =>
        (string?)json[of] != message || Put(json, name, value);

    private static int Ttl(JsonObject lease) => lease["ttl"] is JsonValue ttl && ttl.TryGetValue<int>(out var length) ? length : -1;

    private static bool Starts(JsonObject lease) => lease["s"] is JsonValue s && s.TryGetValue<bool>(out var starts) && starts;

    private static Func<Defect, TopicKind, JsonObject, bool> Birth(Action<JsonObject> change) => (_, _, json) =>
    {
        if (Is(json, "birth"))
            change(json);
        return true;
    };

    private static Func<Defect, TopicKind, JsonObject, bool> Lease(Action<Defect, JsonObject> change) => (defect, _, json) =>
    {
        if (Is(json, "lease") && Ttl(json) >= 0 && json["n"] is JsonValue n && n.TryGetValue<uint>(out uint number) && number > 0 && json["at"] is JsonValue)
            change(defect, json);
        return true;
    };

    private static Func<Defect, TopicKind, JsonObject, bool> Running(Action<Defect, JsonObject> change) => Lease((defect, lease) =>
    {
        if (Starts(lease))
            defect.Session = (string)lease["sid"]!;
        change(defect, lease);
    });

    private static Func<Defect, TopicKind, JsonObject, bool> Channels(Action<JsonObject> change) => (_, _, json) =>
    {
        if (Is(json, "config"))
        {
            foreach (var channel in json["ch"]!.AsArray())
                change(channel!.AsObject());
        }
        return true;
    };

    private static Func<Defect, TopicKind, JsonObject, bool> Offer(Action<JsonObject> change) => (_, _, json) =>
    {
        if (Is(json, "ota"))
            change(json);
        return true;
    };

    private static Func<Defect, TopicKind, JsonObject, bool> ListPart(Action<JsonObject> change) => (_, _, json) =>
    {
        if (Is(json, "list") && json["e"] is JsonValue)
            change(json);
        return true;
    };
}
