using System.Text;
using FabLab.Booking.Features.Import;
using FabLab.Booking.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Import;

public sealed class PeopleImportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task People_badges_and_habilitations_come_in_together_and_a_second_time_changes_nothing(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        await SmallLab.InAsync(host);
        var before = await host.ReadAsync(db => db.People.CountAsync(Cancel));
        const string File = """
            Code court;Prénom;Nom;Date de naissance;Majeur;Fin d'adhésion;Badge;Habilitations;Habilitation depuis;Courriel
            L01;Zoé;Ménard;12/03/2012;;31/08/2026;em:11E3086CED;laser:accompagné;01/02/2026;zoe@exemple.invalid
            ;Ōtani;山田;;oui;2026-08-31;;;;
            M01;Ada;;;;31/08/2026;;laser;;
            """;

        var tried = await RunAsync(host, File, dryRun: true);
        var untouched = await host.ReadAsync(db => db.People.CountAsync(Cancel));
        var done = await RunAsync(host, File);
        var again = await RunAsync(host, File);

        Assert.Equal(before, untouched);
        Assert.False(tried.Done);
        Assert.Equal(tried.Lines, done.Lines);
        Assert.Equal((true, 2, 1, 0), (done.Done, done.Added, done.Changed, done.Faults));
        Assert.Equal(
            [
                (1, ImportFate.Same, "Colonnes laissées de côté : Courriel."),
                (2, ImportFate.Add, "Nouvelle personne, code L01 : un badge, laser."),
                (3, ImportFate.Add, "Nouvelle personne, code M03."),
                (4, ImportFate.Change, "M01 reçoit : adhésion, laser."),
            ],
            done.Lines.Select(line => (line.Line, line.Fate, line.Sentence.Fr)));
        Assert.Equal([ImportFate.Same, ImportFate.Same, ImportFate.Fault, ImportFate.Same], again.Lines.Select(line => line.Fate));
        Assert.Contains("M03", again.Lines[2].Sentence.Fr, StringComparison.Ordinal);
        var zoe = await host.ReadAsync(db => db.People.SingleAsync(person => person.ShortCode == "L01", Cancel));
        Assert.Equal(("Zoé Ménard", new LocalDate(2012, 3, 12), new LocalDate(2026, 8, 31)), (zoe.DisplayName, zoe.BirthDate, zoe.MemberThrough));
        Assert.Equal("Ōtani 山田", (await host.ReadAsync(db => db.People.SingleAsync(person => person.ShortCode == "M03", Cancel))).DisplayName);
        Assert.Equal(1, await host.ReadAsync(db => db.Badges.CountAsync(badge => badge.PersonId == zoe.Id, Cancel)));
        var act = await host.ReadAsync(db => db.HabilitationActs.SingleAsync(a => db.Habilitations.Any(h => h.Id == a.HabilitationId && h.PersonId == zoe.Id), Cancel));
        Assert.Equal((Core.Policy.HabilitationLevel.Accompanied, "import CSV"), (act.Level, act.Evidence));
        Assert.NotNull(act.ValidUntil);
        // An e-mail that nobody asked for is kept nowhere.
        Assert.DoesNotContain(await host.ReadAsync(db => db.AuditValues.Select(value => value.Detail).ToListAsync(Cancel)), detail => detail?.Contains('@', StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Each_bad_line_has_its_sentence_and_then_nothing_comes_in()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.Services.GetRequiredService<Features.People.EnrolBadge>().HandleAsync(lab.Bob, new Features.People.BadgeToEnrol("em:3300000001"), lab.Manager, Cancel);
        var before = await host.ReadAsync(db => db.People.CountAsync(Cancel));
        (string Line, string Says)[] lines =
        [
            ($";{new string('é', 300)};;;;;", "Le nom a 300 caractères"),
            (";;;;;;", ""),
            (";;31/02/2010;;;;", "n’est pas une date"),
            ("Z1;;01/01/2090;;;;", "date de naissance ne peut pas être"),
            ("Z2;;;peut-être;;;", "oui ou non"),
            ("code trop long pour un code;;;;;;", "code court"),
            ("Z3;Bon;;;;;", "Nouvelle personne"),
            ("z3;Bis;;;;;", "déjà à la ligne 8"),
            (";ada;;;;;", "porte déjà ce nom, code M01"),
            ("M01;Autre nom;;;;;", "autre nom"),
            (";Jumeau;;;;;", "Nouvelle personne"),
            (";JUMEAU;;;;;", "Le même nom est à la ligne 12"),
            ("Z4;;;;em:3300000001;;", "quelqu’un d’autre"),
            ("Z5;;;;em:2200000001;;", "Nouvelle personne"),
            ("Z6;;;;em:2200000001;;", "Le même badge est à la ligne 15"),
            ("Z7;;;;pas un numéro;;", "numéro de badge"),
            ("Z8;;;;;broderie;", "« broderie » n’existe pas ici"),
            ("Z9;;;;;laser:maître;", "« maître » n’est ni"),
            ("Z10;;;;;;x;y;z", "plus de colonnes"),
            (";;;;;laser;", "Il faut un nom"),
        ];

        var report = await RunAsync(host, "Code;Nom affiché;Naissance;Majeur;Badge;Habilitations;Preuve\n" + string.Join('\n', lines.Select(line => line.Line)));

        Assert.False(report.Done);
        Assert.Equal(before, await host.ReadAsync(db => db.People.CountAsync(Cancel)));
        Assert.Equal(2, await host.ReadAsync(db => db.Badges.CountAsync(Cancel)));
        Assert.Equal(["badge.enrolled"], await host.ReadAsync(db => db.Audit.Select(entry => entry.Action).ToListAsync(Cancel)));
        var told = lines.Select((line, place) => (line, number: place + 2)).Where(line => line.line.Says.Length > 0).ToList();
        Assert.Equal(told.Select(line => line.number), report.Lines.Select(line => line.Line));
        foreach (var ((_, says), line) in told.Select(t => t.line).Zip(report.Lines))
        {
            Assert.Contains(says, line.Sentence.Fr, StringComparison.Ordinal);
            Assert.Equal(says == "Nouvelle personne", line.Fate == ImportFate.Add);
            Assert.False(string.IsNullOrWhiteSpace(line.Sentence.En));
        }
    }

    [Theory]
    [InlineData("12/03/2009")]
    [InlineData("12-3-2009")]
    [InlineData("12.03.2009")]
    [InlineData("2009-03-12")]
    [InlineData("2009/3/12")]
    [InlineData("12 mars 2009")]
    [InlineData("12 Mars 2009")]
    [InlineData("2009-03-12 00:00:00")]
    public async Task A_day_is_read_as_people_write_it(string written)
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);

        await RunAsync(host, $"code,naissance\nX1,{written}\nX2,03/25/2009\n");

        Assert.Equal(new LocalDate(2009, 3, 12), (await host.ReadAsync(db => db.People.SingleAsync(person => person.ShortCode == "X1", Cancel))).BirthDate);
        Assert.Equal(new LocalDate(2009, 3, 25), (await host.ReadAsync(db => db.People.SingleAsync(person => person.ShortCode == "X2", Cancel))).BirthDate);
    }

    [Theory]
    [InlineData("Prénom;Nom\r\nLéa;\"Durand; dite \"\"Dudu\"\"\"\r\n", 65001)]
    [InlineData("\uFEFFPRENOM,NOM\nLéa,\"Durand; dite \"\"Dudu\"\"\"", 65001)]
    [InlineData("Prénom\tNom\rLéa\t\"Durand; dite \"\"Dudu\"\"\"\r", 1252)]
    [InlineData("\n\nprénom;nom\nLéa;\"Durand; dite \"\"Dudu\"\"\"\n;;\n\n", 1252)]
    [InlineData("Prénom;Nom\nLéa;\"Durand; dite \"\"Dudu\"\"\"\n", 1200)]
    public async Task Files_of_every_office_program_are_read(string text, int codePage)
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(codePage);
        byte[] bytes = codePage == 1200 ? [.. encoding.GetPreamble(), .. encoding.GetBytes(text)] : encoding.GetBytes(text);

        var report = await host.Services.GetRequiredService<IPeopleImport>().RunAsync(bytes, null, false, Cancel);

        Assert.True(report.Done, string.Join('\n', report.Lines));
        Assert.True(await host.ReadAsync(db => db.People.AnyAsync(person => person.DisplayName == "Léa Durand; dite \"Dudu\"", Cancel)));
    }

    [Theory]
    [InlineData("", "vide")]
    [InlineData("   \n", "vide")]
    [InlineData("a;b\n1;2", "nommer les colonnes")]
    [InlineData("nom;nom\nx;y", "deux fois")]
    [InlineData("PK\u0003\u0004\0\0xlsx", "pas un fichier CSV")]
    [InlineData("nom;code\n\"Léa;X1\n", "guillemets")]
    public async Task What_is_no_list_of_people_is_told_in_one_sentence(string text, string says)
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);

        var report = await RunAsync(host, text);

        Assert.False(report.Done);
        Assert.Contains(says, Assert.Single(report.Lines).Sentence.Fr, StringComparison.Ordinal);
    }

    private static Task<ImportReport> RunAsync(BookingHost host, string text, bool dryRun = false) =>
        host.Services.GetRequiredService<IPeopleImport>().RunAsync(Encoding.UTF8.GetBytes(text), null, dryRun, Cancel);
}
