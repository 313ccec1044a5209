using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.Http;

namespace FabLab.Booking.Web;

/// <summary>
/// The form of a page as it stands now, beside what was sent from an older copy of it. It knows no form by name: names, labels and
/// choices are read from the page itself.
/// </summary>
internal sealed partial class FormOnPage
{
    public const string Version = "version";
    private const string Token = BookingAuth.ForgeryHeader;

    private readonly IHtmlFormElement _form;
    private readonly IFormCollection _sent;
    private readonly List<IGrouping<string, IElement>> _fields;

    private FormOnPage(IHtmlFormElement form, IFormCollection sent)
    {
        (_form, _sent) = (form, sent);
        _fields = [.. Controls(form).GroupBy(control => control.GetAttribute("name")!, StringComparer.Ordinal)];
    }

    /// <summary>The values the form sends without showing them, besides its version.</summary>
    public IEnumerable<string> Hidden => HiddenOf(_form).Select(input => input.Value);

    /// <summary>Whether somebody can write into it; otherwise it is buttons alone.</summary>
    public bool Writable => _fields.Count > 0;

    /// <summary>The button that was pressed, where it has a name.</summary>
    public (string Name, string Value)? Pressed => _form.QuerySelectorAll("button[name]")
        .Select(button => (Name: button.GetAttribute("name")!, Value: button.GetAttribute("value") ?? ""))
        .Where(button => _sent[button.Name].Contains(button.Value))
        .Select(button => ((string, string)?)button).FirstOrDefault();

    /// <summary>The form that was sent, as the page has it now. Null when the page has none any more, or when it stands at the version that was sent.</summary>
    /// <param name="page">The page as it stands.</param>
    /// <param name="path">Where the form was sent to.</param>
    /// <param name="sent">What was sent.</param>
    public static FormOnPage? Find(IHtmlDocument page, string path, IFormCollection sent) =>
        page.QuerySelectorAll("form[method='post']").OfType<IHtmlFormElement>()
            .Where(form => PathOf(form.GetAttribute("action")) == path || form.QuerySelectorAll("button[formaction]").Any(button => PathOf(button.GetAttribute("formaction")) == path))
            // Rows of a list have forms alike: what they do not show says which.
            .Where(form => HiddenOf(form).All(field => !sent.ContainsKey(field.Name) || sent[field.Name].Contains(field.Value)))
            .Where(form => form.QuerySelector($"input[name='{Version}']") is { } version && !sent[Version].Contains(version.GetAttribute("value")))
            .Select(form => new FormOnPage(form, sent))
            .FirstOrDefault();

    /// <summary>Every field in which the two differ, in the order of the page, then what was sent for fields that are there no more.</summary>
    public IReadOnlyList<FieldDifference> Differences()
    {
        var differences = new List<FieldDifference>();
        foreach (IGrouping<string, IElement> field in _fields)
        {
            List<string> stands = Standing(field), sent = SentTo(field);
            if (!stands.SequenceEqual(sent, StringComparer.Ordinal))
                differences.Add(new FieldDifference(LabelOf(field), KindOf(field), Read(field, stands), Read(field, sent)));
        }
        foreach ((string name, List<string> values) in Orphans())
            differences.Add(new FieldDifference(LabelLike(name), FieldKind.Words, [], values));
        return differences;
    }

    /// <summary>Puts what was sent into the form, so that pressing its button sends it again, at the version that stands.</summary>
    /// <returns>The id of the form.</returns>
    public string PutBack()
    {
        foreach (IGrouping<string, IElement> field in _fields)
        {
            List<string> sent = SentTo(field);
            var place = 0;
            foreach (IElement control in field)
            {
                switch (control)
                {
                    case IHtmlInputElement { Type: "checkbox" or "radio" } choice:
                        Mark(choice, "checked", sent.Contains(ValueOf(choice)));
                        break;
                    case IHtmlSelectElement select:
                        foreach (IHtmlOptionElement option in select.Options)
                            Mark(option, "selected", sent.Contains(option.Value));
                        break;
                    case IHtmlTextAreaElement area:
                        area.TextContent = sent.ElementAtOrDefault(place++) ?? "";
                        break;
                    default:
                        control.SetAttribute("value", sent.ElementAtOrDefault(place++) ?? "");
                        break;
                }
            }
        }
        foreach ((string name, List<string> values) in Orphans())
        {
            foreach (string value in values)
            {
                IElement kept = _form.Owner!.CreateElement("input");
                kept.SetAttribute("type", "hidden");
                kept.SetAttribute("name", name);
                kept.SetAttribute("value", value);
                _form.AppendChild(kept);
            }
        }
        if (string.IsNullOrEmpty(_form.Id))
            _form.Id = "written";
        return _form.Id;
    }

    private static IEnumerable<IElement> Controls(IHtmlFormElement form) =>
        form.QuerySelectorAll("input[name], select[name], textarea[name]").Where(control =>
            !control.HasAttribute("disabled") && control is not IHtmlInputElement { Type: "hidden" or "submit" or "image" or "button" or "reset" or "password" or "file" });

    private static IEnumerable<(string Name, string Value)> HiddenOf(IHtmlFormElement form) =>
        form.QuerySelectorAll("input[type='hidden'][name]")
            .Select(input => (Name: input.GetAttribute("name")!, Value: input.GetAttribute("value") ?? ""))
            .Where(input => input.Name is not (Version or Token));

    private static string? PathOf(string? action) => action?.Split('?')[0];

    private static string ValueOf(IElement choice) => choice.GetAttribute("value") ?? "on";

    private static void Mark(IElement element, string attribute, bool marked)
    {
        if (marked)
            element.SetAttribute(attribute, "");
        else
            element.RemoveAttribute(attribute);
    }

    private static FieldKind KindOf(IGrouping<string, IElement> field) => field.First() switch
    {
        IHtmlInputElement { Type: "checkbox" } when field.Count() == 1 => FieldKind.Box,
        IHtmlInputElement { Type: "date" } => FieldKind.Date,
        _ => FieldKind.Words,
    };

    /// <summary>The values the page would send now.</summary>
    private static List<string> Standing(IEnumerable<IElement> field) => Filled(field.SelectMany(control => control switch
    {
        IHtmlInputElement { Type: "checkbox" or "radio" } choice => choice.HasAttribute("checked") ? [ValueOf(choice)] : [],
        IHtmlSelectElement select => select.Options.Where(option => option.IsSelected).Select(option => option.Value),
        IHtmlTextAreaElement area => [area.TextContent],
        _ => (IEnumerable<string>)[control.GetAttribute("value") ?? ""],
    }));

    /// <summary>Empty values say nothing; a browser ends the lines of a text in its own way.</summary>
    private static List<string> Filled(IEnumerable<string?> values) =>
        [.. values.OfType<string>().Select(value => value.ReplaceLineEndings("\n").Trim()).Where(value => value.Length > 0)];

    private List<string> Sent(string name) => Filled(_sent[name]);

    /// <summary>A box alone is ticked by being sent at all.</summary>
    private List<string> SentTo(IGrouping<string, IElement> field) =>
        KindOf(field) != FieldKind.Box ? Sent(field.Key) : _sent.ContainsKey(field.Key) ? [ValueOf(field.First())] : [];

    /// <summary>What was sent for fields the page does not have now: rows of a list that somebody shortened.</summary>
    private IEnumerable<(string Name, List<string> Values)> Orphans()
    {
        HashSet<string> known = [.. _form.QuerySelectorAll("[name]").Select(element => element.GetAttribute("name")!), Version, Token];
        return _sent.Keys.Where(name => !known.Contains(name)).Select(name => (name, Sent(name))).Where(field => field.Item2.Count > 0);
    }

    private static List<string> Read(IGrouping<string, IElement> field, List<string> values) => field.First() switch
    {
        IHtmlInputElement { Type: "checkbox" or "radio" } when field.Count() > 1 =>
            [.. values.Select(value => field.FirstOrDefault(choice => ValueOf(choice) == value) is { } choice ? OwnLabel(choice) : value)],
        IHtmlSelectElement select => [.. values.Select(value => select.Options.FirstOrDefault(option => option.Value == value) is { } option ? Folded(option.Text) : value)],
        _ => values,
    };

    private static string LabelOf(IGrouping<string, IElement> field)
    {
        IElement first = field.First();
        List<string> parts = [.. first.Ancestors<IHtmlFieldSetElement>().Select(set => set.Children.OfType<IHtmlLegendElement>().FirstOrDefault()).OfType<IElement>().Reverse().Select(TextOf)];
        bool asked = parts.Count > 0 && first is IHtmlInputElement { Type: "checkbox" or "radio" } && field.Count() > 1;
        if (!asked)
            parts.Add(OwnLabel(first));
        return string.Join(" · ", parts.Where(part => part.Length > 0));
    }

    /// <summary>What another row of the page calls its field of that name.</summary>
    private string LabelLike(string name) =>
        _fields.FirstOrDefault(field => Number().Replace(field.Key, "") == Number().Replace(name, "")) is { } like ? OwnLabel(like.First()) : "";

    private static string OwnLabel(IElement control)
    {
        IElement? label = control is IHtmlInputElement or IHtmlSelectElement or IHtmlTextAreaElement && control.Id is { Length: > 0 } id
            ? control.Owner!.QuerySelectorAll("label").FirstOrDefault(candidate => candidate.GetAttribute("for") == id)
            : null;
        label ??= control.Closest("label");
        return label is not null ? TextOf(label)
            : control.GetAttribute("aria-label")
                ?? string.Join(' ', (control.GetAttribute("aria-labelledby") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => control.Owner!.GetElementById(part)).OfType<IElement>().Select(TextOf));
    }

    /// <summary>The text of a label without its hint and without the control it may stand around.</summary>
    private static string TextOf(IElement element)
    {
        var copy = (IElement)element.Clone();
        foreach (IElement beside in copy.QuerySelectorAll("select, textarea, .hint").ToList())
            beside.Remove();
        return Folded(copy.TextContent);
    }

    private static string Folded(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
