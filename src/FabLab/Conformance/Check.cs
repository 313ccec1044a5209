namespace FabLab.Host.Conformance;

/// <summary>What a check needs besides a device that answers.</summary>
[Flags]
internal enum Needs
{
    Nothing = 0,
    Tap = 1,
    Meter = 2,
    Power = 4,
    Serial = 8,
    Mqtt = 16,

    /// <summary>It holds a tag key, and the suite has it.</summary>
    TagKey = 32,

    /// <summary>Takes more than a few seconds of the device's own time.</summary>
    Long = 64,

    /// <summary>A relay at all.</summary>
    Relay = 128,

    /// <summary>A reader at all.</summary>
    Reader = 256,

    /// <summary>It speaks contract 1.1 and takes updates.</summary>
    Updates = 512,

    /// <summary>A firmware signed by its author, above the one that runs.</summary>
    Firmware = 1024,
}

/// <summary>One check.</summary>
/// <param name="Number">Its number, for ever: a new check gets a new one.</param>
/// <param name="Section">Section of firmware-protocol.md.</param>
/// <param name="Rows">The rows of that page it looks at.</param>
/// <param name="What">What the device must do, as a sentence.</param>
/// <param name="Needs">What it takes.</param>
/// <param name="Run">Does it; throws <see cref="CheckFailedException"/>.</param>
internal sealed record Check(int Number, string Section, string[] Rows, string What, Needs Needs, Func<Talk, Task> Run);

internal enum Verdict
{
    Passed,
    Failed,

    /// <summary>Could not be looked at; why is said.</summary>
    NotShown,
}

/// <summary>What came of a check.</summary>
/// <param name="Check">The check.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Why">What was wrong, or why it was not shown.</param>
internal sealed record Finding(Check Check, Verdict Verdict, string? Why = null);

/// <summary>The device did not do what the page says; the message says what it did.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);

/// <summary>The check could not be made after all; the message says why.</summary>
internal sealed class CheckNotShownException(string message) : Exception(message);
