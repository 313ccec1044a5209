using System.Text.Json;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Webhooks;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Sessions;

namespace FabLab.Booking.Features.Alarms.Pages;

/// <summary>An alarm's sentence: Core's own where the code is one of Core's, else what the gateway wrote.</summary>
public static class AlarmWords
{
    private static readonly Dictionary<string, Words> Known = Make();

    public static Words Of(Alarm alarm)
    {
        ArgumentNullException.ThrowIfNull(alarm);
        if (alarm.Code == HouseAlarms.FaultReported)
            return new Words($"Panne signalée à la machine : « {alarm.Detail} »", $"Fault reported at the machine: “{alarm.Detail}”");
        if (alarm.Code == HouseAlarms.MaintenanceDue)
            return new Words($"L’entretien est à faire : {alarm.Detail} d’utilisation depuis le dernier.", $"Maintenance is due: {alarm.Detail} of use since the last one.");
        if (alarm.Code == HouseAlarms.SessionRatio)
            return new Words($"Séance « {alarm.Detail} » : trop de jeunes pour les encadrants présents.", $"Session “{alarm.Detail}”: too many young people for the mentors who are there.");
        if (alarm.Code == HouseAlarms.MinorAtTheDoor)
            return new Words($"Un jeune a badgé pour sortir sans accord pour rentrer seul : {alarm.Detail}.", $"A young person badged out without leave to go home alone: {alarm.Detail}.");
        if (alarm.Code == HouseAlarms.MailNotSent)
            return MessageText.AlarmNotSent.Words(alarm.Detail);
        if (alarm.Code == HouseAlarms.MailSetAside)
            return MessageText.AlarmSetAside.Words(alarm.Detail);
        if (alarm.Code == HouseAlarms.WebhookOff)
            return WebhookText.AlarmOff.Words(alarm.Detail);
        if (Known.TryGetValue(alarm.Code, out Words? words))
            return words;
        return alarm.Detail.StartsWith('{') ? new Words(alarm.Code, alarm.Code) : new Words(alarm.Detail, alarm.Detail);
    }

    private static Dictionary<string, Words> Make()
    {
        var known = new Dictionary<string, Words>(StringComparer.Ordinal);
        foreach (MachineAlarm alarm in Enum.GetValues<MachineAlarm>())
            known[JsonNamingPolicy.SnakeCaseLower.ConvertName(alarm.ToString())] = SessionWords.Of(alarm);
        foreach (MachineFault fault in Enum.GetValues<MachineFault>())
            known[JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString())] = SessionWords.Of(fault);
        known["induction_not_taken"] = new Words(
            "Deux badges sont passés pour une formation à la machine, mais elle n’a pas été comptée. L’habilitation n’est pas donnée.",
            "Two badges were tapped for a training at the machine, but it was not counted. The habilitation is not given.");
        known["booking_claim_conflict"] = new Words(
            "Une personne est venue pour sa réservation, mais ici cette heure est à une autre personne. Le temps utilisé est compté. Regardez les réservations de la machine.",
            "Somebody came for their booking, but here that hour belongs to somebody else. The time used is counted. Look at the bookings of the machine.");
        return known;
    }
}
