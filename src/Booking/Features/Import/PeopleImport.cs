using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Import;

/// <summary>
/// Goes through the lines in one write, each against the database and the lines before it. A try, or a file with a fault, is
/// undone: nothing is half brought in. Who might be who is never guessed.
/// </summary>
internal sealed class PeopleImport(BookingWriter writer, BadgeKeys keys) : IPeopleImport
{
    public async Task<ImportReport> RunAsync(byte[] file, StaffActor? by, bool dryRun, CancellationToken cancellationToken)
    {
        var read = ImportFile.Read(file);
        if (read.Fault is { } fault)
            return new ImportReport(false, 0, 0, 1, [fault]);
        try
        {
            return await writer.WriteAsync(
                async (write, cancel) =>
                {
                    var report = await new Run(write, keys.Ring, by).AllAsync(read, cancel);
                    if (dryRun || report.Faults > 0)
                        throw new NotBroughtIn(report with { Done = false });
                    return report;
                },
                cancellationToken);
        }
        catch (NotBroughtIn not)
        {
            return not.Report;
        }
    }

    private sealed class NotBroughtIn(ImportReport report) : Exception
    {
        public ImportReport Report { get; } = report;
    }

    private sealed class BadLine(string french, string english) : Exception
    {
        public Words Sentence { get; } = new(french, english);
    }

    private sealed class Run(BookingWrite write, BadgeKeyRing keys, StaffActor? by)
    {
        private readonly BookingDbContext _db = write.Db;
        private readonly Dictionary<string, int> _lineOfCode = new(StringComparer.Ordinal);
        private readonly Dictionary<BadgeId, Badge> _badges = [];
        private readonly Dictionary<BadgeId, int> _lineOfBadge = [];
        private Dictionary<string, Person> _byCode = [];
        private ILookup<string, Person> _byName = Array.Empty<Person>().ToLookup(_ => "");
        private Dictionary<string, int> _lineOfName = [];
        private Dictionary<string, Training> _trainings = [];
        private BadgeIndex _index = BadgeIndex.Empty;
        private DateTimeZone _zone = DateTimeZone.Utc;
        private PersonId _registrar;
        private int _highest;

        public async Task<ImportReport> AllAsync(ImportFile file, CancellationToken cancellationToken)
        {
            await LoadAsync(cancellationToken);
            var lines = new List<ImportLine>();
            if (file.LeftAside.Count > 0)
            {
                var names = string.Join(", ", file.LeftAside);
                lines.Add(new ImportLine(1, ImportFate.Same, new Words($"Colonnes laissées de côté : {names}.", $"Columns left aside: {names}.")));
            }
            foreach (var row in file.Rows)
                lines.Add(row.Fault ?? await OneAsync(row, cancellationToken));
            var (added, changed) = (lines.Count(line => line.Fate == ImportFate.Add), lines.Count(line => line.Fate == ImportFate.Change));
            if (added + changed > 0)
                write.Audit(_registrar, "people.imported", Guid.Empty, $"{added} new, {changed} changed");
            return new ImportReport(true, added, changed, lines.Count(line => line.Fate == ImportFate.Fault), lines);
        }

        private async Task LoadAsync(CancellationToken cancellationToken)
        {
            _registrar = by?.Id ?? (await StaffAccounts.FirstManagerAsync(write, cancellationToken)).Id;
            _zone = await _db.ZoneAsync(cancellationToken);
            var people = await _db.People.ToListAsync(cancellationToken);
            _byCode = people.ToDictionary(person => person.ShortCode, StringComparer.Ordinal);
            _byName = people.Where(person => person.DisplayName is not null).ToLookup(person => ImportFile.Plain(person.DisplayName!), StringComparer.Ordinal);
            _highest = await PersonRules.HighestNumberAsync(_db, cancellationToken);
            foreach (var badge in await _db.Badges.ToListAsync(cancellationToken))
            {
                _badges[badge.Id] = badge;
                _index = _index.Add(badge.Id, badge.Print);
            }
            foreach (var training in await _db.Trainings.Where(training => !training.Retired).ToListAsync(cancellationToken))
            {
                foreach (var name in new[] { training.Code, training.NameFr, training.NameEn })
                    _trainings.TryAdd(ImportFile.Plain(name), training);
            }
        }

        private async Task<ImportLine> OneAsync(ImportRow row, CancellationToken cancellationToken)
        {
            try
            {
                var (person, isNew) = Who(row);
                var given = new List<Words>();
                if (!isNew && Change(person, row))
                    given.Add(new Words("adhésion", "membership"));
                Badges(person, row, given);
                await HabilitationsAsync(person, isNew, row, given, cancellationToken);
                var list = given.Count == 0 ? "" : $" : {string.Join(", ", given.Select(word => word.Fr))}";
                var listEn = given.Count == 0 ? "" : $": {string.Join(", ", given.Select(word => word.En))}";
                var code = person.ShortCode;
                return isNew ? new ImportLine(row.Line, ImportFate.Add, new Words($"Nouvelle personne, code {code}{list}.", $"New person, code {code}{listEn}."))
                    : given.Count > 0 ? new ImportLine(row.Line, ImportFate.Change, new Words($"{code} reçoit{list}.", $"{code} gets{listEn}."))
                    : new ImportLine(row.Line, ImportFate.Same, new Words($"{code} : tout y est déjà.", $"{code}: all of it is there already."));
            }
            catch (BadLine bad)
            {
                return new ImportLine(row.Line, ImportFate.Fault, bad.Sentence);
            }
        }

        private (Person Person, bool IsNew) Who(ImportRow row)
        {
            var name = NameOf(row);
            var birth = Day(row, ImportColumn.BirthDate, "date de naissance", "date of birth");
            var member = Day(row, ImportColumn.MemberThrough, "fin d’adhésion", "end of membership");
            if (PersonRules.Check(name, birth, member, write.Now, _zone) is { } fault)
            {
                throw fault.Field == "birthDate"
                    ? new BadLine($"Cette date de naissance ne peut pas être : {row.Of(ImportColumn.BirthDate)}.", $"This date of birth cannot be: {row.Of(ImportColumn.BirthDate)}.")
                    : new BadLine($"Cette fin d’adhésion ne peut pas être : {row.Of(ImportColumn.MemberThrough)}.", $"This end of membership cannot be: {row.Of(ImportColumn.MemberThrough)}.");
            }
            var adult = YesNo(row);
            string? code = null;
            if (row.Of(ImportColumn.Code) is { Length: > 0 } wanted)
            {
                code = PersonRules.Code(wanted) ?? throw new BadLine(
                    $"Un code court a 1 à {Person.MaxCode} lettres sans accent, chiffres ou tirets.", $"A short code is 1 to {Person.MaxCode} letters without accents, digits and '-'.");
                if (_lineOfCode.TryGetValue(code, out var before))
                    throw new BadLine($"Le code {code} est déjà à la ligne {before}.", $"The code {code} stands on line {before} already.");
                _lineOfCode[code] = row.Line;
                if (_byCode.TryGetValue(code, out var known))
                {
                    if (name is not null && known.DisplayName is { } other && ImportFile.Plain(name) != ImportFile.Plain(other))
                        throw new BadLine($"Le code {code} est déjà celui d’une personne d’un autre nom.", $"The code {code} belongs to a person of another name.");
                    return (known, false);
                }
            }
            else if (name is null)
            {
                throw new BadLine("Il faut un nom ou un code court.", "A name or a short code is needed.");
            }
            else
            {
                if (_byName[ImportFile.Plain(name)].FirstOrDefault() is { } namesake)
                {
                    throw new BadLine(
                        $"Quelqu’un porte déjà ce nom, code {namesake.ShortCode}. Écrivez ce code si c’est la même personne, un nouveau code sinon.",
                        $"Somebody has this name already, code {namesake.ShortCode}. Write this code for the same person, a new one otherwise.");
                }
                if (_lineOfName.TryGetValue(ImportFile.Plain(name), out var twin))
                {
                    throw new BadLine(
                        $"Le même nom est à la ligne {twin}. Donnez un code court à chacune, ou retirez une ligne.",
                        $"The same name is on line {twin}. Give each a short code, or take one line out.");
                }
            }
            if (name is not null)
                _lineOfName.TryAdd(ImportFile.Plain(name), row.Line);
            return (Add(code ?? FreeCode(), name, adult, birth, member), true);
        }

        private Person Add(string code, string? name, bool adult, LocalDate? birth, LocalDate? member)
        {
            var (isAdult, birthDate) = PersonRules.Age(adult, birth, write.Now, _zone);
            var person = new Person
            {
                Id = PersonId.New(write.Now),
                ShortCode = code,
                DisplayName = name,
                IsAdult = isAdult,
                BirthDate = birthDate,
                MemberThrough = member,
                CreatedAt = write.Now,
            };
            _db.People.Add(person);
            _byCode[code] = person;
            write.Audit(_registrar, "person.added", person.Id.Value);
            return person;
        }

        private string FreeCode()
        {
            string code;
            do
                code = PersonRules.NumberedCode(++_highest);
            while (_byCode.ContainsKey(code));
            return code;
        }

        /// <summary>Of somebody known only a later end of membership is taken; everything else the team has changed since stays.</summary>
        private bool Change(Person person, ImportRow row)
        {
            if (Day(row, ImportColumn.MemberThrough, "fin d’adhésion", "end of membership") is not { } member || !(person.MemberThrough is null || person.MemberThrough < member))
                return false;
            person.MemberThrough = member;
            person.Version++;
            write.Audit(_registrar, "person.changed", person.Id.Value);
            return true;
        }

        private void Badges(Person person, ImportRow row, List<Words> given)
        {
            foreach (var number in Parts(row.Of(ImportColumn.Badges)))
            {
                var (read, truncates, fault) = EnrolBadge.Read(new BadgeToEnrol(number, row.Of(ImportColumn.Reader) is { Length: > 0 } reader ? reader : null));
                if (read is null)
                {
                    throw fault!.Field == "reader"
                        ? new BadLine("Plusieurs sortes de lecteurs écrivent ainsi. Dites laquelle dans la colonne « lecteur ».", "Several kinds of reader write so. Say which one in the column “reader”.")
                        : new BadLine("Aucun lecteur connu n’écrit un numéro de badge ainsi.", "No known reader writes a badge number so.");
                }
                var (match, print, outdated) = keys.Find(_index, read, truncates);
                if (outdated && match is BadgeMatch.Known older)
                {
                    _index = _index.Remove(older.Badge, _badges[older.Badge].Print).Add(older.Badge, print);
                    _badges[older.Badge].Renew(print);
                }
                switch (match)
                {
                    case BadgeMatch.Ambiguous:
                        throw new BadLine("Ce numéro est trop court : il va à plusieurs badges.", "This number is too short: it fits several badges.");
                    case BadgeMatch.Known { Badge: var id } when _lineOfBadge.TryGetValue(id, out var before) && before != row.Line:
                        throw new BadLine($"Le même badge est à la ligne {before}.", $"The same badge is on line {before}.");
                    case BadgeMatch.Known { Badge: var id }:
                        var known = _badges[id];
                        if (known.PersonId is { } owner && owner != person.Id)
                            throw new BadLine("Ce badge est déjà à quelqu’un d’autre.", "Somebody else has this badge.");
                        if (known.PersonId == person.Id)
                            break;
                        known.PersonId = person.Id;
                        known.State = BadgeState.Active;
                        known.Version++;
                        Gave(known.Id);
                        break;
                    default:
                        var fresh = Badge.From(print, write.Now);
                        fresh.PersonId = person.Id;
                        _db.Badges.Add(fresh);
                        _badges[fresh.Id] = fresh;
                        _index = _index.Add(fresh.Id, print);
                        Gave(fresh.Id);
                        break;
                }
            }

            void Gave(BadgeId badge)
            {
                _lineOfBadge[badge] = row.Line;
                given.Add(new Words("un badge", "a badge"));
                write.Audit(_registrar, "badge.enrolled", badge.Value, person.ShortCode);
            }
        }

        private async Task HabilitationsAsync(Person person, bool isNew, ImportRow row, List<Words> given, CancellationToken cancellationToken)
        {
            var parts = Parts(row.Of(ImportColumn.Habilitations));
            if (parts.Count == 0)
                return;
            var from = Day(row, ImportColumn.Since, "date d’habilitation", "date of habilitation") is { } day ? day.AtStartOfDayInZone(_zone).ToInstant() : write.Now;
            if (from > write.Now + Duration.FromDays(366))
                throw new BadLine("Une habilitation ne peut pas commencer dans plus d’un an.", "A habilitation cannot begin in more than a year.");
            var evidence = row.Of(ImportColumn.Evidence) is { Length: > 0 } written
                ? Text.Required(written, GrantHabilitation.MaxEvidence)
                    ?? throw new BadLine($"La preuve a plus de {GrantHabilitation.MaxEvidence} caractères.", $"The evidence has more than {GrantHabilitation.MaxEvidence} characters.")
                : "import CSV";
            var standings = isNew ? [] : await HabilitationQueries.StandingsAsync(_db, null, person.Id, cancellationToken);
            foreach (var (training, level) in parts.Select(Habilitation).DistinctBy(part => part.Training.Id))
            {
                var standing = standings.SingleOrDefault(s => s.Training == training.Id);
                // What the team decided here since counts more than an old file.
                if (standing is { Level: > HabilitationLevel.None } or { LastAct: > 1, Level: HabilitationLevel.None })
                    continue;
                var id = standing?.Id ?? HabilitationId.New(write.Now);
                if (standing is null)
                    _db.Habilitations.Add(new Habilitation { Id = id, PersonId = person.Id, TrainingId = training.Id });
                _db.HabilitationActs.Add(new HabilitationAct
                {
                    HabilitationId = id,
                    Number = (standing?.LastAct ?? 0) + 1,
                    Kind = HabilitationActKind.Granted,
                    Level = level,
                    ValidFrom = from,
                    ValidUntil = GrantHabilitation.DefaultEnd(training, from, _zone),
                    By = _registrar,
                    At = write.Now,
                    Evidence = evidence,
                });
                write.Audit(_registrar, "habilitation.granted", id.Value, evidence);
                given.Add(new Words(training.NameFr, training.NameEn));
            }
        }

        private (Training Training, HabilitationLevel Level) Habilitation(string text)
        {
            var parts = text.Split(':', 2);
            if (!_trainings.TryGetValue(ImportFile.Plain(parts[0]), out var training))
                throw new BadLine($"La formation « {Text.Clean(parts[0], 60)} » n’existe pas ici.", $"There is no training “{Text.Clean(parts[0], 60)}” here.");
            var level = parts.Length == 1 ? HabilitationLevel.Autonomous : ImportFile.Plain(parts[1]) switch
            {
                "accompagne" or "accompagnee" or "accompanied" => HabilitationLevel.Accompanied,
                "autonome" or "autonomous" => HabilitationLevel.Autonomous,
                "formateur" or "formatrice" or "trainer" => HabilitationLevel.Trainer,
                _ => throw new BadLine(
                    $"Le niveau « {Text.Clean(parts[1], 40)} » n’est ni accompagné, ni autonome, ni formateur.",
                    $"The level “{Text.Clean(parts[1], 40)}” is neither accompanied, autonomous nor trainer."),
            };
            return (training, level);
        }

        private static string? NameOf(ImportRow row)
        {
            var name = row.Of(ImportColumn.Name) is { Length: > 0 } whole ? whole : $"{row.Of(ImportColumn.FirstName)} {row.Of(ImportColumn.LastName)}";
            var clean = Text.Clean(name, int.MaxValue);
            if (clean.Length > Person.MaxName)
                throw new BadLine($"Le nom a {clean.Length} caractères ; {Person.MaxName} au plus.", $"The name has {clean.Length} characters; {Person.MaxName} at most.");
            return clean.Length == 0 ? null : clean;
        }

        private static LocalDate? Day(ImportRow row, ImportColumn column, string french, string english)
        {
            var text = row.Of(column);
            return text.Length == 0
                ? null
                : ImportDates.Read(text) ?? throw new BadLine(
                    $"« {Text.Clean(text, 40)} » n’est pas une date ({french}). Écrivez 31/12/2026.", $"“{Text.Clean(text, 40)}” is no date ({english}). Write 31/12/2026.");
        }

        private static bool YesNo(ImportRow row) => ImportFile.Plain(row.Of(ImportColumn.Adult)) switch
        {
            "" or "non" or "no" or "n" or "0" or "false" or "faux" => false,
            "oui" or "yes" or "o" or "y" or "x" or "1" or "true" or "vrai" => true,
            _ => throw new BadLine("Dans « majeur », écrivez oui ou non.", "In “adult”, write yes or no."),
        };

        private static List<string> Parts(string text) =>
            [.. text.Split(['|', '+'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
