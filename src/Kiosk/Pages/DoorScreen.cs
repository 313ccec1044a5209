using FabLab.Ui.Parts;
using Microsoft.AspNetCore.Components;

namespace FabLab.Kiosk.Pages;

/// <summary>What every screen is given.</summary>
public abstract class DoorScreen : UiComponent
{
    /// <summary>The name of the place.</summary>
    [Parameter, EditorRequired]
    public required string Place { get; set; }

    /// <summary>Path and query of this request.</summary>
    [Parameter, EditorRequired]
    public required string Path { get; set; }
}
