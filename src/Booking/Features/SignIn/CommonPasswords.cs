using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// Says which passwords are guessed first: everyday words of France and of the English-speaking web, rows of keys, numbers in order, one
/// piece repeated, the name of the place and of the person, however they are dressed up with digits and signs. It needs no network and
/// keeps nothing. What it lets through is not thereby good; it is only not among the first guesses.
/// </summary>
internal static partial class CommonPasswords
{
    /// <summary>So much has to be left that no list knows.</summary>
    private const int Enough = 7;

    /// <summary>A word from the list costs somebody who guesses little more than two signs.</summary>
    private const int WorthOfWord = 2;

    private const int ShortestWord = 3;

    /// <summary>Longest first: "motdepasse" before "passe".</summary>
    private static readonly string[] Known = [.. new[]
    {
        "motdepasse motpasse passe password passw pass mdp secret code acces access login connexion compte admin administrateur administrator root toor",
        "user utilisateur invite guest test demo default defaut changeme changezmoi modifiezmoi temporaire nouveau letmein welcome bienvenue hello bonjour salut coucou",
        "azertyuiop azerty qsdfghjklm qsdfgh wxcvbn qwertyuiop qwerty qwertz asdfghjkl asdfgh zxcvbnm zxcvbn aqwzsx aqwxsz qaz wsx edc poiuy mlkjh",
        "soleil amour jetaime iloveyou loveyou love doudou chouchou loulou bebe cheri cherie princesse princess chocolat vacances maison famille marseille paris lyon",
        "france bretagne toulouse football foot rugby olympique psg basket tennis dragon monkey master superman batman pokemon naruto starwars sunshine shadow",
        "freedom whatever trustno ninja mustang jordan michael nicolas julien thomas camille marie alexandre sebastien caroline charlie tigrou minou chaton toutou",
        "fablab fabmanager makerspace hackerspace hackspace atelier machine laser decoupe imprimante brodeuse fraiseuse badge accueil manager forge tiers lieu tierslieu",
        "ete hiver printemps automne summer winter spring autumn janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "january february march april june july august september october november december lundi mardi mercredi jeudi vendredi samedi dimanche",
        "monday tuesday wednesday thursday friday saturday sunday un deux trois quatre cinq six one two three four five",
    }.SelectMany(line => line.Split(' ')).Where(word => word.Length >= ShortestWord).OrderByDescending(word => word.Length)];

    /// <summary>Whether a password is among those that are tried first.</summary>
    /// <param name="password">What somebody wants to sign in with.</param>
    /// <param name="context">The name of the place and of the person, their sign-in name: words that others know.</param>
    /// <returns>Whether it is too easy.</returns>
    public static bool Has(string password, IEnumerable<string?> context)
    {
        var plain = Plain(password);
        if (Repeated().Match(plain) is { Success: true } repeated && repeated.Groups["unit"].Length < OwnAccount.MinPassword)
            return true;
        var words = context.SelectMany(text => Pieces().Split(Plain(text ?? ""))).Where(word => word.Length >= ShortestWord)
            .OrderByDescending(word => word.Length).Concat(Known);
        // With digits for letters, with digits behind, with signs between: the reading that leaves least counts.
        return new[] { plain, Letters(plain), string.Concat(plain.Where(sign => char.IsLetterOrDigit(sign) || sign == ' ')) }.Min(reading => Left(reading, words)) < Enough;
    }

    private static int Left(string text, IEnumerable<string> words)
    {
        var worth = 0;
        foreach (var word in words)
        {
            if (!text.Contains(word, StringComparison.Ordinal))
                continue;
            // Once, however often it stands there.
            worth += WorthOfWord;
            text = text.Replace(word, " ", StringComparison.Ordinal);
        }
        // A number is a year, a birthday or a count: it is worth one sign.
        foreach (var piece in Numbers().Replace(text, " 0 ").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            worth += Unlike(piece);
        return worth;
    }

    /// <summary>Signs that are neither the one before nor its neighbour in the alphabet.</summary>
    private static int Unlike(string piece)
    {
        var count = piece.Any(char.IsLetterOrDigit) ? 0 : -1;
        for (var i = 0; i < piece.Length; i++)
        {
            if (i == 0 || Math.Abs(piece[i] - piece[i - 1]) > 1)
                count++;
        }
        return Math.Max(0, count);
    }

    /// <summary>Small letters without accents.</summary>
    private static string Plain(string text) =>
        string.Concat(text.Normalize(NormalizationForm.FormD).Where(sign => CharUnicodeInfo.GetUnicodeCategory(sign) != UnicodeCategory.NonSpacingMark)).ToLowerInvariant();

    private static string Letters(string text) => string.Concat(text.Select(sign => sign switch
    {
        '0' => 'o', '1' or '!' or '|' => 'i', '3' or '€' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', _ => sign,
    }));

    [GeneratedRegex(@"^(?<unit>.{1,128}?)\k<unit>+$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Repeated();

    [GeneratedRegex(@"[^\p{L}\p{Nd}]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Pieces();

    [GeneratedRegex(@"\d+", RegexOptions.ExplicitCapture)]
    private static partial Regex Numbers();
}
