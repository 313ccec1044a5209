using System.Text.Json;
using System.Text.RegularExpressions;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Privacy.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Core;
using FabLab.Core.Policy;

namespace FabLab.Booking.Tests.Privacy;

/// <summary>Whatever staff do is noted, and what is noted can be read.</summary>
public sealed partial class ActWordsTests
{
    /// <summary>They change what is the caller's own, or what they call notes it: <c>Erasure</c> for an erasure.</summary>
    private static readonly string[] Silent = ["ErasePerson.cs", "GroupSessionAccess.cs", "MachineAccess.cs", "ReadMessages.cs", "SetMessages.cs"];

    [Fact]
    public void Every_act_has_its_words_in_both_languages_and_there_are_no_words_for_what_nobody_does()
    {
        string[] sources = [.. Sources().Where(file => Path.GetFileName(file) != "ActWords.cs").Select(File.ReadAllText)];
        string[] changes = [.. sources.SelectMany(text => ChangeOfSheet().Matches(text)).Select(match => match.Groups[1].Value), .. Names<AttendanceStatus>()];
        HashSet<string> acts =
        [
            .. sources.SelectMany(text => Code().Matches(text)).Select(match => match.Groups[1].Value).Where(code => !FileName().IsMatch(code)),
            .. changes.Select(change => $"group_session.{change}"),
            .. Names<HabilitationActKind>().Select(kind => $"habilitation.{kind}"),
            .. Names<BadgeState>().Select(state => $"badge.{state}"),
            .. Names<Attendance>().Select(attendance => $"training_session.{attendance}"),
            .. Names<SignInWay>().Select(way => $"sign_in.{way}"),
        ];

        Assert.True(acts.Count > 150);
        Assert.Equal(acts.Order(StringComparer.Ordinal), ActWords.Codes.Order(StringComparer.Ordinal));
        foreach (Words words in acts.Concat(changes.Select(change => $"group_session.corrected_{change}")).Select(act => ActWords.Of(act)!))
        {
            Assert.False(string.IsNullOrWhiteSpace(words.Fr) || string.IsNullOrWhiteSpace(words.En));
            Assert.DoesNotContain('\'', words.Fr + words.En);
        }
        Assert.Null(ActWords.Of("act.of_a_newer_version"));
    }

    [Fact]
    public void Every_handler_of_a_change_by_staff_notes_it()
    {
        string[] silent =
        [
            .. Sources().Where(file => File.ReadAllText(file) is var text && Change().IsMatch(text) && ByStaff().IsMatch(text) && !Noted().IsMatch(text))
                .Select(file => Path.GetFileName(file)),
        ];

        Assert.Equal(Silent, silent.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);

    private static IEnumerable<string> Sources()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "FabLab.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("No solution above the tests.");
        return Directory.EnumerateFiles(Path.Combine(root, "src", "Booking", "Features"), "*.cs", SearchOption.AllDirectories);
    }

    [GeneratedRegex("\"([a-z_]+\\.[a-z_]+)\"")]
    private static partial Regex Code();

    [GeneratedRegex(@"\.(json|csv|png|svg|jwt|ics)$")]
    private static partial Regex FileName();

    [GeneratedRegex("GroupSessionAccess\\.Act\\(session, \"([a-z_]+)\"\\)")]
    private static partial Regex ChangeOfSheet();

    [GeneratedRegex(@"\.(ChangeAsync|LedAsync|WriteAsync)\b")]
    private static partial Regex Change();

    [GeneratedRegex(@"\bStaffActor\?? by\b")]
    private static partial Regex ByStaff();

    [GeneratedRegex(@"\bAudit(Erasure)?\(|Acts\.Add\(")]
    private static partial Regex Noted();
}
