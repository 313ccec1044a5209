using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using NodaTime;

namespace FabLab.Booking.Features.Privacy;

/// <summary>
/// Everything that is kept about one person, table by table, as JSON. It goes by the same list as the erasure. What only protects
/// them (hashes of passwords, links and badge numbers) is left out: it says nothing about them.
/// </summary>
internal sealed class PersonExport(BookingWriter writer, IDbContextFactory<BookingDbContext> contexts, TimeProvider time)
{
    private static readonly Dictionary<Type, string[]> OnlyProtects = new()
    {
        [typeof(StaffAccount)] = [nameof(StaffAccount.Stamp), nameof(StaffAccount.PasswordHash), nameof(StaffAccount.TotpKey), nameof(StaffAccount.TotpStep)],
        [typeof(Passkey)] = [nameof(Passkey.SignCount)],
        [typeof(DoorPinRow)] = [nameof(DoorPinRow.Salt), nameof(DoorPinRow.Hash), nameof(DoorPinRow.Rounds)],
    };

    /// <summary>To themselves, or to who may hand it out: that is an act and leaves its trace.</summary>
    public async Task<Outcome<JsonObject>> HandOutAsync(PersonId person, StaffActor by, CancellationToken cancellationToken)
    {
        var outcome = await writer.ChangeAsync<bool>(
            async (write, cancel) =>
            {
                if (!await write.Db.MayAsync(by, Right.ExportPeople, person, cancel))
                    return Refusal.NotFound("person");
                if (!await write.Db.People.AnyAsync(p => p.Id == person, cancel))
                    return Refusal.NotFound("person");
                if (by.Id != person)
                    write.Audit(by.Id, "person.read_out", person.Value);
                return true;
            },
            cancellationToken);
        if (outcome.Refusal is { } refusal)
            return refusal;
        return await OfAsync(person, cancellationToken) is { } data ? data : Refusal.NotFound("person");
    }

    /// <returns>Null when there is no such person.</returns>
    public async Task<JsonObject?> OfAsync(PersonId person, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var snapshot = await db.BeginSnapshotAsync(cancellationToken);
        if (!await db.People.AnyAsync(p => p.Id == person, cancellationToken))
            return null;
        var tables = new JsonObject();
        foreach (var columns in PersonalColumn.All.Where(column => column.IsPerson).Reverse().GroupBy(column => column.Entity))
        {
            var type = db.Model.FindEntityType(columns.Key)!;
            var names = columns.Select(column => type.FindProperty(column.Property)!.GetColumnName());
            var rows = await RowsAsync(db, type, string.Join(" OR ", names.Select(name => $"{name} = @person")), person.Value, cancellationToken);
            foreach (var row in rows)
                WithoutOthers(type, row!.AsObject(), person);
            if (rows.Count > 0)
                tables[type.GetTableName()!] = rows;
        }
        var acts = db.Model.FindEntityType(typeof(HabilitationAct))!;
        var theirs = await RowsAsync(db, acts, "habilitation_id IN (SELECT id FROM habilitation WHERE person_id = @person)", person.Value, cancellationToken);
        foreach (var row in theirs)
            Without(row!.AsObject(), acts, nameof(HabilitationAct.By));
        if (theirs.Count > 0)
            tables["habilitation_act_about_them"] = theirs;
        var jobs = db.Model.FindEntityType(typeof(MachineJobRow))!;
        var made = await RowsAsync(db, jobs, "session_id IN (SELECT session_id FROM machine_time WHERE person_id = @person)", person.Value, cancellationToken);
        if (made.Count > 0)
            tables["machine_job_of_their_uses"] = made;
        if (await AuditAsync(db, person, cancellationToken) is { Count: > 0 } audit)
            tables["audit"] = audit;
        if (await JournalAsync(db, person, cancellationToken) is { Count: > 0 } journal)
            tables["journal"] = journal;
        var limits = (await db.BookingQuotas.AsNoTracking().Select(row => row.Quota).ToListAsync(cancellationToken)).Where(quota => quota.People.Contains(person)).ToList();
        if (limits.Count > 0)
            tables["booking_quota"] = new JsonArray([.. limits.Select(quota => JsonSerializer.SerializeToNode(quota with { People = [person] }, CoreJson.Options))]);
        return new JsonObject { ["madeAt"] = time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture), ["tables"] = tables };
    }

    private static async Task<JsonArray> RowsAsync(BookingDbContext db, IEntityType type, string where, Guid person, CancellationToken cancellationToken)
    {
        var properties = type.GetProperties().Where(IsAboutThem).ToList();
        var connection = db.Database.GetDbConnection();
        await using var command = connection.CreateCommand();
        command.Transaction = (db.Database.CurrentTransaction as Microsoft.EntityFrameworkCore.Infrastructure.IInfrastructure<DbTransaction>)?.Instance;
#pragma warning disable CA2100 // Names of tables and columns come from the model.
        command.CommandText = $"SELECT {string.Join(", ", properties.Select(property => property.GetColumnName()))} FROM {type.GetTableName()} WHERE {where}";
#pragma warning restore CA2100
        var parameter = command.CreateParameter();
        parameter.ParameterName = "person";
        parameter.Value = person;
        command.Parameters.Add(parameter);
        var rows = new JsonArray();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new JsonObject();
            for (var place = 0; place < properties.Count; place++)
            {
                if (!await reader.IsDBNullAsync(place, cancellationToken))
                    row[properties[place].GetColumnName()] = Value(properties[place], reader, place);
            }
            rows.Add(row);
        }
        return rows;
    }

    private static bool IsAboutThem(IProperty property)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return type != typeof(byte[]) && type != typeof(BadgeHash) && property.Name != "Version"
            && !(OnlyProtects.TryGetValue(property.DeclaringType.ClrType, out var names) && names.Contains(property.Name));
    }

    /// <summary>Rows that name them beside somebody else: who that is, and words that staff wrote about that one, are not theirs.</summary>
    private static void WithoutOthers(IEntityType type, JsonObject row, PersonId person)
    {
        var id = person.ToString();
        foreach (var column in PersonalColumn.All.Where(column => column.IsPerson && column.Entity == type.ClrType))
        {
            if (row[Column(type, column.Property)]?.ToString() is { } value && !string.Equals(value, id, StringComparison.OrdinalIgnoreCase))
                Without(row, type, column.Property);
        }
        if (type.ClrType == typeof(HabilitationAct))
            Without(row, type, nameof(HabilitationAct.Evidence));
        if (type.ClrType == typeof(MachineTimeEntry) && row[Column(type, nameof(MachineTimeEntry.PersonId))] is null)
        {
            Without(row, type, nameof(MachineTimeEntry.Reason));
            Without(row, type, nameof(MachineTimeEntry.BadgeId));
        }
        if (type.ClrType == typeof(MachineJobRow) && row[Column(type, nameof(MachineJobRow.PersonId))] is null)
            Without(row, type, nameof(MachineJobRow.Name));
        if (type.ClrType == typeof(Reservation) && row[Column(type, nameof(Reservation.PersonId))] is null)
        {
            Without(row, type, nameof(Reservation.Decision));
            Without(row, type, nameof(Reservation.Note));
        }
    }

    private static void Without(JsonObject row, IEntityType type, string property) => row.Remove(Column(type, property));

    private static string Column(IEntityType type, string property) => type.FindProperty(property)!.GetColumnName();

    /// <summary>As people read it: an instant as a date, a code as its word.</summary>
    private static JsonNode? Value(IProperty property, DbDataReader reader, int place)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return type switch
        {
            _ when type == typeof(Instant) => Instant.FromUnixTimeMilliseconds(reader.GetInt64(place)).ToString(),
            _ when type == typeof(LocalDate) => NodaTime.Text.LocalDatePattern.Iso.Format((LocalDate)new LocalDateNumber().ConvertFromProvider(reader.GetInt32(place))!),
            _ when type == typeof(bool) => reader.GetBoolean(place),
            _ when type.IsEnum => Enum.ToObject(type, reader.GetInt32(place)).ToString(),
            _ when type == typeof(long) || type == typeof(int) => reader.GetInt64(place),
            _ => reader.GetValue(place).ToString(),
        };
    }

    private static async Task<JsonArray> AuditAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken)
    {
        List<Guid> ids = [.. await Detachment.IdsAsync(db, person, cancellationToken)];
        var id = person.ToString();
        var acts = await (
            from entry in db.Audit
            join value in db.AuditValues on entry.Seq equals value.Seq
            let about = (value.Subject != null && ids.Contains(value.Subject.Value)) || (value.Detail != null && value.Detail.Contains(id))
            where value.By == person || about
            orderby entry.Seq
            select new { entry.At, entry.Action, ByThem = value.By == person, Detail = about ? value.Detail : null }).ToListAsync(cancellationToken);
        return
        [
            .. acts.Select(act => (JsonNode)new JsonObject
            {
                ["at"] = act.At.ToString(),
                ["action"] = act.Action,
                ["by_them"] = act.ByThem,
                ["detail"] = act.Detail,
            }),
        ];
    }

    private static async Task<JsonArray> JournalAsync(BookingDbContext db, PersonId person, CancellationToken cancellationToken)
    {
        var id = person.ToString();
        var rows = await db.Journal.Where(row => row.Body.Contains(id)).OrderBy(row => row.At).Select(row => new { row.At, row.Kind, row.Body }).ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(row => (JsonNode)new JsonObject { ["at"] = row.At.ToString(), ["kind"] = row.Kind, ["body"] = JsonNode.Parse(row.Body) }),
        ];
    }
}
