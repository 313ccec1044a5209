using System.Buffers;

namespace FabLab.Core.Badges;

/// <summary>
/// A reader that pretends to be a keyboard presses the keys of a US layout. Where the computer has a French or Belgian keyboard, the
/// digits come out as <c>&amp;é"'(-è_çà</c>. This gives back what the reader meant.
/// </summary>
public static class KeyboardWedge
{
    /// <summary>Signs that no badge number has and a digit key gives; "-" is missing here because numbers have it too.</summary>
    private static readonly SearchValues<char> Marks = SearchValues.Create("&é\"'(è_çàÉÈÇÀ§!qQ;");

    /// <summary>The text as the reader meant it; a text that was typed right is left alone.</summary>
    /// <param name="text">As it arrived.</param>
    public static string Straighten(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> typed = text.AsSpan().Trim();
        bool wedged = typed.ContainsAny(Marks) || (typed.Length > 3 && !typed.ContainsAnyExcept('-'));
        return wedged ? string.Concat(text.Select(Key)) : text;
    }

    private static char Key(char sign) => sign switch
    {
        '&' => '1',
        'é' or 'É' => '2',
        '"' => '3',
        '\'' => '4',
        '(' => '5',
        '-' or '§' => '6',
        'è' or 'È' => '7',
        '_' or '!' => '8',
        'ç' or 'Ç' => '9',
        'à' or 'À' => '0',
        'q' => 'a',
        'Q' => 'A',
        ';' => ',',
        _ => sign,
    };
}
