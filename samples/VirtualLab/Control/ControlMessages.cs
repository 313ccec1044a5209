using System.Text.Json.Serialization;

namespace FabLab.VirtualLab.Control;

/// <summary>One line to the virtual lab.</summary>
/// <param name="Do">tap, status, cut, mend, unplug, plug, power-off, power-on, weld, unweld, work, misbehave, close (the scripted day ends: nobody new comes, uses end by a tap).</param>
/// <param name="Machine">Code of a machine.</param>
/// <param name="Device">Id of a device; without it the machine's own, or all.</param>
/// <param name="Person">Short code of a sample person, or the ten hex digits of a tag.</param>
/// <param name="Silent">For cut: swallow packets instead of breaking the connection.</param>
/// <param name="Seconds">For work.</param>
/// <param name="How">For misbehave.</param>
internal sealed record ControlRequest(
    string? Do, string? Machine = null, string? Device = null, string? Person = null, bool Silent = false, int? Seconds = null, string? How = null);

/// <summary>One line back.</summary>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Error">A stable code of what stood in the way: unknown-machine, unknown-person, no-reader, unknown-device, unknown-request, not-possible.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="Tap">For tap.</param>
/// <param name="Machines">For status.</param>
/// <param name="Devices">For status.</param>
internal sealed record ControlAnswer(
    bool Ok, string? Error = null, string? Detail = null, World.TapResult? Tap = null,
    IReadOnlyList<MachineStatus>? Machines = null, IReadOnlyList<DeviceStatus>? Devices = null);

/// <summary>The truth about a machine.</summary>
/// <param name="Code">Its code.</param>
/// <param name="RelayClosed">Whether its contact is closed.</param>
/// <param name="OnTimeMs">Milliseconds its contact has been closed since the virtual lab started.</param>
/// <param name="Closings">How often it closed.</param>
/// <param name="ExhaustClosed">The same for its exhaust.</param>
/// <param name="Watts">What it draws now.</param>
/// <param name="MilliWattHours">What its meter shows.</param>
/// <param name="Welded">Whether its contact is welded.</param>
internal sealed record MachineStatus(
    string Code, bool RelayClosed, long OnTimeMs, int Closings, bool ExhaustClosed, double Watts, long MilliWattHours, bool Welded);

/// <summary>The truth about a device.</summary>
internal sealed record DeviceStatus(string Id, bool Connected);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
