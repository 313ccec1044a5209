using NodaTime;

namespace FabLab.Gateway.Drivers;

/// <summary>How a message wants to be seen and heard at the device.</summary>
public enum DisplayTone
{
    Neutral = 0,
    Accepted,
    Refused,
    Attention,
}

/// <summary>A few words for the person in front of the device.</summary>
/// <param name="Code">The stable reason code; a device may have its own picture for it.</param>
/// <param name="Tone">How it wants to be noticed.</param>
/// <param name="Text">One plain sentence in the lab's language; a device cuts it to what it can show.</param>
/// <param name="Next">What to do next, when there is something.</param>
/// <param name="For">How long to show it.</param>
public sealed record DisplayMessage(string Code, DisplayTone Tone, string Text, string? Next, Duration For)
{
    /// <summary>The reader the person stands at.</summary>
    public int Reader { get; init; }

    /// <summary>The badge record it answers, when there is one.</summary>
    public JournalKey? Answers { get; init; }
}
