using FabLab.Booking.Data;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Machines;

/// <summary>What the changes of a machine have in common.</summary>
internal static class MachineAccess
{
    /// <summary>A change of one machine by somebody who may make it.</summary>
    /// <param name="writer">Writes.</param>
    /// <param name="id">Which machine; one that is retired is none.</param>
    /// <param name="right">What it takes.</param>
    /// <param name="version">The version of the machine it was read at; null where something else tells two changes apart.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="change">Makes the change, or refuses it.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static Task<Outcome<T>> OnMachineAsync<T>(
        this BookingWriter writer, MachineId id, Right right, long? version, StaffActor by,
        Func<BookingWrite, Machine, CancellationToken, Task<Outcome<T>>> change, CancellationToken cancellationToken) =>
        writer.ChangeAsync<T>(
            async (write, cancel) =>
            {
                if (await write.Db.Machines.SingleOrDefaultAsync(m => m.Id == id && !m.Retired, cancel) is not { } machine)
                    return Refusal.NotFound("machine");
                if (!await write.Db.MayAsync(by, right, id, cancel))
                    return Refusal.NotAllowed;
                return version is { } seen && seen != machine.Version ? Refusal.Stale : await change(write, machine, cancel);
            },
            cancellationToken);
}
