using FabLab.Core;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using FabLab.Gateway.Leases;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Supervision;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>What all machines share.</summary>
internal sealed record FlowParts
{
    public required GatewayJournal Journal { get; init; }

    public required PolicyReplica Policy { get; init; }

    public required FloorBoard Floor { get; init; }

    public required RefusedTaps Refused { get; init; }

    public required ResolveBadge Resolve { get; init; }

    public required GatherFacts Gather { get; init; }

    public required DeviceDirectory Devices { get; init; }

    public DeviceTrials Trials { get; } = new();

    public required DeviceClocks DeviceClocks { get; init; }

    public required LeaseMarks Marks { get; init; }

    public required GatewayClock Clock { get; init; }

    public required AlarmBoard Alarms { get; init; }

    public required GatewayMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public required string Language { get; init; }

    /// <summary>A tap older than this when its turn comes starts nothing.</summary>
    public required Duration TapFresh { get; init; }
}
