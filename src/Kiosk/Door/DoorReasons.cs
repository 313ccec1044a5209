using FabLab.Contracts;
using FabLab.Ui.Parts;

namespace FabLab.Kiosk.Door;

/// <summary>The reasons a new lab begins with, for a door that Booking has never answered.</summary>
internal static class DoorReasons
{
    public static IReadOnlyList<DoorReason> Default { get; } =
    [
        new("machine", "Utiliser une machine", "Use a machine", Icons.Machine),
        new("workshop", "Atelier", "Workshop", Icons.People),
        new("discover", "Découvrir", "Look around", Icons.Spark),
        new("room", "Salle ou coworking", "Room or desk", Icons.Room),
        new("digital_help", "Aide numérique", "Help with digital things", Icons.Screen),
        new("meeting", "Rendez-vous", "Appointment", Icons.Calendar),
        new("volunteer", "Bénévolat", "Volunteering", Icons.Hand),
        new("other", "Autre", "Something else", Icons.Dots),
    ];
}
