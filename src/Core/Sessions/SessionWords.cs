using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>States, ends and answers in plain words.</summary>
public static class SessionWords
{
    private static readonly string[] EndCodes =
        Array.ConvertAll(Enum.GetNames<EndReason>(), JsonNamingPolicy.SnakeCaseLower.ConvertName);

    /// <summary>The stable snake_case code of an end.</summary>
    /// <param name="why">The end.</param>
    public static string Code(this EndReason why) => EndCodes[(int)why];

    /// <summary>Why a session ended.</summary>
    /// <param name="why">The end.</param>
    public static Words Of(EndReason why) => why switch
    {
        EndReason.Tapped => new("Arrêt avec le badge.", "Stopped with the badge."),
        EndReason.CompanionTapped => new("Arrêt par la personne qui accompagne.", "Stopped by the person who accompanies."),
        EndReason.HandedOver => new("Une autre personne a pris la suite.", "Somebody else took over."),
        EndReason.StoppedFromScreen => new("Arrêt depuis un écran.", "Stopped from a screen."),
        EndReason.GatewayStopped => new("Le système du lab a été arrêté.", "The lab's system was stopped."),
        EndReason.Idle => new("La machine ne travaillait plus.", "The machine was not working any more."),
        EndReason.MaxSession => new("La durée maximale est atteinte.", "The longest use was reached."),
        EndReason.NextBooking => new("La réservation suivante commence.", "The next booking begins."),
        EndReason.Closing => new("C’est l’heure de la fermeture.", "It is closing time."),
        EndReason.Quota => new("Le temps prévu est utilisé.", "The time allowed is used."),
        EndReason.BookingEnd => new("La réservation est finie.", "The booking is over."),
        EndReason.GroupSession => new("La séance est finie.", "The group session is over."),
        EndReason.Membership => new("L’adhésion est finie.", "The membership has ended."),
        EndReason.Habilitation => new("L’habilitation est finie.", "The habilitation has ended."),
        EndReason.AccessWithdrawn => new("Le droit d’utiliser la machine a été retiré.", "The right to use the machine was withdrawn."),
        EndReason.LockedOut => new("La machine a été consignée.", "The machine was locked out."),
        EndReason.LinkLost => new("Le lien avec la machine a été perdu.", "The link with the machine was lost."),
        EndReason.FinishedAlone => new(
            "Le lien était perdu. La machine a fini seule.", "The link was lost. The machine finished by itself."),
        EndReason.PowerLost => new("Le courant a été coupé.", "The power was cut."),
        EndReason.RelayOpened => new("Le boîtier de la machine a coupé le courant.", "The box at the machine switched it off."),
        EndReason.RelayDidNotClose => new("Le boîtier n’a pas allumé la machine.", "The box did not switch the machine on."),
        EndReason.Fault => new("Le boîtier de la machine est en défaut.", "The box at the machine is faulty."),
        EndReason.GatewayRestarted => new("Le système du lab a redémarré.", "The lab's system was restarted."),
        EndReason.StorageFailure => new("Le système ne pouvait plus rien noter.", "The system could not write anything down any more."),
        EndReason.Offline => new("Utilisation sans réseau, finie sans réseau.", "Used without the network, ended without the network."),
        _ => throw new UnreachableException(),
    };

    /// <summary>The end that a limit brings.</summary>
    /// <param name="limit">The limit; null counts as the longest use.</param>
    public static EndReason End(this LimitReason? limit) => limit switch
    {
        null or LimitReason.MaxSession => EndReason.MaxSession,
        LimitReason.NextBooking => EndReason.NextBooking,
        LimitReason.Closing => EndReason.Closing,
        LimitReason.Quota => EndReason.Quota,
        LimitReason.Membership => EndReason.Membership,
        LimitReason.Habilitation => EndReason.Habilitation,
        LimitReason.BookingEnd => EndReason.BookingEnd,
        LimitReason.GroupSession => EndReason.GroupSession,
        _ => throw new UnreachableException(),
    };

    /// <summary>What a machine is doing, for the floor and the displays.</summary>
    /// <param name="state">The state.</param>
    public static Words Of(MachineState state) => state switch
    {
        MachineState.Idle => new("Libre", "Free"),
        MachineState.AwaitingSecondBadge => new("Attend un deuxième badge", "Waiting for a second badge"),
        MachineState.Ready { Tracks.Jobs.Works: true } => new("En marche", "Running"),
        MachineState.Ready => new("Prête", "Ready"),
        MachineState.Running => new("En marche", "Running"),
        MachineState.CoolingDown => new("Refroidit", "Cooling down"),
        MachineState.LockedOut => new("Consignée", "Locked out"),
        MachineState.LockOutPending => new("Consignée après cette utilisation", "Locked out after this use"),
        MachineState.Fault => new("En défaut", "Faulty"),
        _ => throw new UnreachableException(),
    };

    /// <summary>What is wrong with a relay.</summary>
    /// <param name="fault">The fault.</param>
    public static Words Of(MachineFault fault) => fault switch
    {
        MachineFault.WeldedContact => new(
            "La machine consomme du courant alors que le relais est ouvert : le contact est collé.",
            "The machine draws current while the relay is open: the contact is welded."),
        MachineFault.ClosedUnasked => new(
            "Le relais est fermé sans autorisation.",
            "The relay is closed without permission."),
        _ => throw new UnreachableException(),
    };

    /// <summary>What staff should know.</summary>
    /// <param name="alarm">The alarm.</param>
    public static Words Of(MachineAlarm alarm) => alarm switch
    {
        MachineAlarm.RelayDidNotClose => new("Le relais ne s’est pas fermé.", "The relay did not close."),
        MachineAlarm.OfflineUseByNobody => new(
            "Une utilisation sans réseau avec un badge inconnu.", "A use without the network by an unknown badge."),
        MachineAlarm.JournalGap => new(
            "Il manque des lignes dans le journal du boîtier.", "Lines are missing in the journal of the box."),
        _ => throw new UnreachableException(),
    };

    /// <summary>The first line of an answer, with the minutes that are left where the end is near.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="now">The present instant.</param>
    public static Words Sentence(MachineReply reply, Instant now)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply is not { Kind: ReplyKind.EndSoon, Until: { } until })
        {
            return reply.Sentence;
        }

        long left = Math.Max(1, (long)Math.Ceiling((until - now).TotalMinutes));
        string number = left.ToString(CultureInfo.InvariantCulture);
        return left == 1
            ? new Words("Encore 1 minute.", "1 minute left.")
            : new Words($"Encore {number} minutes.", $"{number} minutes left.");
    }

    /// <summary>The second line: what to do next, else until when the machine is free and why then; null when there is nothing to say.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="zone">The zone in which hours are said.</param>
    public static Words? Next(MachineReply reply, Instant now, string zone)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.NextStep is { } step)
        {
            return step;
        }

        return reply switch
        {
            { Kind: ReplyKind.Stopped, Limit: not null } => Of(reply.Limit.End()),
            { Kind: ReplyKind.FinishPlease } => new("La machine s’arrête dès qu’elle ne travaille plus.", "The machine stops as soon as it rests."),
            { Kind: ReplyKind.EndSoon, Limit: LimitReason.NextBooking, Until: { } next } =>
                Next(Dates.Moment(next, now, zone)),
            { Kind: ReplyKind.Started or ReplyKind.HandedOver or ReplyKind.Extended or ReplyKind.EndSoon, Until: { } until } =>
                Until(reply.Limit, Dates.Moment(until, now, zone)),
            _ => null,
        };
    }

    private static Words Until(LimitReason? limit, Words at) => limit switch
    {
        LimitReason.NextBooking => new($"Libre jusqu’{To(at)} : réservation suivante.", $"Free until {Bare(at)}: next booking."),
        LimitReason.BookingEnd => new($"Votre réservation finit {at.Fr}.", $"Your booking ends {at.En}."),
        LimitReason.GroupSession => new($"La séance finit {at.Fr}.", $"The group session ends {at.En}."),
        LimitReason.Closing => new($"Fermeture {at.Fr}.", $"Closing {at.En}."),
        LimitReason.Quota => new($"Votre temps est utilisé {at.Fr}.", $"Your time is used {at.En}."),
        LimitReason.Membership => new($"Votre adhésion finit {at.Fr}.", $"Your membership ends {at.En}."),
        LimitReason.Habilitation => new($"Votre habilitation finit {at.Fr}.", $"Your habilitation ends {at.En}."),
        _ => new($"Durée maximale : fin {at.Fr}.", $"Longest use: ends {at.En}."),
    };

    private static Words Next(Words at) => new($"Réservation suivante {at.Fr}.", $"Next booking {at.En}.");

    private static string To(Words at) => at.Fr.StartsWith("le ", StringComparison.Ordinal) ? $"au {at.Fr[3..]}" : at.Fr;

    private static string Bare(Words at) => at.En[(at.En.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    /// <summary>What the maker is told.</summary>
    /// <param name="reply">The answer.</param>
    public static Words Of(ReplyKind reply) => reply switch
    {
        ReplyKind.Started => new("Vous pouvez utiliser la machine.", "You can use the machine."),
        ReplyKind.Stopped => new("C’est fini. Merci.", "All done. Thank you."),
        ReplyKind.HandedOver => new("La machine est à vous.", "The machine is yours."),
        ReplyKind.SecondBadgePlease => new("Un deuxième badge, s’il vous plaît.", "A second badge, please."),
        ReplyKind.SecondBadgeGivenUp => new("Pas de deuxième badge. Rien n’est allumé.", "No second badge. Nothing is on."),
        ReplyKind.Refused => new("Ce n’est pas possible.", "This is not possible."),
        ReplyKind.EndSoon => new("C’est bientôt fini.", "It ends soon."),
        ReplyKind.FinishPlease => new("Votre réservation finit. Finissez votre travail.", "Your booking ends. Finish your work."),
        ReplyKind.Extended => new("Vous avez plus de temps.", "You have more time."),
        ReplyKind.ProjectNoted => new("Le projet est noté.", "The project is noted."),
        ReplyKind.NothingToDo => new("Il n’y a rien à faire.", "There is nothing to do."),
        _ => throw new UnreachableException(),
    };
}
