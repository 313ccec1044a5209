using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using Polly;
using Polly.Timeout;

namespace FabLab.Booking.Features.Messages;

/// <summary>One mail, ready to go.</summary>
/// <param name="Id">The message it belongs to. Its Message-ID follows from it: who gets it twice can see that it is one.</param>
/// <param name="To">The address.</param>
/// <param name="FromName">The name beside the sender's address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">As plain text.</param>
/// <param name="Html">The same as HTML.</param>
internal sealed record Letter(Guid Id, string To, string FromName, string Subject, string Text, string Html);

/// <summary>What became of a mail.</summary>
internal enum MailOutcome
{
    /// <summary>The server took it.</summary>
    Sent,

    /// <summary>The server refuses it for good.</summary>
    Refused,

    /// <summary>Not now.</summary>
    Later,
}

/// <summary>The server cannot be used at all just now.</summary>
internal sealed class MailTroubleException(string code, Exception inner) : Exception(code, inner)
{
    public string Code { get; } = code;
}

/// <summary>Sends mail over one conversation with the server.</summary>
internal interface IMailTransport
{
    /// <param name="letters">What to send.</param>
    /// <param name="done">Called for each, once its end is known and before the next one begins.</param>
    /// <param name="cancellationToken">Hangs up.</param>
    /// <exception cref="MailTroubleException">The server does not answer, does not let us in, or broke off. Those not told yet were not taken.</exception>
    Task SendAsync(IReadOnlyList<Letter> letters, Func<Letter, MailOutcome, string?, Task> done, CancellationToken cancellationToken);
}

/// <summary>Mail by SMTP.</summary>
internal sealed class SmtpMail(IOptions<BookingOptions> options, TimeProvider time) : IMailTransport
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(60);

    // Patience beyond one step is the post's: it is kept in the rows and survives a restart.
    private readonly ResiliencePipeline _step = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddTimeout(new TimeoutStrategyOptions { Timeout = StepLimit }).Build();

    private MailOptions Mail => options.Value.Mail;

    public async Task SendAsync(IReadOnlyList<Letter> letters, Func<Letter, MailOutcome, string?, Task> done, CancellationToken cancellationToken)
    {
        using var smtp = new SmtpClient { CheckCertificateRevocation = false };
        await GuardedAsync(() => EnterAsync(smtp, cancellationToken), cancellationToken);
        foreach (var letter in letters)
        {
            var (outcome, code) = await GuardedAsync(() => HandInAsync(smtp, letter, cancellationToken), cancellationToken);
            await done(letter, outcome, code);
        }
        try
        {
            await _step.ExecuteAsync(async cancel => await smtp.DisconnectAsync(quit: true, cancel), cancellationToken);
        }
        catch (Exception fault) when (TroubleCode(fault) is not null && !cancellationToken.IsCancellationRequested)
        {
            // Everything was taken; how the server says goodbye does not matter.
            return;
        }
    }

    private async Task<bool> EnterAsync(SmtpClient smtp, CancellationToken cancellationToken)
    {
        var security = Mail.Security switch
        {
            "tls" => SecureSocketOptions.SslOnConnect,
            "none" => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls,
        };
        await _step.ExecuteAsync(async cancel => await smtp.ConnectAsync(Mail.Host, Mail.Port, security, cancel), cancellationToken);
        if (Mail.User.Length > 0)
            await _step.ExecuteAsync(async cancel => await smtp.AuthenticateAsync(Mail.User, Mail.Password, cancel), cancellationToken);
        return true;
    }

    private async Task<(MailOutcome Outcome, string? Code)> HandInAsync(SmtpClient smtp, Letter letter, CancellationToken cancellationToken)
    {
        try
        {
            using var message = Compose(letter);
            await _step.ExecuteAsync(async cancel => await smtp.SendAsync(message, cancel), cancellationToken);
            return (MailOutcome.Sent, null);
        }
        catch (SmtpCommandException refused)
        {
            var code = ((int)refused.StatusCode).ToString(CultureInfo.InvariantCulture);
            // A sender that is not let through is a matter of the settings: it would hit every mail alike.
            return (int)refused.StatusCode >= 500 && refused.ErrorCode != SmtpErrorCode.SenderNotAccepted
                ? (MailOutcome.Refused, code)
                : (MailOutcome.Later, code);
        }
    }

    private MimeMessage Compose(Letter letter)
    {
        var message = new MimeMessage
        {
            MessageId = $"{letter.Id:N}@{Mail.From[(Mail.From.LastIndexOf('@') + 1)..]}",
            Date = time.GetUtcNow(),
            Subject = letter.Subject,
            Body = new Multipart("alternative") { new TextPart("plain") { Text = letter.Text }, new TextPart("html") { Text = letter.Html } },
        };
        message.From.Add(new MailboxAddress(letter.FromName, Mail.From));
        message.To.Add(new MailboxAddress("", letter.To));
        // So that holiday answers stay away.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step();
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && TroubleCode(fault) is { } code)
        {
            throw new MailTroubleException(code, fault);
        }
    }

    private static string? TroubleCode(Exception fault) => fault switch
    {
        AuthenticationException or ServiceNotAuthenticatedException => "sign_in_refused",
        SslHandshakeException => "certificate",
        // StartTls was asked for and the server has none.
        NotSupportedException => "no_tls",
        TimeoutRejectedException => "no_answer",
        SocketException => "not_reached",
        SmtpCommandException command => ((int)command.StatusCode).ToString(CultureInfo.InvariantCulture),
        SmtpProtocolException or ServiceNotConnectedException or IOException => "broke_off",
        _ => null,
    };
}
