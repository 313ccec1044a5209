using FabLab.Core;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Trainings.Pages;

/// <summary>A training as it is written into the form, so that a fault loses none of it.</summary>
public sealed record TrainingForm(TrainingId? Id, IReadOnlyDictionary<string, string> Fields, IReadOnlySet<TrainingId> Needs, bool Retired, long Version)
{
    public (string Field, Phrase Fault)? Fault { get; init; }

    public Phrase? Problem { get; init; }

    public string Of(string field) => Fields.GetValueOrDefault(field) ?? "";
}
