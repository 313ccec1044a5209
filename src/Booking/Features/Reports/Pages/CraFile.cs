using System.Globalization;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Details.Pages;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.GroupSessions.Pages;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Web;
using FabLab.Core.Visits;
using FabLab.Ui.Text;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reports.Pages;

/// <summary>
/// The séances as the activity reports of digital mediation in France (CRA) list them: one line a séance, French words whatever the
/// page's language, no name of anybody. One column more than the CRA has stands at the end: the quartiers prioritaires.
/// </summary>
internal static class CraFile
{
    /// <summary>The columns, as the CRA calls them.</summary>
    public static readonly string[] Columns =
    [
        "Date", "Type", "Participants", "Nom du lieu", "Adresse", "Commune", "Code postal", "Code Insee", "Durée (min)", "Nom de l’atelier", "Matériel", "Thématique(s)", "Tags", "Niveau",
        "Bénéficiaire réorienté", "Structure de redirection", "Commune du bénéficiaire", "Genre", "Tranche d’âge", "Statut du bénéficiaire", "Quartier prioritaire",
    ];

    private static readonly LocalDatePattern French = LocalDatePattern.CreateWithInvariantCulture("dd/MM/uuuu");

    public static async Task<byte[]> WriteAsync(BookingDbContext db, ReportQueries reports, ReportScope scope, DateTimeZone zone, string place, CancellationToken cancellationToken)
    {
        var sessions = await reports.Held(scope, scope.From, scope.Until).OrderBy(s => s.Start).ThenBy(s => s.Id).ToListAsync(cancellationToken);
        var report = await reports.ReadAsync(scope, zone, cancellationToken);
        var heads = report.Heads.ToLookup(h => h.Session);
        var programmes = await db.Programmes.Select(p => new { p.Id, p.NameFr }).ToDictionaryAsync(p => p.Id, p => p.NameFr, cancellationToken);
        var sites = (await db.NamedSitesAsync(cancellationToken)).ToDictionary(s => s.Number);
        // A lab of one site is called as it is.
        var only = sites.Count < 2 && sites[LabSite.First].Commune.Length == 0;
        return SpreadsheetFile.Write(file =>
        {
            file.WriteRecord(Columns);
            foreach (var session in sessions)
                file.WriteRecord(Line(session));
        });

        string[] Line(GroupSession session)
        {
            var day = session.Start.InZone(zone).Date;
            var there = heads[session.Id].ToList();
            var site = session.PlaceKind == PlaceKind.Lab && !only ? sites.GetValueOrDefault(session.Site) : null;
            return
            [
                French.Format(day), "Collectif", Number(there.Count), session.Place.Length > 0 ? session.Place : session.PlaceKind == PlaceKind.Lab ? site?.Name ?? place : Word(GroupSessionWords.Of(session.PlaceKind)), "",
                Or(session.Commune, site?.Commune), Or(session.PostCode, site?.PostCode), Or(session.Insee, site?.Insee), Number((int)ReportQueries.Length(session.Start, session.End, session.ClosedAt).TotalMinutes), session.Title,
                string.Join(", ", GroupSessionWords.Materials.Where(m => session.Materials.HasFlag(m)).Select(m => Word(GroupSessionWords.Of(m)))),
                string.Join(", ", GroupSessionWords.Themes.Where(t => session.Themes.HasFlag(t)).Select(t => Word(GroupSessionWords.Of(t)))),
                session.ProgrammeId is { } programme ? programmes.GetValueOrDefault(programme) ?? "" : "", session.Level == SessionLevel.NotSaid ? "" : Word(GroupSessionWords.Of(session.Level)),
                "", "", "",
                Split(there.Select(h => h.Gender), g => Word(GroupSessionWords.Of(g))), Split(there.Select(h => h.Band), b => Word(GroupSessionWords.Of(b))),
                Split(there.Select(h => h.Occupation), o => Word(GroupSessionWords.Of(o))), Split(there.Select(h => h.Area), a => Word(DetailsWords.Of(a))),
            ];
        }
    }

    private static string Or(string said, string? ofSite) => said.Length > 0 ? said : ofSite ?? "";

    /// <summary>"Féminin : 6, Masculin : 4".</summary>
    private static string Split<T>(IEnumerable<T> of, Func<T, string> word)
        where T : struct, Enum =>
        string.Join(", ", of.CountBy(one => one).OrderBy(group => group.Key).Select(group => $"{word(group.Key)} : {Number(group.Value)}"));

    private static string Word(Phrase phrase) => phrase.In(Language.French);

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
