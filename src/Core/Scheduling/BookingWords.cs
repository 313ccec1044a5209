using System.Diagnostics;
using System.Globalization;
using FabLab.Core.Access;
using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Refusals in plain words: one sentence that says why, one that says what to do.</summary>
internal static class BookingWords
{
    internal static Words Sentence(BookingDecision.Refused refused)
    {
        RefusalDetail detail = refused.Detail;
        BookingFacts facts = refused.Facts;
        Words length = SpokenTime.Length(detail.Length ?? Duration.Zero);
        Words range = detail.Range is { } part ? SpokenTime.Range(part, BookingHours.ZoneOf(facts)) : new("à ce moment-là", "at that time");
        Words at = detail.At is { } moment ? SpokenTime.Date(LocalClock.DateOf(moment, BookingHours.ZoneOf(facts))) : new("", "");
        string number = (detail.Number ?? 0).ToString(CultureInfo.InvariantCulture);
        return refused.Reason switch
        {
            BookingReason.NoDuration => new("L'heure de fin doit être après l'heure de début.", "The end must be after the start."),
            BookingReason.InThePast => new("Ce moment est déjà passé.", "That time has already passed."),
            BookingReason.BeyondLimit => new("Cette date est trop loin : rien n'est prévu aussi longtemps à l'avance.", "That date is too far away: nothing is planned so far ahead."),
            BookingReason.MachineUnknown => new("Cette machine n'existe pas.", "There is no such machine."),
            BookingReason.NotYours => new("Cette réservation est à quelqu'un d'autre.", "This booking belongs to somebody else."),
            BookingReason.BookingOver => new("Cette réservation est terminée ou annulée.", "This booking is over or cancelled."),
            BookingReason.AlreadyBegun => new("Cette réservation a déjà commencé : son début ne change plus.", "This booking has begun: its start cannot change any more."),
            BookingReason.NotBookable => new("Cette machine ne se réserve pas.", "This machine is not booked."),
            BookingReason.NotAllowed => facts.Access is AccessDecision.Denied denied ? denied.Sentence : new("Cette machine ne vous est pas ouverte.", "This machine is not open to you."),
            BookingReason.WalkUpOnly => new(
                $"Plusieurs réservations sont restées sans personne : pas de nouvelle réservation avant le {at.Fr}.",
                $"Nobody came to several bookings: no new booking before {at.En}."),
            BookingReason.NoticeTooShort => new($"Cette machine se réserve au moins {length.Fr} à l'avance.", $"This machine is booked at least {length.En} ahead."),
            BookingReason.TooFarAhead => new($"Cette machine se réserve au plus {length.Fr} à l'avance.", $"This machine is booked at most {length.En} ahead."),
            BookingReason.TooLateToChange => new(
                $"Une réservation se déplace ou s'annule au moins {length.Fr} avant son début.", $"A booking is moved or cancelled at least {length.En} before it starts."),
            BookingReason.TooShort => new($"Une réservation dure au moins {length.Fr}.", $"A booking lasts at least {length.En}."),
            BookingReason.TooLong => new($"Une réservation dure au plus {length.Fr}.", $"A booking lasts at most {length.En}."),
            BookingReason.OffStep => new($"Cette machine se réserve par tranches de {length.Fr}.", $"This machine is booked in steps of {length.En}."),
            BookingReason.TooManyPlaces => new($"Il faut entre 1 et {number} places.", $"It must be between 1 and {number} places."),
            BookingReason.OutsideHours => new($"C'est fermé {range.Fr}.", $"It is closed {range.En}."),
            BookingReason.StaffTime => new($"Ce temps est réservé à l'équipe, {range.Fr}.", $"This time is for staff, {range.En}."),
            BookingReason.GroupTime => new($"Ce temps est réservé à un groupe, {range.Fr}.", $"This time is kept for a group, {range.En}."),
            BookingReason.OpenLabTime => new($"C'est un temps ouvert à tous, {range.Fr} : il ne se réserve pas.", $"This time is open to all, {range.En}: it is not booked."),
            BookingReason.Blocked => new($"La machine n'est pas disponible {range.Fr}.", $"The machine is not available {range.En}."),
            BookingReason.BookingOverlap => new($"La machine est déjà réservée {range.Fr}.", $"The machine is already booked {range.En}."),
            BookingReason.SetUpTime => new(
                $"Il faut {length.Fr} entre deux réservations, et l'autre est {range.Fr}.", $"There must be {length.En} between two bookings, and the other one is {range.En}."),
            BookingReason.OwnOverlap => new($"Vous avez déjà une réservation {range.Fr}.", $"You already have a booking {range.En}."),
            BookingReason.TooManyUpcoming => detail.Number == 1
                ? new("On garde une seule réservation à venir à la fois.", "One has one booking to come at a time.")
                : new($"On garde au plus {number} réservations à venir.", $"One has at most {number} bookings to come."),
            BookingReason.QuotaUsed => Quota(detail),
            BookingReason.PoolFull => new("Aucune de ces machines n'est libre pendant tout ce temps.", "None of these machines is free for all of that time."),
            _ => throw new UnreachableException(),
        };
    }

    internal static Words NextStep(BookingDecision.Refused refused)
    {
        RefusalDetail detail = refused.Detail;
        DateTimeZone zone = BookingHours.ZoneOf(refused.Facts);
        if (detail.NextFree is { } free)
        {
            Words range = SpokenTime.Range(free, zone);
            return new($"Prochain créneau libre : {range.Fr}.", $"Next free time: {range.En}.");
        }

        Words? day = detail.At is { } at ? SpokenTime.Date(LocalClock.DateOf(at, zone)) : null;
        return refused.Reason switch
        {
            BookingReason.NoDuration => new("Choisissez une fin plus tardive.", "Choose a later end."),
            BookingReason.InThePast or BookingReason.BeyondLimit => new("Choisissez une autre date.", "Choose another date."),
            BookingReason.MachineUnknown => new("Choisissez une machine dans la liste.", "Choose a machine from the list."),
            BookingReason.NotYours => new("Demandez à l'accueil si elle peut changer.", "Ask at the front desk whether it can change."),
            BookingReason.BookingOver => new("Faites une nouvelle réservation.", "Make a new booking."),
            BookingReason.AlreadyBegun => new("Changez sa fin, ou faites une nouvelle réservation.", "Change its end, or make a new booking."),
            BookingReason.NotBookable => new("Venez pendant les heures d'ouverture : elle sert à qui la trouve libre.", "Come during opening hours: whoever finds it free may use it."),
            BookingReason.NotAllowed => refused.Facts.Access is AccessDecision.Denied denied ? denied.NextStep : new("Demandez à l'accueil.", "Ask at the front desk."),
            BookingReason.WalkUpOnly => new(
                "Une machine libre reste à vous sans réservation. L'équipe peut lever cette pause.", "A free machine is yours without booking. Staff can lift this pause."),
            BookingReason.NoticeTooShort => day is null
                ? new("Choisissez plus tard.", "Choose a later time.")
                : new($"Choisissez à partir du {Moment(detail, zone).Fr}.", $"Choose from {Moment(detail, zone).En} on."),
            BookingReason.TooFarAhead => day is null
                ? new("Choisissez une date plus proche.", "Choose a date closer by.")
                : new($"Ce moment se réserve à partir du {day.Fr}.", $"That time can be booked from {day.En} on."),
            BookingReason.TooLateToChange => new("Si vous ne venez pas, dites-le à l'accueil.", "If you are not coming, tell the front desk."),
            BookingReason.TooShort => new("Choisissez une fin plus tardive.", "Choose a later end."),
            BookingReason.TooLong => new("Raccourcissez, puis prolongez sur place si la machine est libre.", "Make it shorter, then extend at the machine if it is free."),
            BookingReason.OffStep => new("Choisissez une des heures proposées.", "Choose one of the times offered."),
            BookingReason.TooManyPlaces => new("Changez le nombre de places.", "Change the number of places."),
            BookingReason.OpenLabTime => new("Venez sans réserver.", "Come without booking."),
            BookingReason.OutsideHours or BookingReason.StaffTime or BookingReason.GroupTime or BookingReason.Blocked
                or BookingReason.BookingOverlap or BookingReason.SetUpTime => new("Choisissez un autre moment.", "Choose another time."),
            BookingReason.OwnOverlap => new("Déplacez ou annulez l'autre réservation.", "Move or cancel the other booking."),
            BookingReason.TooManyUpcoming => new("Utilisez ou annulez une réservation, puis recommencez.", "Use or cancel a booking, then try again."),
            BookingReason.QuotaUsed => day is null
                ? new("Choisissez une autre période.", "Choose another period.")
                : new($"Choisissez à partir du {day.Fr}.", $"Choose from {day.En} on."),
            BookingReason.PoolFull => new("Choisissez un autre moment, ou moins longtemps.", "Choose another time, or a shorter one."),
            _ => throw new UnreachableException(),
        };
    }

    private static Words Moment(RefusalDetail detail, DateTimeZone zone) => SpokenTime.Moment(detail.At!.Value, zone);

    private static Words Quota(RefusalDetail detail)
    {
        Words per = detail.Quota?.Period switch
        {
            QuotaPeriod.Day => new("par jour", "a day"),
            QuotaPeriod.Week => new("par semaine", "a week"),
            _ => new("par mois", "a month"),
        };
        if (detail.Length is not { } left)
        {
            string number = (detail.Number ?? 0).ToString(CultureInfo.InvariantCulture);
            return detail.Number == 1
                ? new($"On réserve une fois {per.Fr}.", $"One books once {per.En}.")
                : new($"On réserve au plus {number} fois {per.Fr}.", $"One books at most {number} times {per.En}.");
        }

        Words all = SpokenTime.Length(detail.Quota?.Time ?? Duration.Zero);
        Words rest = SpokenTime.Length(left);
        return left == Duration.Zero
            ? new($"On réserve au plus {all.Fr} {per.Fr}, et il ne reste rien.", $"One books at most {all.En} {per.En}, and nothing is left.")
            : new($"On réserve au plus {all.Fr} {per.Fr}, et il reste {rest.Fr}.", $"One books at most {all.En} {per.En}, and {rest.En} are left.");
    }
}
