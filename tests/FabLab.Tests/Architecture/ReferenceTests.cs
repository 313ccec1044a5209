using System.Reflection;

namespace FabLab.Host.Tests.Architecture;

/// <summary>The table of rooms in docs/architecture.md: who may use whom.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string, string[]> Rooms => new()
    {
        { "FabLab.Core", [] },
        { "FabLab.Protocol", [] },
        { "FabLab.Ui", [] },
        { "FabLab.Contracts", ["FabLab.Core"] },
        { "FabLab.Gateway", ["FabLab.Core", "FabLab.Protocol", "FabLab.Contracts"] },
        { "FabLab.Booking", ["FabLab.Core", "FabLab.Contracts", "FabLab.Ui"] },
        { "FabLab.Kiosk", ["FabLab.Core", "FabLab.Contracts", "FabLab.Ui"] },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_the_rooms_that_the_table_allows(string room, string[] allowed)
    {
        var used = Assembly.Load(room).GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("FabLab.", StringComparison.Ordinal));

        Assert.Empty(used.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_project_file_names_only_the_rooms_that_the_table_allows(string room, string[] allowed)
    {
        // The compiler drops a reference that nothing uses yet; the project file shows the intention.
        var name = room["FabLab.".Length..];
        var project = System.Xml.Linq.XDocument.Load(Repository.File("src", name, $"{name}.csproj"));

        var named = project.Descendants("ProjectReference")
            .Select(reference => $"FabLab.{Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)}");

        Assert.Empty(named.Except(allowed));
    }

    [Fact]
    public void The_rules_of_the_lab_need_no_package_but_the_calendar()
    {
        var foreign = Assembly.Load("FabLab.Core").GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("NodaTime" or "netstandard"));

        Assert.Empty(foreign);
    }
}
