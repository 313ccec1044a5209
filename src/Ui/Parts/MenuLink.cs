namespace FabLab.Ui.Parts;

/// <summary>One entry of the main menu.</summary>
/// <param name="Address">Where it leads.</param>
/// <param name="Label">Its words.</param>
/// <param name="Icon">Its picture.</param>
/// <param name="Group">The word over it and its neighbours, for a menu too long for one line; null for an entry that is always shown.</param>
public sealed record MenuLink(string Address, string Label, string Icon, string? Group = null);
