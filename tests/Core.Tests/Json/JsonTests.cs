using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Json;

public sealed class JsonTests
{
    private static readonly string[] Rooms = ["FabLab.Core", "FabLab.Core.Access", "FabLab.Core.Badges", "FabLab.Core.Policy", "FabLab.Core.Sessions"];

    // A badge number never leaves as JSON: what is stored or sent are its hashes.
    private static readonly Type[] NotForJson = [typeof(BadgeNumber)];

    public static TheoryData<Type> Records()
    {
        TheoryData<Type> data = [];
        foreach (Type type in Samples.Core.GetExportedTypes())
        {
            bool record = type.IsValueType
                ? type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null
                : type.GetMethod("<Clone>$") is not null;
            if (record && !type.IsAbstract && Rooms.Contains(type.Namespace) && !NotForJson.Contains(type))
            {
                data.Add(type);
            }
        }

        return data;
    }

    public static TheoryData<Type> Hierarchies() =>
        [typeof(PolicyEntity), typeof(TrainingNeed), typeof(OpeningRule), typeof(BadgeMatch), typeof(AccessDecision), typeof(MachineState), typeof(MachineSignal), typeof(MachineEvent)];

    [Theory]
    [MemberData(nameof(Records))]
    public void Every_record_comes_back_from_json_as_it_went(Type type)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            object made = new Samples(seed, withNulls: seed % 2 == 1).Make(type);

            string json = JsonSerializer.Serialize(made, type, CoreJson.Options);
            object? read = JsonSerializer.Deserialize(json, type, CoreJson.Options);

            Assert.Equal(made, read);
            Assert.Equal(json, JsonSerializer.Serialize(read, type, CoreJson.Options));
        }
    }

    [Theory]
    [MemberData(nameof(Hierarchies))]
    public void Every_kind_of_a_closed_hierarchy_is_named_in_json_and_comes_back(Type hierarchy)
    {
        HashSet<string> names = [];
        foreach (Type kind in Samples.Concrete(hierarchy))
        {
            object made = new Samples(7).Make(kind);

            string json = JsonSerializer.Serialize(made, hierarchy, CoreJson.Options);
            object? read = JsonSerializer.Deserialize(json, hierarchy, CoreJson.Options);

            Assert.Equal(made, read);
            using JsonDocument document = JsonDocument.Parse(json);
            string name = document.RootElement.GetProperty("t").GetString()!;
            Assert.True(names.Add(name), $"{name} names two kinds");
            Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.Name.Replace("Rule", "", StringComparison.Ordinal)), name);
        }
    }

    [Fact]
    public void The_kind_may_stand_anywhere_in_the_object()
    {
        TrainingNeed? read = JsonSerializer.Deserialize<TrainingNeed>(
            """{"training":"0195a5c0-0000-7000-8000-000000000001","t":"one"}""", CoreJson.Options);

        Assert.IsType<TrainingNeed.One>(read);
    }

    [Fact]
    public void Instants_and_durations_are_milliseconds_and_dates_are_iso()
    {
        Assert.Equal("1773133200000", JsonSerializer.Serialize(Instant.FromUtc(2026, 3, 10, 9, 0), CoreJson.Options));
        Assert.Equal("1500", JsonSerializer.Serialize(Duration.FromMilliseconds(1500), CoreJson.Options));
        Assert.Equal("\"2026-03-10\"", JsonSerializer.Serialize(new LocalDate(2026, 3, 10), CoreJson.Options));
        Assert.Equal("\"too_young_alone\"", JsonSerializer.Serialize(AccessReason.TooYoungAlone, CoreJson.Options));
    }

    [Fact]
    public void Ids_are_text_also_as_names_of_properties()
    {
        MachineId id = MachineId.From(Guid.Parse("0195a5c0-0000-7000-8000-00000000000a"));
        Dictionary<MachineId, int> table = new() { [id] = 3 };
        Dictionary<DeviceId, int> devices = new() { [new DeviceId("las-1")] = 4 };

        string json = JsonSerializer.Serialize(table, CoreJson.Options);

        Assert.Equal("""{"0195a5c0-0000-7000-8000-00000000000a":3}""", json);
        Assert.Equal(table, JsonSerializer.Deserialize<Dictionary<MachineId, int>>(json, CoreJson.Options));
        Assert.Equal(devices, JsonSerializer.Deserialize<Dictionary<DeviceId, int>>(JsonSerializer.Serialize(devices, CoreJson.Options), CoreJson.Options));
    }

    [Fact]
    public void Ids_read_and_write_under_options_that_know_nothing_of_core()
    {
        MachineId id = MachineId.New(Instant.FromUtc(2026, 3, 10, 9, 0));

        Assert.Equal(id, JsonSerializer.Deserialize<MachineId>(JsonSerializer.Serialize(id)));
    }

    [Theory]
    [InlineData(typeof(Instant), "\"2026-03-10\"")]
    [InlineData(typeof(Instant), "1.5")]
    [InlineData(typeof(Instant), "9223372036854775807")]
    [InlineData(typeof(Instant), "null")]
    [InlineData(typeof(Duration), "\"1s\"")]
    [InlineData(typeof(Duration), "1.5")]
    [InlineData(typeof(Duration), "9223372036854775807")]
    [InlineData(typeof(LocalDate), "\"10/03/2026\"")]
    [InlineData(typeof(LocalDate), "20260310")]
    [InlineData(typeof(MachineId), "\"LAS-1\"")]
    [InlineData(typeof(MachineId), "12")]
    [InlineData(typeof(DeviceId), "12")]
    [InlineData(typeof(BadgeHash), "\"1.zz\"")]
    [InlineData(typeof(BadgeHash), "\"00112233445566778899aabbccddeeff\"")]
    [InlineData(typeof(BadgeHash), "1")]
    [InlineData(typeof(AccessReason), "3")]
    [InlineData(typeof(AccessReason), "\"no_such_reason\"")]
    [InlineData(typeof(TrainingNeed), "{}")]
    [InlineData(typeof(TrainingNeed), "{\"t\":\"nothing\"}")]
    [InlineData(typeof(ValueList<Words>), "[null]")]
    [InlineData(typeof(ValueList<Words>), "{}")]
    [InlineData(typeof(Dictionary<MachineId, int>), "{\"LAS-1\":3}")]
    [InlineData(typeof(MachineRule), "{\"id\":\"0195a5c0-0000-7000-8000-00000000000a\"}")]
    public void What_is_not_a_record_of_core_is_refused(Type type, string json)
    {
        Exception? thrown = Record.Exception(() => JsonSerializer.Deserialize(json, type, CoreJson.Options));

        Assert.True(thrown is JsonException or NotSupportedException, $"{thrown?.GetType().Name ?? "nothing"} was thrown");
    }

    [Fact]
    public void Every_hierarchy_that_is_closed_names_all_its_kinds()
    {
        foreach (Type type in Samples.Core.GetExportedTypes().Where(t => t.GetCustomAttribute<JsonPolymorphicAttribute>() is not null))
        {
            HashSet<Type> named = [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType)];

            Assert.Equal(Samples.Concrete(type).ToHashSet(), named);
        }
    }
}
