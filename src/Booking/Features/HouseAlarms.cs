using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.Journal;
using FabLab.Core;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features;

/// <summary>Alarms that no gateway raises but Booking itself: a fault reported at a machine, a maintenance that is due.</summary>
internal static class HouseAlarms
{
    /// <summary>Stands in the place of the gateway's name; no gateway can be called so.</summary>
    public const string Source = "(booking)";

    public const string FaultReported = "fault_reported";
    public const string MaintenanceDue = "maintenance_due";
    public const string MailNotSent = "mail_not_sent";
    public const string MailSetAside = "mail_set_aside";
    public const string WebhookOff = "webhook_off";
    public const string SessionRatio = "session_ratio";
    public const string MinorAtTheDoor = "minor_at_the_door";

    /// <summary>As <see cref="RaiseAsync"/>, unless one with this code and these words waits to be looked at.</summary>
    public static async Task RaiseOnceAsync(
        BookingWrite write, FloorChanges floor, string code, MachineId? machine, string detail, CancellationToken cancellationToken)
    {
        var words = Text.Clean(detail, 600);
        if (!await write.Db.Alarms.AnyAsync(alarm => alarm.Gateway == Source && alarm.Code == code && alarm.Detail == words && alarm.SeenAt == null, cancellationToken))
            await RaiseAsync(write, floor, code, machine, detail, cancellationToken);
    }

    public static async Task RaiseAsync(
        BookingWrite write, FloorChanges floor, string code, MachineId? machine, string detail, CancellationToken cancellationToken)
    {
        await write.OneAtATimeAsync("house alarms", cancellationToken);
        var last = await write.Db.Alarms.Where(alarm => alarm.Gateway == Source).MaxAsync(alarm => (long?)alarm.Seq, cancellationToken) ?? 0;
        write.Db.Alarms.Add(new Alarm
        {
            Gateway = Source,
            Epoch = 1,
            Seq = last + 1,
            MachineId = machine,
            At = write.Now,
            Code = code,
            Detail = Text.Clean(detail, 600),
        });
        // The next one raised in this write must see it.
        await write.Db.SaveChangesAsync(cancellationToken);
        write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.Alarm, machine)));
    }
}
