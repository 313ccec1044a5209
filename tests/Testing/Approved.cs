using System.Runtime.CompilerServices;

namespace FabLab.Testing;

/// <summary>
/// Compares a text with the approved one beside the test's file. A difference writes <c>*.received.*</c> there and says so;
/// who agrees with it moves that file over the approved one.
/// </summary>
public static class Approved
{
    /// <summary>Compares, and writes the received file when they differ.</summary>
    /// <param name="received">The text now. Line ends are made equal.</param>
    /// <param name="name">File name without ending, such as "openapi".</param>
    /// <param name="extension">Such as "json".</param>
    /// <param name="testFile">Filled in by the compiler.</param>
    /// <returns>Null when they are equal, else what to tell the reader of the failed test.</returns>
    public static async Task<string?> DifferenceAsync(string received, string name, string extension, [CallerFilePath] string testFile = "")
    {
        var folder = Path.GetDirectoryName(testFile)!;
        var approvedPath = Path.Combine(folder, $"{name}.approved.{extension}");
        var receivedPath = Path.Combine(folder, $"{name}.received.{extension}");
        var now = Normal(received);
        var before = File.Exists(approvedPath) ? Normal(await File.ReadAllTextAsync(approvedPath)) : null;
        if (before == now)
        {
            File.Delete(receivedPath);
            return null;
        }
        await File.WriteAllTextAsync(receivedPath, now);
        return before is null
            ? $"Nothing is approved yet. Look at {Path.GetFileName(receivedPath)} and rename it to {Path.GetFileName(approvedPath)}."
            : $"{FirstDifference(before, now)} Look at {Path.GetFileName(receivedPath)}; when it is right, move it over {Path.GetFileName(approvedPath)}.";
    }

    private static string Normal(string text) => text.ReplaceLineEndings("\n").TrimEnd() + "\n";

    private static string FirstDifference(string before, string now)
    {
        var old = before.Split('\n');
        var fresh = now.Split('\n');
        for (var line = 0; line < Math.Min(old.Length, fresh.Length); line++)
        {
            if (old[line] != fresh[line])
                return $"Line {line + 1} was '{old[line].Trim()}' and is '{fresh[line].Trim()}'.";
        }
        return $"There were {old.Length} lines and are {fresh.Length}.";
    }
}
