using System.Text.Json;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Journal;
using NodaTime;

namespace FabLab.Gateway.Flow;

/// <summary>The induction at the machine, between the tap and the decision. It switches nothing, so a restart may forget it.</summary>
internal sealed partial class MachineActor
{
    private InductionWaiting? _trainer;
    private InductionId? _inductionBegun;

    /// <summary>Whether the tap belonged to an induction and nothing else is to come of it.</summary>
    private async Task<bool> InductionTapAsync(
        DeviceReport.BadgeRead tap, MachineRule rule, LabPolicy policy, BadgeId? badge, Instant now, JournalKey? record, CancellationToken cancellationToken)
    {
        // The exhaust that runs on after the last use is in nobody's way.
        var free = _state is MachineState.Idle or MachineState.CoolingDown && _state.ActiveLockOut is null
            && rule is { LockOut: null, Broken: null } && _parts.Journal.Health.Fault is null;
        switch (Inductions.OnTap(policy, rule, free, _trainer, _inductionBegun, badge, now))
        {
            case InductionStep.TraineePlease begun:
                (_trainer, _inductionBegun) = (begun.Waiting, begun.Waiting.Offer.Id);
                _journal.Later([], record);
                await _tell.SayAsync(InductionWords.TraineePlease, DisplayTone.Attention, rule, tap.Device, cancellationToken);
                break;
            case InductionStep.GivenUp:
                _trainer = null;
                _journal.Later([], record);
                await _tell.SayAsync(InductionWords.GivenUp, DisplayTone.Neutral, rule, tap.Device, cancellationToken);
                break;
            case InductionStep.Given given:
                var body = new InductionRecord(given.Waiting.Offer.Id, given.Waiting.Offer.Trainer, given.Waiting.TrainerBadge, given.Trainee, given.Badge);
                var line = new JournalEntry(_id, now, JournalKinds.Induction, JsonSerializer.Serialize(body, CoreJson.Options), record);
                if (await _journal.LinesNowAsync([line], Snapshot(_state), record) is { } fault)
                {
                    // The trainee taps once more when the disk works; until then it goes on as a tap like any other, which is refused.
                    Log.RefusedForStorage(_logger, Code, fault.Kind);
                    return false;
                }
                _trainer = null;
                await _tell.SayAsync(InductionWords.Given, DisplayTone.Accepted, rule, tap.Device, cancellationToken);
                break;
            default:
                return false;
        }
        _parts.Metrics.Taps.Add("induction");
        return true;
    }
}
