using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MimeKit;

namespace FabLab.Testing;

/// <summary>One mail that arrived.</summary>
public sealed record TakenMail(string From, string To, MimeMessage Message);

/// <summary>A small SMTP server that keeps what it gets, and misbehaves when asked to.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly Task _loop;

    public SmtpSink()
    {
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<TakenMail> Mails { get; } = new();

    public ConcurrentQueue<string> SignIns { get; } = new();

    /// <summary>Addresses that are refused for good; the refusal repeats the address, as servers do.</summary>
    public ISet<string> Unknown { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>With this certificate it offers STARTTLS; null: it has no encryption.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether every mail is put off.</summary>
    public bool Busy { get; set; }

    /// <summary>Whether it breaks off before it takes a mail.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>Whether it takes a mail and does not say so any more.</summary>
    public bool FallsSilent { get; set; }

    /// <summary>Completes once a mail was taken without a word.</summary>
    public TaskCompletionSource Silent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Booking:Mail:Host"] = "127.0.0.1",
            ["Booking:Mail:Port"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Booking:Mail:Security"] = "none",
            ["Booking:Mail:From"] = "atelier@lab.example.org",
            ["Booking:PublicAddress"] = "https://lab.example.org/",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        await Task.WhenAll(_talks);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _talks.Add(Task.Run(() => TalkAsync(client)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var held = client;
        try
        {
            await using var stream = client.GetStream();
            if (!await ConverseAsync(stream, "220 sink"))
                return;
            await using var encrypted = new SslStream(stream, leaveInnerStreamOpen: true);
            await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
            await ConverseAsync(encrypted, null);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or ObjectDisposedException or AuthenticationException)
        {
            return;
        }
    }

    /// <returns>Whether the other side wants to go on encrypted.</returns>
    private async Task<bool> ConverseAsync(Stream stream, string? welcome)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        await using var writer = new StreamWriter(stream, Encoding.Latin1, leaveOpen: true) { NewLine = "\r\n", AutoFlush = true };
        var (from, to) = ("", "");
        if (welcome is not null)
            await Say(writer, welcome);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO" or "HELO":
                    await Say(writer, "250-sink");
                    if (Certificate is not null && welcome is not null)
                        await Say(writer, "250-STARTTLS");
                    await Say(writer, "250 AUTH PLAIN");
                    break;
                case "STARTTLS" when Certificate is not null:
                    await Say(writer, "220 go on");
                    return true;
                case "AUTH":
                    SignIns.Enqueue(Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).Replace('\0', ' ').Trim());
                    await Say(writer, "235 welcome");
                    break;
                case "MAIL":
                    from = Address(line);
                    await Say(writer, Busy ? "451 not now" : "250 ok");
                    break;
                case "RCPT":
                    to = Address(line);
                    await Say(writer, Unknown.Contains(to) ? $"550 <{to}> nobody is called so" : "250 ok");
                    break;
                case "DATA":
                    if (BreaksOff)
                        return false;
                    await Say(writer, "354 go on");
                    var body = new StringBuilder();
                    while (await reader.ReadLineAsync(_stop.Token) is { } text && text != ".")
                        body.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                    using (var bytes = new MemoryStream(Encoding.Latin1.GetBytes(body.ToString())))
                        Mails.Enqueue(new TakenMail(from, to, await MimeMessage.LoadAsync(bytes, _stop.Token)));
                    if (FallsSilent)
                    {
                        Silent.TrySetResult();
                        await reader.ReadLineAsync(_stop.Token);
                        return false;
                    }
                    await Say(writer, "250 taken");
                    break;
                case "QUIT":
                    await Say(writer, "221 bye");
                    return false;
                default:
                    await Say(writer, "250 ok");
                    break;
            }
        }
        return false;
    }

    private static Task Say(StreamWriter writer, string line) => writer.WriteLineAsync(line);

    private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}
