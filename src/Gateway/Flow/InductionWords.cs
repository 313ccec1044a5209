using FabLab.Core;

namespace FabLab.Gateway.Flow;

/// <summary>What is said at the machine during an induction: a code for the display, a sentence, the next step.</summary>
internal sealed record InductionWords(string Code, Words Sentence, Words? NextStep)
{
    public static readonly InductionWords TraineePlease = new(
        "induction_trainee_please",
        new Words("Formation à la machine.", "Training at the machine."),
        new Words("La personne formée passe son badge dans les 30 secondes.", "The person trained taps their badge within 30 seconds."));

    public static readonly InductionWords GivenUp = new(
        "induction_given_up", new Words("Formation annulée.", "Training called off."), null);

    public static readonly InductionWords Given = new(
        "induction_given",
        new Words("C’est noté.", "It is noted."),
        new Words("L’habilitation arrive dans un instant. Passez le badge pour démarrer.", "The habilitation comes in a moment. Tap your badge to start."));
}
