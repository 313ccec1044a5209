using FabLab.Core;

namespace FabLab.Booking.Features.SignIn;

/// <summary>What somebody has to do with a machine beyond using it.</summary>
public enum Duty
{
    /// <summary>Référent·e: its state and upkeep.</summary>
    Leads = 1,

    /// <summary>Formateur·rice: may grant the habilitations it asks for.</summary>
    Trains = 2,
}

/// <summary>One machine in somebody's charge.</summary>
public sealed class MachineDuty
{
    public required PersonId PersonId { get; init; }

    public required MachineId MachineId { get; init; }

    public required Duty Duty { get; init; }
}
