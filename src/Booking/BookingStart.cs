using FabLab.Booking.Data;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Sites;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Visits;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FabLab.Booking;

/// <summary>Before the first request: database, site, keys of the gateways, and a first way in when nobody has one.</summary>
internal sealed partial class BookingStart(
    BookingDatabase database, BookingWriter writer, BookingFiles files, IOneTimeLinks links, IOptions<BookingOptions> options, ILogger<BookingStart> log)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.OpenAsync(cancellationToken);
        BookingFiles.ReadOrMakeSecret(files.BadgeKey);
        var keys = options.Value.Gateways.Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Hash: GatewayKeyHandler.HashOf(BookingFiles.ReadOrMakeSecret(files.GatewayKey(name))))).ToList();
        var kiosks = options.Value.Kiosks.Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Hash: GatewayKeyHandler.HashOf(BookingFiles.ReadOrMakeSecret(files.KioskKey(name))))).ToList();
        var mayEnter = await writer.WriteAsync(
            async (write, cancel) =>
            {
                if (!await write.Db.Sites.AnyAsync(cancel))
                    write.Db.Sites.Add(new Site { Rule = new SiteRule { Zone = options.Value.TimeZone } });
                if (!await write.Db.LabSites.AnyAsync(cancel))
                    write.Db.LabSites.Add(new LabSite { Number = LabSite.First, Name = "" });
                foreach (var (name, hash) in keys)
                {
                    var known = await write.Db.Gateways.SingleOrDefaultAsync(gateway => gateway.Name == name, cancel);
                    if (known is null)
                        write.Db.Gateways.Add(new GatewayAccount { Name = name, KeyHash = hash, CreatedAt = write.Now });
                    else if (!known.KeyHash.AsSpan().SequenceEqual(hash))
                        known.KeyHash = hash;
                }
                foreach (var (name, hash) in kiosks)
                {
                    var known = await write.Db.Kiosks.SingleOrDefaultAsync(kiosk => kiosk.Name == name, cancel);
                    if (known is null)
                        write.Db.Kiosks.Add(new KioskAccount { Name = name, KeyHash = hash, CreatedAt = write.Now });
                    else if (!known.KeyHash.AsSpan().SequenceEqual(hash))
                        known.KeyHash = hash;
                }
                return await write.Db.StaffAccounts.AnyAsync(
                    account => (account.Role & Role.Manager) != 0 && account.Active
                        && (account.PasswordHash != null || write.Db.Passkeys.Any(passkey => passkey.AccountId == account.Id)), cancel);
            },
            cancellationToken);
        if (!mayEnter && !options.Value.Demo)
            await AnnounceFirstLinkAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AnnounceFirstLinkAsync(CancellationToken cancellationToken)
    {
        if (await links.CreateAsync(null, cancellationToken) is { } link)
            Log.FirstLink(log, $"{options.Value.PublicAddress.TrimEnd('/')}{link.Path}", options.Value.SignInLinkMinutes);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5201, Level = LogLevel.Warning,
            Message = "No manager can sign in yet. Open this link once, within {Minutes} minutes, then choose a password: {Link}")]
        public static partial void FirstLink(ILogger logger, string link, int minutes);
    }
}
