namespace FabLab.Ui.Parts;

/// <summary>The colour of a state or a notice. A tone never comes alone: a word and an icon say the same.</summary>
public enum Tone
{
    Free,
    Waiting,
    On,
    Running,
    Cooling,
    Locked,
    Fault,
    Offline,
}

public static class Tones
{
    /// <summary>The class of the style sheet.</summary>
    public static string Class(this Tone tone) => tone switch
    {
        Tone.Free => "tone-free",
        Tone.Waiting => "tone-waiting",
        Tone.On => "tone-on",
        Tone.Running => "tone-running",
        Tone.Cooling => "tone-cooling",
        Tone.Locked => "tone-locked",
        Tone.Fault => "tone-fault",
        _ => "tone-offline",
    };
}
