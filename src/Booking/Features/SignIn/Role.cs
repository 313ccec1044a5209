namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// What a person with an account is in the place. One may be several things: who trains often keeps a machine too. What each of
/// them may do stands in <see cref="Rights"/> and nowhere else.
/// </summary>
[Flags]
public enum Role
{
    None = 0,

    /// <summary>Accueil: registers people, hands out badges, says who is here.</summary>
    FrontDesk = 1,

    /// <summary>Fabmanager: everything, and who may do what.</summary>
    Manager = 2,

    /// <summary>Formateur·rice: habilitations of the machines she trains on.</summary>
    Trainer = 4,

    /// <summary>Référent·e machine: state and upkeep of the machines in her charge.</summary>
    MachineLead = 8,

    /// <summary>Encadrant·e: the people of her own groups.</summary>
    Mentor = 16,

    /// <summary>Structure partenaire: the people it brings, in its own groups.</summary>
    Partner = 32,

    /// <summary>Adhérent·e: one's own page.</summary>
    Member = 64,

    /// <summary>Committee, evaluator, funder: figures, never a name.</summary>
    Observer = 128,
}
