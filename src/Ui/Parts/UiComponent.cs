using FabLab.Ui.Text;
using Microsoft.AspNetCore.Components;

namespace FabLab.Ui.Parts;

/// <summary>A piece of a page that writes in the language of the request: <c>@T[CommonText.Today]</c>.</summary>
public abstract class UiComponent : ComponentBase
{
    [Inject]
    protected PageText T { get; set; } = null!;
}
