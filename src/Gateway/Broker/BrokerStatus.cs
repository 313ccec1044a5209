namespace FabLab.Gateway.Broker;

/// <summary>Where the managed broker stands; for health pages and the doctor.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Detail">Why it is not running, in words.</param>
/// <param name="ProcessId">Its process while it runs.</param>
/// <param name="Restarts">How often it had to be started again.</param>
public sealed record BrokerStatus(BrokerPhase Phase, string? Detail, int? ProcessId, int Restarts);

public enum BrokerPhase
{
    Stopped = 0,
    Starting,
    Running,

    /// <summary>Waiting before the next start.</summary>
    Waiting,

    /// <summary>Mosquitto is not installed.</summary>
    Missing,
}
