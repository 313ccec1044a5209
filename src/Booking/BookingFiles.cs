using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace FabLab.Booking;

/// <summary>
/// What Booking keeps as files in the data folder: the database, and secrets that only this user may read.
/// </summary>
public sealed class BookingFiles(IOptions<BookingOptions> options)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string Folder { get; } = options.Value.DataFolder;

    public string Database => Path.Combine(Folder, "booking.db");

    internal string Lock => Path.Combine(Folder, "booking.lock");

    /// <summary>Where the keys that protect the sign-in cookies lie.</summary>
    internal string CookieKeys => Path.Combine(Folder, "cookie-keys");

    /// <summary>The school holidays the lab put in by hand; missing when it uses those that come with the product.</summary>
    public string SchoolHolidays => Path.Combine(Folder, "school-holidays.json");

    /// <summary>The lab's secret for the keyed hashes of badges. The gateway reads the same one.</summary>
    public string BadgeKey => Path.Combine(Folder, "badge.key");

    /// <summary>The keys that badges for skills are signed with, one a line; the last one signs.</summary>
    internal string RecognitionKeys => Path.Combine(Folder, "recognition.key");

    /// <summary>The bearer key of a gateway, as text.</summary>
    public string GatewayKey(string gateway) => Path.Combine(Folder, $"gateway-{gateway}.key");

    /// <summary>The bearer key of a kiosk, as text.</summary>
    public string KioskKey(string kiosk) => Path.Combine(Folder, $"kiosk-{kiosk}.key");

    internal void MakeFolder()
    {
        Directory.CreateDirectory(Folder);
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(CookieKeys, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes a secret anew. The file is the old one or the new one, never half of either, and never readable by others.</summary>
    internal static void ReplaceSecret(string path, IEnumerable<string> lines)
    {
        var draft = $"{path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
        var form = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            form.UnixCreateMode = OwnerOnly;
        }
        using (var file = new StreamWriter(draft, form))
        {
            foreach (var line in lines)
                file.WriteLine(line);
        }
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Reads a secret, or makes one of 32 random bytes when there is none. The file appears whole or not at all.</summary>
    internal static string ReadOrMakeSecret(string path)
    {
        if (!File.Exists(path))
        {
            var draft = $"{path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
            var form = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                form.UnixCreateMode = OwnerOnly;
            }
            using (var file = new StreamWriter(draft, form))
            {
                file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            }
            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Somebody else made it in the meantime: theirs counts.
                File.Delete(draft);
            }
        }
        return File.ReadAllText(path).Trim();
    }
}
