using System.Text.Json;

namespace FabLab.VirtualLab.World;

/// <summary>One machine as the lab's description names it, with what the virtual lab needs to play it.</summary>
/// <param name="Code">Painted on it.</param>
/// <param name="Kind">Decides what it draws.</param>
/// <param name="Training">The training it asks for; null when it asks for none.</param>
/// <param name="AgeAlone">From which age it is used alone.</param>
/// <param name="Roles">Its devices: role, device, channel.</param>
public sealed record DescribedMachine(string Code, string Kind, string? Training, int AgeAlone, IReadOnlyList<(string Role, string Device, int Channel)> Roles);

/// <summary>One person of the description.</summary>
/// <param name="Code">Short code.</param>
/// <param name="Badge">The number of their tag, ten hex digits; null for somebody without one.</param>
/// <param name="Age">In years.</param>
/// <param name="Trainings">What they have learnt.</param>
public sealed record DescribedPerson(string Code, string? Badge, int Age, IReadOnlyList<string> Trainings);

/// <summary>The part of a lab's description (samples/lab/lab.json) that makes its hardware and who holds which badge.</summary>
public sealed record LabDescription(IReadOnlyList<DescribedMachine> Machines, IReadOnlyList<DescribedPerson> People)
{
    public static LabDescription Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = document.RootElement;
        return new LabDescription(
            [.. root.GetProperty("machines").EnumerateArray().Select(Machine)],
            [.. root.GetProperty("people").EnumerateArray().Select(Person)]);
    }

    public DescribedPerson? FindPerson(string code) => People.FirstOrDefault(person => person.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    private static DescribedMachine Machine(JsonElement machine) => new(
        Text(machine, "code"),
        machine.TryGetProperty("type", out var type) ? type.GetString() ?? "" : "",
        machine.TryGetProperty("requires", out var requires) && requires.ValueKind == JsonValueKind.String ? requires.GetString() : null,
        machine.TryGetProperty("ageAlone", out var age) ? age.GetInt32() : 0,
        machine.TryGetProperty("devices", out var devices)
            ? [.. devices.EnumerateArray().Select(device => (Text(device, "role").ToLowerInvariant(), Text(device, "device"), device.TryGetProperty("channel", out var channel) ? channel.GetInt32() : 0))]
            : []);

    private static DescribedPerson Person(JsonElement person) => new(
        Text(person, "code"),
        person.TryGetProperty("badges", out var badges) && badges.GetArrayLength() > 0 ? badges[0].GetString() : null,
        person.TryGetProperty("age", out var age) ? age.GetInt32() : 30,
        person.TryGetProperty("habilitations", out var habilitations) ? [.. habilitations.EnumerateArray().Select(habilitation => Text(habilitation, "training"))] : []);

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is empty.");
}
