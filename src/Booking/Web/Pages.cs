using FabLab.Core;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FabLab.Booking.Web;

/// <summary>Small helpers of the endpoints that answer with pages.</summary>
internal static class Pages
{
    /// <summary>A component with its parameters.</summary>
    public static RazorComponentResult<TPage> Show<TPage>(params (string Name, object? Value)[] parameters)
        where TPage : IComponent => Show<TPage>(200, parameters);

    public static RazorComponentResult<TPage> Show<TPage>(int status, params (string Name, object? Value)[] parameters)
        where TPage : IComponent =>
        new(parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal)) { StatusCode = status };

    /// <summary>Both languages of a phrase with its places filled in.</summary>
    public static Words Words(this Phrase phrase, params object[] values) =>
        values.Length == 0
            ? new Words(phrase.French, phrase.English)
            : new Words(phrase.In(Language.French, values), phrase.In(Language.English, values));

    /// <summary>A path of this app, never another site: what a redirect may lead to.</summary>
    public static string Local(string? path) =>
        path is { Length: > 0 and < 512 } && path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\'))
            && !path.AsSpan().ContainsAny('\r', '\n', '\\')
            ? path
            : "/";
}
