using System.Text;

namespace FabLab.Gateway.Drivers;

/// <summary>Files with secrets in them: readable by their owner alone, and never half written.</summary>
internal static class PrivateFile
{
    /// <summary>Writes beside the old file, reads it back, and puts it in the old one's place.</summary>
    /// <exception cref="IOException">It could not be written whole; the old file stands.</exception>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public static void Write(string path, byte[] bytes)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The gateway runs on Linux.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        // What is on the disk decides, not what was meant to go there: a full disk cuts files off.
        if (!File.ReadAllBytes(fresh).AsSpan().SequenceEqual(bytes))
            throw new IOException($"{Path.GetFileName(path)} was not written whole.");
        File.Move(fresh, path, overwrite: true);
    }
}
