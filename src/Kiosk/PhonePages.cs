using FabLab.Contracts;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Link;
using FabLab.Kiosk.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace FabLab.Kiosk;

/// <summary>A way in on one's own phone, for who came in with a badge. A short code and the QR code of the door are known to others: never for them.</summary>
internal static class PhonePages
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/hello/{token}/phone", async (string token, HttpContext http, Moments moments, BookingLink link, IOptions<KioskOptions> options) =>
        {
            if (moments.Find(token) is not { Badge: { } badge } moment)
                return DoorPages.Over(http);
            var (asked, _, _) = await link.AskSoonAsync((client, cancel) => AskAsync(client, new DoorSignInFor(badge, options.Value.Reader), cancel), http.RequestAborted);
            return http.Show<PhoneScreen>(
                (nameof(PhoneScreen.Token), moment.Token), (nameof(PhoneScreen.Given), asked?.Given),
                (nameof(PhoneScreen.Why), asked is null ? KioskText.PhoneCut : asked.Refused switch
                {
                    null => null,
                    ProblemCodes.TooManyAttempts => KioskText.PhoneTooMany,
                    _ => KioskText.PhoneElsewhere,
                }));
        });

    /// <summary>A refusal is an answer here, not a fault of the line.</summary>
    private static async Task<Asked> AskAsync(KioskClient client, DoorSignInFor asked, CancellationToken cancellationToken)
    {
        try
        {
            return new Asked(await client.SignInAsync(asked, cancellationToken), null);
        }
        catch (BookingException fault) when (fault.Code is DoorSignInFor.Elsewhere or ProblemCodes.TooManyAttempts or DoorSignInFor.Unknown)
        {
            return new Asked(null, fault.Code);
        }
    }

    private sealed record Asked(DoorSignIn? Given, string? Refused);
}
