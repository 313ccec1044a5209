using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Minors.Pages;

/// <summary>The words of a minor's page.</summary>
public static class MinorText
{
    public static readonly Phrase Title = new("Moins de 18 ans", "Under 18");
    public static readonly Phrase Lead = new(
        "Seulement ce qu’il faut pour l’accueillir. Tout est effacé le jour de ses 18 ans.", "Only what is needed to look after them. All of it is erased on their 18th birthday.");
    public static readonly Phrase Adult = new("Cette personne est majeure", "This person is an adult");
    public static readonly Phrase AdultBody = new("Rien de cette page n’est gardé pour une personne majeure.", "Nothing of this page is kept for an adult.");
    public static readonly Phrase Born = new("Date de naissance : {0}", "Date of birth: {0}");
    public static readonly Phrase LeaveTitle = new("Repart du lieu", "Going home");
    public static readonly Phrase LeaveAlone = new("Peut repartir seul·e", "May go home alone");
    public static readonly Phrase LeaveFetched = new("On vient le ou la chercher", "Is fetched");
    public static readonly Phrase LeaveUnknown = new("Personne ne l’a dit", "Nobody has said");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase Saved = new("C’est enregistré.", "Saved.");
    public static readonly Phrase ContactsTitle = new("Adultes", "Grown-ups");
    public static readonly Phrase NoContacts = new("Aucun adulte n’est noté", "No grown-up is noted");
    public static readonly Phrase Guardian = new("responsable légal·e", "legal guardian");
    public static readonly Phrase Fetches = new("peut venir chercher", "may fetch");
    public static readonly Phrase CallFirst = new("à prévenir en premier", "to call first");
    public static readonly Phrase AddContact = new("Ajouter un adulte", "Add a grown-up");
    public static readonly Phrase Name = new("Prénom et nom", "First and last name");
    public static readonly Phrase Phone = new("Téléphone", "Telephone");
    public static readonly Phrase WhatFor = new("C’est…", "This is…");
    public static readonly Phrase Add = new("Ajouter", "Add");
    public static readonly Phrase Added = new("{0} est noté·e.", "{0} is noted.");
    public static readonly Phrase Remove = new("Retirer {0}", "Take {0} away");
    public static readonly Phrase Removed = new("{0} est retiré·e.", "{0} was taken away.");
    public static readonly Phrase ConsentsTitle = new("Autorisations", "Consents");
    public static readonly Phrase NoConsents = new("Aucune autorisation n’est notée", "No consent is noted");
    public static readonly Phrase TakePart = new("Participer aux activités", "Taking part");
    public static readonly Phrase Care = new("Soins en cas d’urgence", "Care in an emergency");
    public static readonly Phrase Photo = new("Photos", "Pictures");
    public static readonly Phrase PhotoFor = new("Photos : {0}", "Pictures: {0}");
    public static readonly Phrase GivenBy = new("Donnée par {0}, {1}. Jusqu’au {2}.", "Given by {0}, {1}. Until {2}.");
    public static readonly Phrase Holds = new("Valable", "Holds");
    public static readonly Phrase Ended = new("Terminée", "Ended");
    public static readonly Phrase Withdrawn = new("Retirée", "Withdrawn");
    public static readonly Phrase Missing = new("Manque : {0}", "Missing: {0}");
    public static readonly Phrase Withdraw = new("Retirer cette autorisation", "Withdraw this consent");
    public static readonly Phrase WithdrawnNote = new("L’autorisation est retirée.", "The consent is withdrawn.");
    public static readonly Phrase Restored = new("L’autorisation est de nouveau valable.", "The consent holds again.");
    public static readonly Phrase AddConsent = new("Noter une autorisation", "Note a consent");
    public static readonly Phrase Kind = new("Pour quoi", "What for");
    public static readonly Phrase Use = new("Pour quel usage (photos)", "For which use (pictures)");
    public static readonly Phrase UseHint = new("Une autorisation par usage : affiche, site, réseau social…", "One consent a use: poster, web site, social network…");
    public static readonly Phrase Who = new("Donnée par", "Given by");
    public static readonly Phrase On = new("Le", "On");
    public static readonly Phrase Until = new("Jusqu’au", "Until");
    public static readonly Phrase UntilHint = new("Sans date : un an.", "Without a date: one year.");
    public static readonly Phrase FaultName = new("Écrivez un nom, en 80 caractères au plus.", "Write a name, in 80 characters at most.");
    public static readonly Phrase FaultPhone = new("Pour prévenir en premier, il faut un numéro de téléphone, en 40 caractères au plus.", "To call first, a telephone number is needed, in 40 characters at most.");
    public static readonly Phrase FaultWhatFor = new("Cochez au moins une case.", "Tick at least one box.");
    public static readonly Phrase FaultUse = new("Écrivez à quoi serviront les photos, en 120 caractères au plus.", "Write what the pictures are for, in 120 characters at most.");
    public static readonly Phrase FaultGivenOn = new("Cette date doit être dans les cinq dernières années.", "This date must lie in the last five years.");
    public static readonly Phrase FaultUntil = new("La fin vient après le début, cinq ans plus tard au plus.", "The end comes after the beginning, at most five years later.");
    public static readonly Phrase FaultMany = new("Douze adultes suffisent. Retirez-en d’abord.", "Twelve grown-ups are enough. Take one away first.");
    public static readonly Phrase Changed = new("Quelqu’un a changé cette page entre-temps. La voici comme elle est.", "Somebody changed this page in the meantime. Here it is as it stands.");
}
