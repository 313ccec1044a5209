using FabLab.Ui.Text;

namespace FabLab.Booking.Web;

/// <summary>The words of the frame around Booking's pages.</summary>
public static class WebText
{
    public static readonly Phrase Floor = new("En direct", "Live");
    public static readonly Phrase People = new("Personnes", "People");
    public static readonly Phrase Habilitations = new("Habilitations", "Habilitations");
    public static readonly Phrase Trainings = new("Formations", "Trainings");
    public static readonly Phrase Sessions = new("Séances", "Sessions");
    public static readonly Phrase Programmes = new("Programmes", "Programmes");
    public static readonly Phrase Ledger = new("Temps machine", "Machine time");
    public static readonly Phrase Lab = new("Le lab", "The lab");
    public static readonly Phrase Devices = new("Boîtiers", "Devices");
    public static readonly Phrase Alarms = new("Alarmes", "Alarms");
    public static readonly Phrase NotDone = new("Ce changement n’a pas été fait. Relisez la page, puis recommencez.", "This change was not made. Read the page again, then repeat.");
    public static readonly Phrase Account = new("Mon compte", "My account");
}
