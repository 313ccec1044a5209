using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Web;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>
/// The séances as the activity reports of digital mediation in France (CRA) list them: one line a séance, French words whatever the
/// page's language, no name of anybody.
/// </summary>
internal static class CraFile
{
    /// <summary>The columns, as the CRA calls them.</summary>
    public static readonly string[] Columns =
    [
        "Date", "Type", "Participants", "Nom du lieu", "Adresse", "Commune", "Code postal", "Code Insee", "Durée (min)", "Nom de l’atelier", "Matériel", "Thématique(s)", "Tags", "Niveau",
        "Bénéficiaire réorienté", "Structure de redirection", "Commune du bénéficiaire", "Genre", "Tranche d’âge", "Statut du bénéficiaire",
    ];

    private static readonly LocalDatePattern French = LocalDatePattern.CreateWithInvariantCulture("dd/MM/uuuu");

    public static async Task<byte[]> WriteAsync(BookingDbContext db, ReportQueries reports, ReportScope scope, DateTimeZone zone, string place, CancellationToken cancellationToken)
    {
        var sessions = await reports.Held(scope, scope.From, scope.Until).OrderBy(s => s.Start).ThenBy(s => s.Id).ToListAsync(cancellationToken);
        var heads = (await reports.ReadAsync(scope, zone, cancellationToken)).Sessions.ToDictionary(s => s.Id, s => s.Heads);
        var listed = (await db.Attendees.Where(a => a.Status == AttendanceStatus.Present).Join(reports.Held(scope, scope.From, scope.Until), a => a.SessionId, s => s.Id, (a, _) => a)
            .Select(a => new { a.SessionId, a.PersonId, a.Band, a.Gender, a.Occupation }).ToListAsync(cancellationToken)).ToLookup(a => a.SessionId);
        var counts = (await db.AttendanceCounts.Join(reports.Held(scope, scope.From, scope.Until), c => c.SessionId, s => s.Id, (c, _) => c).ToListAsync(cancellationToken)).ToLookup(c => c.SessionId);
        var births = await db.People.Where(p => p.BirthDate != null).Select(p => new { p.Id, Birth = p.BirthDate!.Value }).ToDictionaryAsync(p => p.Id, p => p.Birth, cancellationToken);
        var programmes = await db.Programmes.Select(p => new { p.Id, p.NameFr }).ToDictionaryAsync(p => p.Id, p => p.NameFr, cancellationToken);
        return SpreadsheetFile.Write(file =>
        {
            file.WriteRecord(Columns);
            foreach (var session in sessions)
                file.WriteRecord(Line(session));
        });

        string[] Line(GroupSession session)
        {
            var day = session.Start.InZone(zone).Date;
            List<(AgeBand Band, Gender Gender, Occupation Occupation, int Number)> groups =
            [
                .. listed[session.Id].Select(a => (
                    a.Band is { } band && band != AgeBand.NotSaid ? band : a.PersonId is { } person && births.TryGetValue(person, out var birth) ? AgeBands.Of(birth, day) : AgeBand.NotSaid, a.Gender, a.Occupation, 1)),
                .. counts[session.Id].Select(c => (c.Band, c.Gender, c.Occupation, c.Number)),
            ];
            return
            [
                French.Format(day), "Collectif", Number(heads.GetValueOrDefault(session.Id)), session.Place.Length > 0 ? session.Place : session.PlaceKind == PlaceKind.Lab ? place : Word(GroupSessionWords.Of(session.PlaceKind)), "",
                session.Commune, session.PostCode, session.Insee, Number((int)ReportQueries.Length(session.Start, session.End, session.ClosedAt).TotalMinutes), session.Title,
                string.Join(", ", GroupSessionWords.Materials.Where(m => session.Materials.HasFlag(m)).Select(m => Word(GroupSessionWords.Of(m)))),
                string.Join(", ", GroupSessionWords.Themes.Where(t => session.Themes.HasFlag(t)).Select(t => Word(GroupSessionWords.Of(t)))),
                session.ProgrammeId is { } programme ? programmes.GetValueOrDefault(programme) ?? "" : "", session.Level == SessionLevel.NotSaid ? "" : Word(GroupSessionWords.Of(session.Level)),
                "", "", "",
                Split(groups.Select(g => (g.Gender, g.Number)), g => Word(GroupSessionWords.Of(g))), Split(groups.Select(g => (g.Band, g.Number)), b => Word(GroupSessionWords.Of(b))),
                Split(groups.Select(g => (g.Occupation, g.Number)), o => Word(GroupSessionWords.Of(o))),
            ];
        }
    }

    /// <summary>"Féminin : 6, Masculin : 4".</summary>
    private static string Split<T>(IEnumerable<(T Key, int Number)> groups, Func<T, string> word)
        where T : struct, Enum =>
        string.Join(", ", groups.GroupBy(g => g.Key).OrderBy(g => g.Key).Select(g => $"{word(g.Key)} : {Number(g.Sum(one => one.Number))}"));

    private static string Word(Phrase phrase) => phrase.In(Language.French);

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
