namespace FabLab.Ui.Parts;

/// <summary>One entry of the main menu.</summary>
public sealed record MenuLink(string Address, string Label, string Icon);
