using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;

namespace FabLab.Gateway.Flow;

/// <summary>What can lie in a machine's inbox. A closed set.</summary>
internal abstract record MachineMessage
{
    private MachineMessage() { }

    /// <summary>A device bound to the machine has said something.</summary>
    /// <param name="Report">What.</param>
    /// <param name="Channel">Which of the machine's relays it is about, when it is about one.</param>
    /// <param name="Key">The device's record, when this machine is the one to write it down.</param>
    public sealed record Reported(DeviceReport Report, RelayChannel? Channel, JournalKey? Key) : MachineMessage;

    /// <summary>There are new rules.</summary>
    public sealed record RulesChanged : MachineMessage;

    /// <summary>The journal has begun to fail, or takes writes again.</summary>
    public sealed record StorageChanged : MachineMessage;

    /// <summary>Somebody asks for something from a screen.</summary>
    public sealed record Asked(MachineSignal Signal, TaskCompletionSource<MachineReply?> Answer) : MachineMessage;
}
