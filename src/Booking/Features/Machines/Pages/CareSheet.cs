using FabLab.Booking.Features.Floor.Pages;
using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>A machine's sheet and care. What names a person is filled in only for those who hear of its faults.</summary>
public sealed record CareSheet
{
    public required MachineId Id { get; init; }

    public required MachineGlance Glance { get; init; }

    public required MachineRule Rule { get; init; }

    public required long MachineVersion { get; init; }

    /// <summary>Empty where nobody wrote one.</summary>
    public required MachineCare Care { get; init; }

    public IReadOnlyList<Words> Trainings { get; init; } = [];

    public required MaintenanceStanding Maintenance { get; init; }

    public IReadOnlyList<Maintenance> Past { get; init; } = [];

    public IReadOnlyList<FaultReport> Reports { get; init; } = [];

    /// <summary>Why it is out of service; null while it is not.</summary>
    public Breakdown? Broken { get; init; }

    public LockOutReleaseRule BrokenRelease { get; init; }

    public PersonGlance? BrokenBy { get; init; }

    public bool MayPutBack { get; init; }

    /// <summary>Who looks after it.</summary>
    public IReadOnlyList<PersonGlance> Leads { get; init; } = [];

    public IReadOnlyList<(TrainingId Id, Words Name)> AllTrainings { get; init; } = [];

    public string Code => Glance.Code;
}

/// <summary>What came back with a fault on the page of a machine's care.</summary>
/// <param name="Field">Which field.</param>
/// <param name="Error">What is wrong with it.</param>
/// <param name="Values">What had been typed, by field.</param>
public sealed record CareForm(string? Field, Phrase? Error, IReadOnlyDictionary<string, string> Values)
{
    public string? this[string field] => Values.GetValueOrDefault(field);

    public Phrase? Of(string field) => field == Field ? Error : null;
}
