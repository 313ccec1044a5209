namespace FabLab.Ui.Text;

/// <summary>The two languages of the screens. French is the first one.</summary>
public enum Language
{
    French,
    English,
}
