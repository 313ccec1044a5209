using FabLab.Core.Sessions;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Jobs.Pages;

/// <summary>Jobs in words.</summary>
public static class JobWords
{
    /// <summary>Where a job stands: the word, the tone and the pictogram.</summary>
    public static (string Word, Tone Tone, string Icon) State(PageText text, JobLine job)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(job);
        return job.State switch
        {
            JobState.Running => (job.Progress is { } part ? text[JobText.RunningAt, part] : text[JobText.Running], Tone.Running, Icons.Running),
            JobState.Paused => (text[JobText.Paused], Tone.Waiting, Icons.Waiting),
            JobState.Done => (text[JobText.Done], Tone.Free, Icons.Done),
            JobState.Failed => (text[JobText.Failed], Tone.Fault, Icons.Fault),
            JobState.Cancelled => (text[JobText.Cancelled], Tone.Offline, Icons.Missing),
            _ => (text[JobText.Lost], Tone.Offline, Icons.Question),
        };
    }

    /// <summary>What was used, where it is known: grams, else metres.</summary>
    public static string? Material(PageText text, JobLine job)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(job);
        return job.Grams is { } grams and > 0 ? text[JobText.Grams, text.Number(grams, 1)]
            : job.Metres is { } metres and > 0 ? text[JobText.Metres, text.Number(metres, 2)]
            : null;
    }
}
