using FabLab.Ui.Text;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>The words of the list of people and of a person's page.</summary>
public static class PeopleText
{
    public static readonly Phrase Title = new("Personnes", "People");
    public static readonly Phrase SearchLabel = new("Nom ou code court", "Name or short code");
    public static readonly Phrase NobodyFound = new("Personne ne correspond à « {0} ».", "Nobody matches “{0}”.");
    public static readonly Phrase NobodyYet = new("Aucune personne inscrite", "Nobody is entered yet");
    public static readonly Phrase TryOther = new("Essayez un autre mot, ou le code court écrit sur le badge.", "Try another word, or the short code written on the badge.");
    public static readonly Phrase TooManyFound = new("Seules les {0} premières personnes sont affichées. Précisez la recherche.", "Only the first {0} people are shown. Narrow the search.");
    public static readonly Phrase Name = new("Nom", "Name");
    public static readonly Phrase Code = new("Code court", "Short code");
    public static readonly Phrase Membership = new("Adhésion", "Membership");
    public static readonly Phrase MemberThrough = new("jusqu’au {0}", "through {0}");
    public static readonly Phrase MemberEnded = new("finie le {0}", "ended {0}");
    public static readonly Phrase NotMember = new("pas adhérent·e", "not a member");
    public static readonly Phrase Inactive = new("inactif", "inactive");
    public static readonly Phrase NoName = new("sans nom", "no name");
    public static readonly Phrase MachinesTitle = new("Ce que je peux utiliser", "What I may use");
    public static readonly Phrase MachinesTitleOther = new("Ce que cette personne peut utiliser", "What this person may use");
    public static readonly Phrase May = new("Oui", "Yes");
    public static readonly Phrase MayNot = new("Pas encore", "Not yet");
    public static readonly Phrase MayWithSomebody = new("Avec quelqu’un", "With somebody");
    public static readonly Phrase NoMachines = new("Aucune machine inscrite", "No machine is entered");
    public static readonly Phrase HabilitationsTitle = new("Habilitations", "Habilitations");
    public static readonly Phrase NoHabilitations = new("Pas encore d’habilitation", "No habilitation yet");
    public static readonly Phrase NoHabilitationsBody = new("Une formation donne une habilitation. Demandez la prochaine date à l’équipe.", "A training gives a habilitation. Ask the team for the next date.");
    public static readonly Phrase LevelAccompanied = new("Accompagné·e", "Accompanied");
    public static readonly Phrase LevelAutonomous = new("Autonome", "On one’s own");
    public static readonly Phrase LevelTrainer = new("Peut former", "May train others");
    public static readonly Phrase LevelNone = new("Retirée", "Withdrawn");
    public static readonly Phrase ValidUntil = new("jusqu’au {0}", "until {0}");
    public static readonly Phrase NoEnd = new("sans date de fin", "without end date");
    public static readonly Phrase Expired = new("finie depuis le {0}", "ended {0}");
    public static readonly Phrase StartsOn = new("à partir du {0}", "from {0}");
    public static readonly Phrase Suspended = new("Suspendue", "Suspended");
    public static readonly Phrase Withdraw = new("Retirer", "Withdraw");
    public static readonly Phrase GrantTitle = new("Donner une habilitation", "Grant a habilitation");
    public static readonly Phrase Training = new("Formation", "Training");
    public static readonly Phrase ChooseTraining = new("Choisissez une formation", "Choose a training");
    public static readonly Phrase Level = new("Niveau", "Level");
    public static readonly Phrase Evidence = new("Sur quelle base ?", "On what ground?");
    public static readonly Phrase EvidenceHint = new("Par exemple : formation du 12 mars, première pièce vue.", "For example: training of 12 March, first piece seen.");
    public static readonly Phrase EvidenceMissing = new("Écrivez sur quelle base vous décidez.", "Write on what ground you decide.");
    public static readonly Phrase TrainingMissing = new("Choisissez une formation de la liste.", "Choose a training from the list.");
    public static readonly Phrase GrantDo = new("Donner l’habilitation", "Grant it");
    public static readonly Phrase WithdrawReason = new("Pourquoi la retirer ?", "Why withdraw it?");
    public static readonly Phrase Granted = new("L’habilitation « {0} » est donnée. Elle vaut tout de suite aux machines.", "The habilitation “{0}” is granted. It holds at the machines at once.");
    public static readonly Phrase Withdrawn = new("L’habilitation « {0} » est retirée. Elle ne vaut plus aux machines.", "The habilitation “{0}” is withdrawn. It no longer holds at the machines.");
    public static readonly Phrase TimeTitle = new("Mon temps par projet", "My time per project");
    public static readonly Phrase TimeTitleOther = new("Temps par projet", "Time per project");
    public static readonly Phrase NoTime = new("Pas encore de temps machine", "No machine time yet");
    public static readonly Phrase NoProject = new("Sans projet", "No project");
    public static readonly Phrase RecentTitle = new("Dernières utilisations", "Recent uses");
    public static readonly Phrase Machine = new("Machine", "Machine");
    public static readonly Phrase BySomebody = new("par {0}", "by {0}");
    public static readonly Phrase ChangedMeanwhile = new("Quelqu’un a changé cette habilitation entre-temps. Relisez la page, puis recommencez.", "Somebody changed this habilitation in the meantime. Read the page again, then repeat.");
    public static readonly Phrase NewTitle = new("Inscrire quelqu’un", "Register somebody");
    public static readonly Phrase NewLead = new(
        "Rien n’est obligatoire : un prénom suffit, et même sans lui le code court dit qui c’est. Ensuite, le badge.",
        "Nothing is compulsory: a first name is enough, and even without one the short code says who it is. After that, the badge.");
    public static readonly Phrase NewNameHint = new("Nom, prénom ou surnom, comme la personne veut être appelée.", "Name, first name or nickname, as the person wants to be called.");
    public static readonly Phrase NewAge = new("Âge", "Age");
    public static readonly Phrase NewAdult = new("18 ans ou plus", "18 or older");
    public static readonly Phrase NewMinor = new("Moins de 18 ans", "Under 18");
    public static readonly Phrase NewBirth = new("Date de naissance", "Date of birth");
    public static readonly Phrase NewBirthHint = new("Seulement pour les moins de 18 ans : elle est effacée le jour des 18 ans.", "Only for people under 18: it is erased on the 18th birthday.");
    public static readonly Phrase NewMember = new("Adhésion jusqu’au", "Member through");
    public static readonly Phrase NewCodeHint = new("Laissez vide : un numéro libre est pris.", "Leave it empty: a free number is taken.");
    public static readonly Phrase NewDo = new("Inscrire, puis donner un badge", "Register, then give a badge");
    public static readonly Phrase NewDone = new("{0} est inscrit·e avec le code court {1}. Donnez-lui un badge ci-dessous.", "{0} is registered with the short code {1}. Give them a badge below.");
    public static readonly Phrase NewDoneNoName = new("C’est inscrit avec le code court {0}. Donnez-lui un badge ci-dessous.", "Registered with the short code {0}. Give them a badge below.");
    public static readonly Phrase NewNameWrong = new("Ce nom est trop long.", "This name is too long.");
    public static readonly Phrase NewBirthWrong = new("Cette date de naissance ne peut pas être.", "This date of birth cannot be.");
    public static readonly Phrase NewMemberWrong = new("Cette date de fin d’adhésion ne peut pas être.", "This end of membership cannot be.");
    public static readonly Phrase NewCodeWrong = new("Un code court a des lettres sans accent, des chiffres et des tirets.", "A short code has letters without accents, digits and dashes.");
    public static readonly Phrase NewCodeTaken = new("Quelqu’un a déjà ce code court. Laissez vide pour un numéro libre.", "Somebody has this short code already. Leave it empty for a free number.");
    public static readonly Phrase ContactTitle = new("Écrire à cette personne", "Writing to this person");
    public static readonly Phrase ContactHint = new("Pour ses réservations et ses formations. La personne peut changer cela elle-même.", "For their bookings and trainings. They can change it themselves.");
    public static readonly Phrase ContactConsent = new("La personne est d’accord pour recevoir des mails du lieu", "They agree to get mail from the place");
    public static readonly Phrase ContactSaved = new("L’adresse est enregistrée.", "The address is saved.");
}
