using System.Security.Claims;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Habilitations.Pages;
using FabLab.Booking.Features.People;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// A way in on one's own phone for who has just held their badge to the kiosk. Booking looks itself for whose badge was read, lets in
/// members alone, and nobody who has a second factor. docs/adr/0113.
/// </summary>
internal sealed class GiveAccessAtDoor(BookingWriter writer, BadgeKeys keys, IOptions<BookingOptions> options, TimeProvider time)
{
    /// <summary>Ways in for one person within <see cref="Window"/>.</summary>
    public const int MostForOne = 3;

    /// <summary>Questions of one kiosk within <see cref="Window"/>, the wrong ones included: a stolen key tries no numbers.</summary>
    public const int MostAtOne = 20;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private static readonly Refusal Elsewhere =
        new(DoorSignInFor.Elsewhere, StatusCodes.Status403Forbidden, "This person signs in with a password or passkey of their own, or with the help of the team.");

    private static readonly Refusal TooMany =
        new(ProblemCodes.TooManyAttempts, StatusCodes.Status429TooManyRequests, "Too many ways in were asked for here. Wait ten minutes, or ask the team.");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<long>> _asked = new(StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(DoorSignInFor.Path, async (DoorSignInFor asked, HttpContext http, GiveAccessAtDoor handler, CancellationToken cancellationToken) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                var kiosk = http.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("This endpoint needs the key of a kiosk.");
                return (await handler.HandleAsync(asked, kiosk, http.Request, cancellationToken)).ToResult(StatusCodes.Status201Created);
            })
            .WithName("PostDoorSignIn").WithTags("kiosk").WithSummary("Makes a way in for whose badge the kiosk has just read; for members without a second factor.")
            .Produces<DoorSignIn>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests).RequireAuthorization(BookingAuth.Kiosk);

    /// <summary>Whether an account may be entered by what a badge opened: a member's, in use, that asks for nothing more.</summary>
    public static async Task<bool> MayAsync(BookingDbContext db, StaffAccount account, CancellationToken cancellationToken) =>
        account is { Active: true, Role: Role.Member, TotpOn: false }
        && !await db.Passkeys.AnyAsync(passkey => passkey.AccountId == account.Id, cancellationToken);

    public async Task<Outcome<DoorSignIn>> HandleAsync(DoorSignInFor asked, string kiosk, HttpRequest request, CancellationToken cancellationToken)
    {
        if (!Passes($"kiosk {kiosk}", MostAtOne))
            return TooMany;
        if (asked.Badge is not { Length: > 0 and <= 64 } typed)
            return Refusal.NotFound("badge");
        var site = options.Value.SiteFor(request);
        return await writer.ChangeAsync<DoorSignIn>(
            async (write, cancel) =>
            {
                if (await OwnerAsync(write.Db, KeyboardWedge.Straighten(typed.Trim()), asked.Reader, cancel) is not { } person)
                    return Refusal.NotFound("badge");
                if (!Passes($"person {person.Id}", MostForOne))
                    return TooMany;
                var account = await write.Db.StaffAccounts.SingleOrDefaultAsync(a => a.Id == person.Id, cancel);
                if (account is not null && !await MayAsync(write.Db, account, cancel))
                    return Elsewhere;
                account ??= await GiveAccess.OpenAsync(write, person, person.Id, cancel);
                write.Audit(person.Id, "sign_in.given_at_door", person.Id.Value, kiosk);
                var link = await OneTimeLinks.MakeAsync(write, account.Id, OneTimeLinks.DoorFor, OneTimeLinks.AtDoor, cancel);
                // An address of this computer is of no use to a phone; the signs are, where the reader knows the address.
                var (side, path) = new Uri(site).IsLoopback ? (0, null) : QrPicture.Of(site + link.Path);
                return new DoorSignIn(ShortCode.Shown(link.Code), site + "/sign-in/short-code", path, side, link.ExpiresAt);
            },
            cancellationToken);
    }

    /// <summary>The one active person whose badge in use some reader would write so; nobody when it would be two.</summary>
    private async Task<Person?> OwnerAsync(BookingDbContext db, string typed, string? reader, CancellationToken cancellationToken)
    {
        var badges = await db.Badges.Where(badge => badge.State == BadgeState.Active && badge.PersonId != null).ToListAsync(cancellationToken);
        var index = BadgeIndex.Of(badges.Select(badge => (badge.Id, badge.Print)));
        var found = ReaderProfile.Readings(typed, ReaderProfile.Find(reader) is { } one ? [one] : ReaderProfile.All)
            .Select(way => keys.Ring.Find(index, way.Number, way.Truncates).Match).OfType<BadgeMatch.Known>()
            .Select(match => badges.Single(badge => badge.Id == match.Badge).PersonId!.Value).Distinct().Take(2).ToList();
        if (found is not [var owner])
            return null;
        return await db.People.SingleOrDefaultAsync(person => person.Id == owner && person.Active, cancellationToken);
    }

    private bool Passes(string who, int most)
    {
        lock (_gate)
        {
            foreach (var (other, times) in _asked.ToList())
            {
                times.RemoveAll(at => time.GetElapsedTime(at) >= Window);
                if (times.Count == 0)
                    _asked.Remove(other);
            }
            var mine = _asked.TryGetValue(who, out var known) ? known : _asked[who] = [];
            if (mine.Count >= most)
                return false;
            mine.Add(time.GetTimestamp());
            return true;
        }
    }
}
