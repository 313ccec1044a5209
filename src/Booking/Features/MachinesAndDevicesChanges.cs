using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features;

/// <summary>Badges given at a reader, the care of machines, and devices.</summary>
internal static class MachinesAndDevicesChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<WaitForBadge>();
        services.AddSingleton<SetCare>();
        services.AddSingleton<NoteMaintenance>();
        services.AddSingleton<FaultReports>();
        services.AddSingleton<FaultReportLimit>();
        services.AddSingleton<AttributeJob>();
        services.AddSingleton<Photos>();
        services.AddSingleton<ManageDevice>();
        services.AddSingleton<EnrolDevice>();
        services.AddSingleton<AdoptDevice>();
        services.AddSingleton<DiscoveryBoard>();
        services.AddSingleton<DeviceReadBackBoard>();
        services.AddSingleton<TestDevice>();
        services.AddSingleton<UpdateDevice>();
        services.AddSingleton<IDeviceTests, DeviceTestsHere>();
        services.AddSingleton<IDeviceUpdates, DeviceUpdatesHere>();
        services.AddSingleton<DeviceUpdateBoard>();
        services.AddSingleton<DevicesSeenEndpoint>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        WaitForBadge.Map(routes.Changes(Right.KeepBadges));
        SetCare.Map(routes.Changes(Right.KeepMachines));
        NoteMaintenance.Map(routes.Changes(Right.Maintain));
        FaultReports.Map(routes.Changes(Right.SeeAlarms));
        AttributeJob.Map(routes.Changes(Right.ClaimJobs));
        ManageDevice.Map(routes.Changes(Right.KeepDevices));
        EnrolDevice.Map(routes.Changes(Right.KeepDevices));
        AdoptDevice.Map(routes.Changes(Right.KeepDevices));
        TestDevice.Map(routes.Changes(Right.KeepDevices));
        UpdateDevice.Map(routes.Changes(Right.KeepDevices));
    }
}
