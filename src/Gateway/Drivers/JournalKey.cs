using FabLab.Core;

namespace FabLab.Gateway.Drivers;

/// <summary>
/// Names one record of a device's own journal, for good: the same key is the same record however often it is sent.
/// Everything that is stored from a device's journal is stored under this key.
/// </summary>
/// <param name="Device">Who wrote the record.</param>
/// <param name="Boot">The device's boot counter when it wrote it.</param>
/// <param name="Sequence">The device's journal sequence; grows across boots, so it orders records by itself.</param>
public readonly record struct JournalKey(DeviceId Device, uint Boot, uint Sequence);
