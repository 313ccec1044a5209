using FabLab.Booking.Features.People.Pages;
using FabLab.Core.Policy;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Trainings.Pages;

internal static class TrainingWords
{
    public static Phrase Of(TrainingKind kind) => kind switch
    {
        TrainingKind.Safety => TrainingText.KindSafety,
        TrainingKind.Discovery => TrainingText.KindDiscovery,
        TrainingKind.Workshop => TrainingText.KindWorkshop,
        _ => TrainingText.KindCourse,
    };

    public static string Level(PageText text, HabilitationLevel level) => text[PersonWords.Level(level)].ToLower(text.Culture);

    public static string Room(PageText text, SessionLine line) => line switch
    {
        { Free: 0, Waiting: > 0 } => text[TrainingText.FullWaiting, line.Waiting],
        { Free: 0 } => text[TrainingText.Full],
        _ => text[TrainingText.Free, line.Free],
    };

    /// <summary>What the viewer has to do with it; null when nothing.</summary>
    public static (string Word, Tone Tone, string Icon)? Own(PageText text, SessionLine line) => line switch
    {
        { Session.CancelledAt: not null } => (text[TrainingText.Cancelled], Tone.Fault, Icons.Missing),
        { Own: OwnSeat.Place } => (text[TrainingText.OwnPlace], Tone.Free, Icons.Done),
        { Own: OwnSeat.MovedUp } => (text[TrainingText.OwnMovedUp], Tone.Free, Icons.Done),
        { Own: OwnSeat.Waits } => (text[TrainingText.OwnWaits, line.OwnWaiting], Tone.Waiting, Icons.Waiting),
        _ => null,
    };
}
