using System.Globalization;
using System.Text;
using FabLab.Gateway.Drivers;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Broker;

/// <summary>
/// The three files of the managed broker: settings, passwords, rights. Each is built, checked line by line and only then
/// swapped in, readable by the owner alone. Mosquitto 2.0 lets everything through when it is told to read a rights file with
/// a line it does not understand, so nothing unchecked ever stands under that name.
/// </summary>
internal sealed class BrokerFiles(string folder, BrokerOptions options)
{
    /// <summary>Too short to be a device's name, so no device can have it.</summary>
    public const string GatewayUser = "gw";

    public const int MaxPacketBytes = 16 * 1024;

    public string Configuration { get; } = Path.Combine(folder, "mosquitto.conf");

    public string Passwords { get; } = Path.Combine(folder, "passwords");

    public string Rights { get; } = Path.Combine(folder, "rights");

    public string ProcessFile { get; } = Path.Combine(folder, "broker.pid");

    /// <summary>Writes passwords and rights for these devices and the gateway.</summary>
    /// <returns>The devices left out, because their names or topics cannot stand in such a file; they are refused, the others are not held up.</returns>
    /// <exception cref="IOException">A file could not be written; the old ones stand.</exception>
    /// <exception cref="InvalidDataException">What was built would not be read as it is meant; the old ones stand.</exception>
    public IReadOnlyList<string> WriteAccess(string gatewayPassword, IReadOnlyCollection<DeviceAccess> all)
    {
        var devices = all.Where(CanBeWritten).DistinctBy(d => d.UserName).ToList();
        var passwords = PasswordText(gatewayPassword, devices);
        var rights = RightsText(devices);
        CheckPasswords(passwords);
        CheckRights(rights);
        // Rights first: a device that may sign in already has its limits.
        Swap(Rights, rights);
        Swap(Passwords, passwords);
        return [.. all.Except(devices).Select(d => d.UserName)];
    }

    public void WriteConfiguration() => Swap(Configuration, ConfigurationText());

    /// <summary>Whether what stands on the disk now is what Mosquitto reads as it is meant.</summary>
    public bool AccessIsSound()
    {
        try
        {
            CheckPasswords(File.ReadAllText(Passwords));
            CheckRights(File.ReadAllText(Rights));
            return true;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string ConfigurationText()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"# Written by FabLab at each start; changes here are lost.");
        Line($"per_listener_settings false");
        Line($"allow_anonymous false");
        Line($"password_file {Passwords}");
        Line($"acl_file {Rights}");
        Line($"persistence false");
        Line($"max_packet_size {options.MaxMessageBytes}");
        Line($"max_keepalive 120");
        Line($"max_inflight_messages 1000");
        Line($"max_queued_messages 2000");
        Line($"queue_qos0_messages false");
        Line($"set_tcp_nodelay true");
        Line($"check_retain_source true");
        Line($"sys_interval 0");
        Line($"log_dest stderr");
        Line($"log_timestamp false");
        Line($"log_type error");
        Line($"log_type warning");
        Line($"log_type notice");
        Line($"log_type information");
        // As root the broker would change to a user who may not read these files. The gateway should not run as root at all.
        if (Environment.UserName == "root")
            Line($"user root");
        var everywhere = options.LanAddress is "0.0.0.0" or "::";
        if (!everywhere)
            Listener(options.Port, "127.0.0.1");
        if (options.LanAddress is { } lan && lan != "127.0.0.1")
            Listener(options.Port, lan);
        if (options.CertificateFile is { } certificate)
        {
            Listener(options.TlsPort, options.LanAddress ?? "127.0.0.1");
            Line($"certfile {certificate}");
            Line($"keyfile {options.KeyFile!}");
            Line($"tls_version tlsv1.2");
        }
        return text.ToString();

        void Listener(int port, string address)
        {
            Line($"listener {port} {address}");
            // The client id is the name that was proven by the password: nobody can throw another out by taking its id.
            Line($"use_username_as_clientid true");
        }
    }

    private static bool CanBeWritten(DeviceAccess device) =>
        Protocol.DeviceId.TryParse(device.UserName, out _)
        && device.Password.Length > 0
        && device.Publish.Concat(device.Subscribe).All(IsDeviceFilter);

    private static bool IsDeviceFilter(string filter) =>
        TopicFilter.IsFilter(filter) && filter[0] is not ('#' or '+' or '$') && !filter.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    private static string PasswordText(string gatewayPassword, IEnumerable<DeviceAccess> devices)
    {
        var text = new StringBuilder();
        text.Append(GatewayUser).Append(':').Append(BrokerPassword.Hash(gatewayPassword)).Append('\n');
        foreach (var device in devices)
            text.Append(device.UserName).Append(':').Append(BrokerPassword.Hash(device.Password)).Append('\n');
        return text.ToString();
    }

    private static string RightsText(IEnumerable<DeviceAccess> devices)
    {
        var text = new StringBuilder();
        text.Append("user ").Append(GatewayUser).Append('\n').Append("topic readwrite #\n");
        foreach (var device in devices)
        {
            text.Append("user ").Append(device.UserName).Append('\n');
            text.Append("topic read fl/1/gw/state\n");
            foreach (var filter in device.Publish)
                text.Append("topic write ").Append(filter).Append('\n');
            foreach (var filter in device.Subscribe)
                text.Append("topic read ").Append(filter).Append('\n');
        }
        text.Append("pattern write fl/1/%u/up/#\n");
        text.Append("pattern read fl/1/%u/dn/#\n");
        return text.ToString();
    }

    internal static void CheckPasswords(string text)
    {
        var lines = Lines(text, "passwords");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (!BrokerPassword.IsLine(line) || !names.Add(line[..line.IndexOf(':', StringComparison.Ordinal)]))
                throw new InvalidDataException("A line of the broker's password file is not as it must be.");
        }
    }

    internal static void CheckRights(string text)
    {
        var patterns = 0;
        string? user = null;
        foreach (var line in Lines(text, "rights"))
        {
            var words = line.Split(' ');
            var good = words switch
            {
                ["user", GatewayUser] => true,
                ["user", var name] => Protocol.DeviceId.TryParse(name, out _),
                ["topic", "readwrite", "#"] => user == GatewayUser,
                ["topic", "read" or "write", var filter] => user is not null && user != GatewayUser && IsDeviceFilter(filter),
                ["pattern", "read" or "write", var pattern] => pattern.Contains("/%u/", StringComparison.Ordinal) && TopicFilter.IsFilter(pattern),
                _ => false,
            };
            if (!good)
                throw new InvalidDataException("A line of the broker's rights file is not as it must be.");
            if (words[0] == "user")
                user = words[1];
            if (words[0] == "pattern")
                patterns++;
        }
        if (patterns == 0)
            throw new InvalidDataException("The broker's rights file gives no rights by pattern.");
    }

    private static string[] Lines(string text, string what)
    {
        if (text.Length == 0 || text[^1] != '\n' || text.Contains('\r', StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal))
            throw new InvalidDataException($"The broker's {what} file is empty or cut off.");
        return text[..^1].Split('\n');
    }

    private static void Swap(string path, string text) => PrivateFile.Write(path, text);
}
