namespace FabLab.Gateway.Drivers;

/// <summary>
/// How a device signs in to the managed broker and what it may do there, beside the topics of our own protocol that follow
/// from its name.
/// </summary>
/// <param name="UserName">The device id.</param>
/// <param name="Password">In clear; only its hash reaches a file.</param>
/// <param name="Publish">Filters it may publish to.</param>
/// <param name="Subscribe">Filters it may receive from.</param>
/// <param name="Retained">Topics under which it leaves something in the broker's memory; emptied when the device is removed.</param>
public sealed record DeviceAccess(
    string UserName, string Password, IReadOnlyList<string> Publish, IReadOnlyList<string> Subscribe, IReadOnlyList<string> Retained)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"DeviceAccess({UserName})";
}
