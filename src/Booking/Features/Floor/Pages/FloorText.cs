using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>The words of the live floor.</summary>
public static class FloorText
{
    public static readonly Phrase Title = new("L’atelier en direct", "The live floor");
    public static readonly Phrase Lead = new("Chaque machine, en ce moment.", "Every machine, right now.");
    public static readonly Phrase Free = new("Libre", "Free");
    public static readonly Phrase WaitingSecondBadge = new("Attend le 2e badge", "Waiting for the 2nd badge");
    public static readonly Phrase On = new("Allumée", "Switched on");
    public static readonly Phrase Running = new("En marche", "Running");
    public static readonly Phrase CoolingDown = new("Refroidit", "Cooling down");
    public static readonly Phrase LockedOut = new("Consignée", "Locked out");
    public static readonly Phrase Fault = new("En panne", "Out of order");
    public static readonly Phrase Offline = new("Hors ligne", "Offline");
    public static readonly Phrase UnknownState = new("État inconnu", "State unknown");
    public static readonly Phrase StillFor = new("Encore", "Still");
    public static readonly Phrase HintWaiting = new("La personne qui accompagne pose son badge.", "The person who accompanies taps their badge.");
    public static readonly Phrase HintOn = new("La machine est allumée et ne travaille pas encore.", "The machine is on and not working yet.");
    public static readonly Phrase HintCooling = new("L’aspiration reste allumée. Le temps n’est plus compté.", "The extraction stays on. Time is no longer counted.");
    public static readonly Phrase HintLockedOut = new("L’équipe doit lever la consigne avant un nouvel usage.", "The team must release it before it is used again.");
    public static readonly Phrase HintFault = new("L’équipe est prévenue. Prenez une autre machine.", "The team knows. Please take another machine.");
    public static readonly Phrase HintOffline = new("Son boîtier ne répond pas.", "Its box does not answer.");
    public static readonly Phrase UntilAtMost = new("Jusqu’à {0} au plus tard.", "Until {0} at the latest.");
    public static readonly Phrase LockPending = new("Sera consignée à la fin de cet usage.", "Will be locked out when this use ends.");
    public static readonly Phrase NextBooking = new("Réservée de {0} à {1}", "Booked from {0} to {1}");
    public static readonly Phrase BookedNow = new("Réservée jusqu’à {0}", "Booked until {0}");
    public static readonly Phrase NoBooking = new("Aucune réservation aujourd’hui", "No booking today");
    public static readonly Phrase With = new("avec", "with");
    public static readonly Phrase NoProject = new("Projet pas encore choisi", "Project not chosen yet");
    public static readonly Phrase NextOtherDay = new("Prochaine réservation : {0}", "Next booking: {0}");
    public static readonly Phrase CountFree = new("libres", "free");
    public static readonly Phrase CountFreeOne = new("libre", "free");
    public static readonly Phrase CountBusy = new("occupées", "in use");
    public static readonly Phrase CountBusyOne = new("occupée", "in use");
    public static readonly Phrase CountStopped = new("pas disponibles", "not available");
    public static readonly Phrase CountStoppedOne = new("pas disponible", "not available");
    public static readonly Phrase EmptyTitle = new("Aucune machine pour le moment", "No machine yet");
    public static readonly Phrase EmptyBody = new("L’équipe n’a pas encore inscrit de machine.", "The team has not entered any machine yet.");
    public static readonly Phrase NoLink = new("Pas de nouvelles depuis {0}.", "No news since {0}.");
    public static readonly Phrase Spoken = new("{0} : {1}", "{0}: {1}");
}
