using System.Reflection;
using System.Text.RegularExpressions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Kiosk;
using FabLab.Kiosk.Door;
using FabLab.Ui.Text;

namespace FabLab.Booking.Tests.Visits;

/// <summary>
/// The French of the door by the rules of FALC (facile à lire et à comprendre) that a program can check. Whether somebody understands
/// it is for people to say: no logo follows from this.
/// </summary>
public sealed partial class DoorWordsTests
{
    private const int MostWords = 12;

    [Fact]
    public void Each_sentence_of_the_door_is_short_active_and_common()
    {
        var faults = new List<string>();
        var phrases = Phrases(typeof(KioskText)).Concat(Phrases(typeof(GroupSessionText)).Where(phrase => phrase.Name.StartsWith("Door", StringComparison.Ordinal)))
            .Concat(DoorReasons.Default.Select(reason => (Name: reason.Code, French: reason.NameFr))).ToList();
        foreach (var (name, french) in phrases)
        {
            foreach (var sentence in SentenceEnd().Split(french).Select(part => part.Trim()).Where(part => part.Length > 0))
            {
                if (Word().Count(sentence) > MostWords)
                    faults.Add($"{name}: more than {MostWords} words: {sentence}");
                if (Negation().Count(sentence) > 1)
                    faults.Add($"{name}: says no twice: {sentence}");
                if (Passive().Match(sentence) is { Success: true } passive)
                    faults.Add($"{name}: who does it? {passive.Value}: {sentence}");
            }
            if (NumberInLetters().Match(french) is { Success: true } number)
                faults.Add($"{name}: a number in letters: {number.Value}");
            if (HardWord().Match(french) is { Success: true } hard)
                faults.Add($"{name}: a hard word or sign: {hard.Value}");
        }

        Assert.True(phrases.Count > 120);
        Assert.Empty(faults);
    }

    private static IEnumerable<(string Name, string French)> Phrases(Type words) => words.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.FieldType == typeof(Phrase)).Select(field => (field.Name, ((Phrase)field.GetValue(null)!).French));

    /// <summary>A colon before a value that is filled in belongs to its sentence.</summary>
    [GeneratedRegex(@"(?<=[.?!…])\s")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"[\p{L}\p{N}{][\p{L}\p{N}{}:|’·-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(ne\s|n’|sans\s|aucune?\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Negation();

    /// <summary>"C’est noté" says how something is; "votre arrivée est notée" hides who does it.</summary>
    [GeneratedRegex(@"(?<![’\p{L}])(est|sont|été)\s(déjà\s)?\p{L}{3,}(é|ée|és|ées)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Passive();

    [GeneratedRegex(@"\b(deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|vingt)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NumberInLetters();

    [GeneratedRegex(@"\b(réseau|serveur|système|données|connexion|synchronis\p{L}*|habilitation|authentifi\p{L}*|valider|validité|veuillez|indisponible|utilisateur|PIN|QR|RFID)\b|[&#§%;()]", RegexOptions.IgnoreCase)]
    private static partial Regex HardWord();
}
