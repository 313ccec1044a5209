using FabLab.Core;
using FabLab.Core.Policy;

namespace FabLab.Booking.Features.Devices.Pages;

/// <summary>One device and what it works for.</summary>
public sealed record DeviceLine(Machines.Device Device, IReadOnlyList<DeviceWork> Work);

/// <summary>One place of a device.</summary>
public sealed record DeviceWork(MachineId Machine, string Code, DeviceRole Role, int Channel);

/// <summary>All that the page of devices shows.</summary>
public sealed record DevicesSheet(IReadOnlyList<DeviceLine> Devices, IReadOnlyList<(MachineId Id, string Code)> Machines)
{
    /// <summary>Devices that may take the place of another one.</summary>
    public IEnumerable<DeviceId> Spare => Devices.Where(d => d.Work.Count == 0 && d.Device.WithdrawnAt is null).Select(d => d.Device.Id);
}
