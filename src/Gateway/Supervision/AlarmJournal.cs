using System.Text.Json;
using System.Threading.Channels;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Gateway.Journal;

namespace FabLab.Gateway.Supervision;

/// <summary>Puts alarms on the journal, so that Booking shows them to staff.</summary>
internal sealed class AlarmJournal : IDisposable
{
    // Full: the oldest goes. The board and the log have it all the same.
    private readonly Channel<JournalEntry> _queue = Channel.CreateBounded<JournalEntry>(
        new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly GatewayJournal _journal;
    private readonly AlarmBoard _alarms;

    public AlarmJournal(GatewayJournal journal, AlarmBoard alarms)
    {
        _journal = journal;
        _alarms = alarms;
        _alarms.Changed += OnChanged;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            // What cannot be written now is on the board; the alarm about the journal itself is of that kind.
            await _journal.CommitAsync(new JournalCommit { Entries = [entry] });
        }
    }

    public void Dispose() => _alarms.Changed -= OnChanged;

    private void OnChanged(Alarm alarm, bool began)
    {
        if (!began || alarm.Reported)
            return;
        var isDevice = alarm.Code is AlarmCodes.DeviceSilent or AlarmCodes.DeviceFault or AlarmCodes.JournalGap;
        var detail = $"{alarm.Subject}: {alarm.Detail}";
        var body = new GatewayAlarm(
            alarm.Code, detail.Length <= 500 ? detail : detail[..500], isDevice ? new DeviceId(alarm.Subject.Split(':')[0]) : null);
        _queue.Writer.TryWrite(new JournalEntry(null, alarm.Since, JournalKinds.Alarm, JsonSerializer.Serialize(body, CoreJson.Options)));
    }
}
