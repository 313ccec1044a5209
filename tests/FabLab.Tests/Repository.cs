namespace FabLab.Host.Tests;

/// <summary>Where the repository's files are, seen from a built test.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "FabLab.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests are not inside the repository: FabLab.sln was not found above them.");
    }
}
