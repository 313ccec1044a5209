namespace FabLab.Host.Settings;

/// <summary>Names of the default data folders.</summary>
internal static class DataFolders
{
    public const string Lab = "lab";

    public const string Demo = "demo";
}
