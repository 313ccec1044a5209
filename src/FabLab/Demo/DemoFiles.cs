namespace FabLab.Host.Demo;

/// <summary>What the demonstration needs beside this program.</summary>
/// <param name="Program">The virtual lab.</param>
/// <param name="Lab">The description of the sample lab.</param>
internal sealed record DemoFiles(string Program, string Lab)
{
    /// <summary>What happens in the sample lab around the day of the start; it lies beside its description.</summary>
    public string Life => Path.Combine(Path.GetDirectoryName(Lab)!, "life.json");

    private const string LabFile = "samples/lab/lab.json";

    /// <returns>Null when something is missing; it has been said then.</returns>
    public static DemoFiles? Find(TextWriter error)
    {
        var program = VirtualLabProcess.Find();
        var lab = FindLab();
        if (program is null)
            error.WriteLine("fablab: the virtual lab is not built. Start the demonstration with ./fablab demo from the repository.");
        if (lab is null)
            error.WriteLine($"fablab: {LabFile} is not there. Start the demonstration with ./fablab demo from the repository.");
        return program is null || lab is null ? null : new DemoFiles(program, lab);
    }

    private static string? FindLab()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, LabFile);
            if (File.Exists(file))
                return file;
        }
        return null;
    }
}
