using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>How a machine is booked. The caller merges what holds for the machine, its class and the person's plan; every setting has a default that asks nothing.</summary>
public sealed record BookingTerms
{
    /// <summary>Whether it is booked at all.</summary>
    public bool Bookable { get; init; } = true;

    /// <summary>How many bookings (or places) fit at one time: 1 for a machine, 12 for a room.</summary>
    public int Capacity { get; init; } = 1;

    /// <summary>Time to set up and clear between two bookings.</summary>
    public Duration SetUp { get; init; } = Duration.Zero;

    /// <summary>The shortest booking.</summary>
    public Duration MinLength { get; init; } = Duration.Zero;

    /// <summary>The longest booking; null = no limit.</summary>
    public Duration? MaxLength { get; init; }

    /// <summary>The steps on which bookings start and end, counted from midnight by the wall clock; null = any minute.</summary>
    public Duration? Step { get; init; }

    /// <summary>How long before its start a booking must be made.</summary>
    public Duration Notice { get; init; } = Duration.Zero;

    /// <summary>How far ahead a booking may start; null = as far as anything is planned.</summary>
    public Duration? Horizon { get; init; }

    /// <summary>How long after its start a booking may still be made: somebody who stands before a free machine takes the slot that has just begun.</summary>
    public Duration StartGrace { get; init; } = Duration.FromMinutes(10);

    /// <summary>How long before its start a booking may be moved or cancelled freely.</summary>
    public Duration ChangeBefore { get; init; } = Duration.Zero;

    /// <summary>Whether a cancellation after that is refused; else it is taken and counted as late.</summary>
    public bool RefuseLateCancellation { get; init; }

    /// <summary>How many bookings to come a person may have, on all machines together; null = no limit, 1 = one at a time.</summary>
    public int? MaxUpcoming { get; init; }

    /// <summary>Whether a person may have two bookings at the same time on different machines.</summary>
    public bool OwnOverlapAllowed { get; init; }

    /// <summary>Whether the machine can be booked during openlab, too.</summary>
    public bool BookableInOpenLab { get; init; }

    /// <summary>Whether a booking may run on while the lab is closed (a 12-hour print): it must start in open time, and no open time on its way may be kept for others.</summary>
    public bool RunsWhileClosed { get; init; }

    /// <summary>Whether somebody who needs a second person beside them may book: they then come with that person.</summary>
    public bool AccompaniedMayBook { get; init; } = true;

    /// <summary>Whether the relay keeps to the hours: the machine is started in open time only and stops at closing. False: the hours are for bookings and for the public page.</summary>
    public bool KeepsHours { get; init; } = true;

    /// <summary>Whether the machine may be used without booking in booked hours while nobody has booked it.</summary>
    public bool WalkUpInBookedHours { get; init; } = true;

    /// <summary>What happens when nobody comes.</summary>
    public NoShowPolicy NoShow { get; init; } = new();
}

/// <summary>The stretch a quota counts over, by the calendar of the site. Weeks begin on Monday.</summary>
public enum QuotaPeriod
{
    /// <summary>A day.</summary>
    Day,

    /// <summary>A week.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,
}

/// <summary>A limit on what one person books in a period: an amount of time, a number of bookings, or both.</summary>
public sealed record BookingQuota
{
    /// <summary>The period.</summary>
    public required QuotaPeriod Period { get; init; }

    /// <summary>How much booked time the period allows; null = any.</summary>
    public Duration? Time { get; init; }

    /// <summary>How many bookings may start in the period; null = any.</summary>
    public int? Count { get; init; }

    /// <summary>On which machines together. With no machine and no class: on all together.</summary>
    public ValueList<MachineId> Machines { get; init; } = [];

    /// <summary>On which classes of machine together, by their keys.</summary>
    public ValueList<string> Classes { get; init; } = [];

    /// <summary>For people on which plans; with no plan and no person: for everybody.</summary>
    public ValueList<string> Plans { get; init; } = [];

    /// <summary>For which people.</summary>
    public ValueList<PersonId> People { get; init; } = [];

    /// <summary>Whether a booking made on the very day it starts is free: neither refused by the quota nor counted in it.</summary>
    public bool SameDayFree { get; init; }

    /// <summary>Whether a machine counts in this quota.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="machineClass">The key of its class, or null.</param>
    public bool Counts(MachineId machine, string? machineClass) =>
        (Machines.Count == 0 && Classes.Count == 0)
        || Machines.Contains(machine)
        || (machineClass is not null && Classes.Contains(machineClass));

    /// <summary>Whether the quota is meant for a person.</summary>
    /// <param name="person">The person.</param>
    /// <param name="plan">The key of their plan, or null.</param>
    public bool IsFor(PersonId person, string? plan) =>
        (Plans.Count == 0 && People.Count == 0)
        || People.Contains(person)
        || (plan is not null && Plans.Contains(plan));
}
