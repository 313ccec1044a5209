using System.Diagnostics;
using System.Globalization;
using FabLab.Core.Scheduling;

namespace FabLab.Core.Access;

/// <summary>
/// Each reason in plain French and English, and what the person can do. Short sentences, common words, one word for one thing.
/// The same words are shown at the reader, on the web and at the door.
/// </summary>
public static class AccessWords
{
    private static readonly Words AskTheTeam = new("Demandez à l’équipe.", "Ask the team.");

    /// <summary>Why the gateway itself refuses, in both languages; null when somebody has locked the machine out. Its cause is written as "français / English".</summary>
    private static Words? OwnRefusal(AccessFacts facts)
    {
        if (facts.Machine?.LockOut is not { Author: null } lockOut || lockOut.Id != default)
            return null;
        string[] both = lockOut.Cause.Split(" / ", 2);
        return both.Length == 2 ? new Words(both[0], both[1]) : new Words(lockOut.Cause, lockOut.Cause);
    }

    /// <summary>Why not.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="facts">The facts that the words are filled with.</param>
    public static Words Sentence(AccessReason reason, AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        Words training = Training(facts);
        Words machine = facts.Machine is { } known
            ? new Words($"La machine {known.Code}", $"Machine {known.Code}")
            : new Words("Cette machine", "This machine");
        return reason switch
        {
            AccessReason.StorageFailure => new(
                "Le système ne peut rien noter. Les machines restent éteintes.",
                "The system cannot write anything down. The machines stay off."),
            AccessReason.MachineUnknown => new(
                "Cette machine n’est pas encore réglée.",
                "This machine is not set up yet."),
            AccessReason.LockedOut when OwnRefusal(facts) is { } why => new(
                $"{machine.Fr} ne démarre pas. {why.Fr}",
                $"{machine.En} does not start. {why.En}"),
            AccessReason.LockedOut => new(
                $"{machine.Fr} est consignée. Personne ne peut l’utiliser.",
                $"{machine.En} is locked out. Nobody can use it."),
            AccessReason.MachineBroken => new(
                $"{machine.Fr} est en panne.",
                $"{machine.En} is out of order."),
            AccessReason.MachineUnreachable => new(
                $"{machine.Fr} ne répond pas.",
                $"{machine.En} does not answer."),
            AccessReason.TooManyAttempts => new(
                "Il y a eu trop d’essais avec ce badge.",
                "There were too many tries with this badge."),
            AccessReason.PolicyTooOld => new(
                "Le système n’a pas de nouvelles depuis trop longtemps.",
                "The system has had no news for too long."),
            AccessReason.UnknownBadge => new(
                "Nous ne connaissons pas ce badge.",
                "We do not know this badge."),
            AccessReason.AmbiguousBadge => new(
                "Ce lecteur ne voit pas tout le numéro du badge. Deux badges se ressemblent.",
                "This reader does not see the whole number of the badge. Two badges look the same."),
            AccessReason.BadgeLost => new(
                "Ce badge a été déclaré perdu.",
                "This badge was reported lost."),
            AccessReason.BadgeSuspended => new(
                "Ce badge est suspendu.",
                "This badge is suspended."),
            AccessReason.BadgeTooWeak => new(
                "Cette machine demande un badge plus sûr.",
                "This machine asks for a safer badge."),
            AccessReason.PersonInactive => new(
                "Votre inscription n’est pas active.",
                "Your registration is not active."),
            AccessReason.MembershipEnded => MembershipEnded(facts),
            AccessReason.AgeUnknown => new(
                "Cette machine a un âge minimum. Nous ne connaissons pas votre âge.",
                "This machine has a minimum age. We do not know your age."),
            AccessReason.TooYoung => TooYoung(facts),
            AccessReason.HabilitationSuspended => new(
                $"Votre habilitation {training.Fr} est suspendue.",
                $"Your habilitation {training.En} is suspended."),
            AccessReason.TrainingMissing => new(
                $"La formation {training.Fr} manque.",
                $"The training {training.En} is missing."),
            AccessReason.TrainingExpired => Expired(facts, training),
            AccessReason.ClosedNow => new(
                $"{machine.Fr} est fermée à cette heure.",
                $"{machine.En} is closed at this hour."),
            AccessReason.KeptForOthers => KeptForOthers(facts.KeptFor),
            AccessReason.ReservedByOther => new(
                "Une autre personne a réservé la machine.",
                "Somebody else has booked the machine."),
            AccessReason.MachineInUse => new(
                "Une autre personne utilise la machine.",
                "Somebody else is using the machine."),
            AccessReason.RunningElsewhere => new(
                facts.RunningElsewhere is { } fr ? $"Vous utilisez déjà la machine {fr}." : "Vous utilisez déjà une autre machine.",
                facts.RunningElsewhere is { } en ? $"You are already using machine {en}." : "You are already using another machine."),
            AccessReason.QuotaUsed => new(
                "Votre temps est utilisé.",
                "Your time is used."),
            AccessReason.NotCheckedIn => new(
                "Vous n’avez pas signalé votre arrivée.",
                "You have not checked in."),
            AccessReason.ProjectRequired => new(
                "Il faut choisir un projet.",
                "A project must be chosen."),
            AccessReason.CompanionMayNot => new(
                "La deuxième personne ne peut pas accompagner sur cette machine.",
                "The second person may not accompany on this machine."),
            AccessReason.SupervisionRatio => new(
                "La personne qui accompagne a déjà assez de jeunes avec elle.",
                "The person who accompanies already has enough young people with them."),
            AccessReason.TooYoungAlone => TooYoungAlone(facts),
            AccessReason.NeedsAccompanying => new(
                "Vous apprenez cette machine. Il faut une personne à côté de vous.",
                "You are learning this machine. Somebody must be beside you."),
            AccessReason.NeedsSecondPerson => new(
                "Cette machine s’utilise à deux.",
                "This machine is used by two people."),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>What the person can do about it.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="facts">The facts that the words are filled with.</param>
    public static Words NextStep(AccessReason reason, AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return reason switch
        {
            AccessReason.StorageFailure or AccessReason.MachineUnknown or AccessReason.MachineUnreachable
                or AccessReason.PolicyTooOld => new("Prévenez l’équipe.", "Tell the team."),
            AccessReason.LockedOut when OwnRefusal(facts) is not null => new("Prévenez l’équipe.", "Tell the team."),
            AccessReason.LockedOut => new(
                "Choisissez une autre machine. L’équipe sait pourquoi.",
                "Choose another machine. The team knows why."),
            AccessReason.MachineBroken => new("Choisissez une autre machine.", "Choose another machine."),
            AccessReason.TooManyAttempts => new(
                "Attendez un peu, ou demandez à l’équipe.",
                "Wait a little, or ask the team."),
            AccessReason.UnknownBadge => new(
                "Montrez le badge à l’accueil.",
                "Show the badge at the front desk."),
            AccessReason.AmbiguousBadge => new(
                "Demandez un autre badge à l’accueil.",
                "Ask for another badge at the front desk."),
            AccessReason.BadgeLost => new(
                "Rapportez ce badge à l’accueil.",
                "Bring this badge to the front desk."),
            AccessReason.BadgeTooWeak => new(
                "Demandez un badge protégé à l’accueil.",
                "Ask for a protected badge at the front desk."),
            AccessReason.MembershipEnded => new(
                "Renouvelez l’adhésion à l’accueil ou en ligne.",
                "Renew the membership at the front desk or online."),
            AccessReason.AgeUnknown => new(
                "Dites votre âge à l’accueil.",
                "Tell the front desk your age."),
            AccessReason.TooYoung => new(
                "L’équipe peut vous montrer d’autres machines.",
                "The team can show you other machines."),
            AccessReason.TrainingMissing or AccessReason.TrainingExpired => NextSession(facts),
            AccessReason.ClosedNow => facts.OpensAt is { } opens
                ? Filled("Elle ouvre {0}.", "It opens {0}.", Dates.Moment(opens, facts.Now, facts.Zone))
                : new("Regardez les horaires.", "Look at the opening hours."),
            AccessReason.KeptForOthers => facts.OpensAt is { } yours
                ? Filled("Vous pourrez l’utiliser {0}.", "You can use it {0}.", Dates.Moment(yours, facts.Now, facts.Zone))
                : facts.KeptFor == OpeningKind.Booked
                ? new("Réservez la machine, puis revenez.", "Book the machine, then come back.")
                : new("Regardez les horaires.", "Look at the opening hours."),
            AccessReason.ReservedByOther => Instead(facts, Reserved(facts)),
            AccessReason.MachineInUse => Instead(facts, InUse(facts)),
            AccessReason.RunningElsewhere => new("Arrêtez-la d’abord.", "Stop it first."),
            AccessReason.QuotaUsed => facts.QuotaUntil is { } again
                ? Filled("Vous aurez de nouveau du temps {0}.", "You will have time again {0}.", Dates.Moment(again, facts.Now, facts.Zone))
                : AskTheTeam,
            AccessReason.NotCheckedIn => new(
                "Passez par la borne d’accueil. Puis touchez de nouveau le lecteur avec votre badge.",
                "Go to the kiosk at the door. Then tap your badge again."),
            AccessReason.ProjectRequired => new(
                "Choisissez un projet sur votre page. Puis touchez de nouveau le lecteur avec votre badge.",
                "Choose a project on your page. Then tap your badge again."),
            AccessReason.CompanionMayNot => new(
                "Cherchez une personne habilitée sur cette machine.",
                "Find somebody who may accompany on this machine."),
            AccessReason.SupervisionRatio => new(
                "Attendez un peu, ou cherchez une autre personne.",
                "Wait a little, or find somebody else."),
            AccessReason.TooYoungAlone or AccessReason.NeedsAccompanying or AccessReason.NeedsSecondPerson => new(
                "La personne qui accompagne touche maintenant le lecteur avec son badge.",
                "The person who accompanies now taps their badge."),
            AccessReason.BadgeSuspended or AccessReason.PersonInactive or AccessReason.HabilitationSuspended => AskTheTeam,
            _ => throw new UnreachableException(),
        };
    }

    private static Words KeptForOthers(OpeningKind? kind) => kind switch
    {
        OpeningKind.Booked => new("À cette heure, il faut avoir réservé.", "At this hour one must have booked."),
        OpeningKind.Groups => new("Cette heure est réservée à un groupe.", "This hour is reserved for a group."),
        _ => new("Cette heure est réservée à l’équipe.", "This hour is reserved for the team."),
    };

    /// <summary>Until when, and from when it is free if nobody comes.</summary>
    private static Words Reserved(AccessFacts facts)
    {
        if (facts.ReservedUntil is not { } until)
        {
            return new("Regardez les réservations.", "Look at the bookings.");
        }

        Words ends = Filled("La réservation finit {0}.", "The booking ends {0}.", Dates.Moment(until, facts.Now, facts.Zone));
        return facts.ReservedUnlessClaimedBy is { } released && released < until
            ? Both(ends, Filled("Libre {0} si personne ne vient.", "Free {0} if nobody comes.", Dates.Moment(released, facts.Now, facts.Zone)))
            : ends;
    }

    private static Words InUse(AccessFacts facts)
    {
        Words wait = facts.Working
            ? new("Attendez la fin du travail.", "Wait for the end of the work.")
            : new("Demandez à cette personne de toucher le lecteur avec son badge.", "Ask that person to tap their badge.");
        return facts.OwnBooking is null ? wait : Both(new("Votre réservation est gardée.", "Your booking is kept."), wait);
    }

    /// <summary>What is free instead comes first: a small display may cut the rest.</summary>
    private static Words Instead(AccessFacts facts, Words otherwise) => facts.FreeInstead is { } code
        ? Both(new($"La machine {code} est libre.", $"Machine {code} is free."), otherwise)
        : otherwise;

    private static Words Both(Words one, Words two) => new($"{one.Fr} {two.Fr}", $"{one.En} {two.En}");

    private static Words Training(AccessFacts facts) => facts.Person?.Gap is { NameFr.Length: > 0 } gap
        ? new Words(gap.NameFr, gap.NameEn)
        : new Words("de cette machine", "for this machine");

    private static Words MembershipEnded(AccessFacts facts) => facts.Person?.MembershipUntil is { } until
        ? Filled("L’adhésion est finie depuis le {0}.", "The membership ended on {0}.", Dates.Day(until, facts.Now, facts.Zone))
        : new Words("Cette machine est pour les adhérents.", "This machine is for members.");

    private static Words Expired(AccessFacts facts, Words training) => facts.Person?.Gap?.ExpiredAt is { } at
        ? Filled(
            $"La formation {training.Fr} n’est plus valable depuis le {{0}}.",
            $"The training {training.En} has not been valid since {{0}}.",
            Dates.Day(at, facts.Now, facts.Zone))
        : new Words($"La formation {training.Fr} n’est plus valable.", $"The training {training.En} is not valid any more.");

    private static Words NextSession(AccessFacts facts) => facts.Person?.Gap?.NextSession is { } next
        ? Filled("Prochaine date : le {0}.", "Next date: {0}.", Dates.Day(next, facts.Now, facts.Zone))
        : new Words("Demandez la prochaine date à l’équipe.", "Ask the team for the next date.");

    private static Words TooYoung(AccessFacts facts)
    {
        string age = Number(facts.Machine?.AgeAccompanied);
        return new Words($"Il faut avoir {age} ans pour cette machine.", $"You must be {age} for this machine.");
    }

    private static Words TooYoungAlone(AccessFacts facts)
    {
        string age = Number(facts.Machine?.AgeAlone);
        return new Words(
            $"Avant {age} ans, il faut une personne à côté de vous.",
            $"Under {age}, somebody must be beside you.");
    }

    private static string Number(int? number) => (number ?? 0).ToString(CultureInfo.InvariantCulture);

    private static Words Filled(string fr, string en, Words with) => new(
        fr.Replace("{0}", with.Fr, StringComparison.Ordinal),
        en.Replace("{0}", with.En, StringComparison.Ordinal));
}
