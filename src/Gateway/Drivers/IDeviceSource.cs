namespace FabLab.Gateway.Drivers;

/// <summary>Which devices the gateway is to open.</summary>
public interface IDeviceSource
{
    /// <summary>Reads the list. Called once at start.</summary>
    ValueTask<IReadOnlyList<DeviceSettings>> ReadAsync(CancellationToken cancellationToken);
}
