using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Core;
using FabLab.Core.Json;

namespace FabLab.Contracts;

/// <summary>What a kiosk asks of Booking. It neither retries nor waits: that is the caller's. Safe to use from several threads.</summary>
public sealed class KioskClient
{
    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue _key;

    /// <summary>A client for one kiosk.</summary>
    /// <param name="http">Its base address is the address of Booking.</param>
    /// <param name="key">The bearer key of that kiosk.</param>
    public KioskClient(HttpClient http, string key)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        _http = http;
        _key = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>What the kiosk needs to go on by itself.</summary>
    /// <param name="known">The version it has; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<DoorNow> DoorAsync(string? known, CancellationToken cancellationToken) =>
        SendAsync<DoorNow>(HttpMethod.Get, known is null ? DoorNow.Path : $"{DoorNow.Path}?known={Uri.EscapeDataString(known)}", null, cancellationToken);

    /// <summary>Hands in what happened. The receipt comes after the commit.</summary>
    /// <param name="batch">In order, at most <see cref="VisitBatch.MaxItems"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the items may have been stored all the same, and may be sent again.</param>
    /// <exception cref="BookingException">Booking answered with an error. Nothing was stored.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<VisitReceipt> VisitsAsync(VisitBatch batch, CancellationToken cancellationToken) =>
        SendAsync<VisitReceipt>(HttpMethod.Post, VisitBatch.Path, JsonContent.Create(batch, null, CoreJson.Options), cancellationToken);

    /// <summary>What somebody reads after a badge.</summary>
    /// <param name="person">Who.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<DoorNews> NewsAsync(PersonId person, CancellationToken cancellationToken) =>
        SendAsync<DoorNews>(HttpMethod.Get, $"{DoorNow.Path}/people/{person}", null, cancellationToken);

    /// <summary>Calls somebody of the team.</summary>
    /// <param name="call">Who calls.</param>
    /// <param name="cancellationToken">Gives up waiting; the call may have come through.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<DoorCall> CallAsync(DoorCall call, CancellationToken cancellationToken) =>
        SendAsync<DoorCall>(HttpMethod.Post, $"{DoorNow.Path}/calls", JsonContent.Create(call, null, CoreJson.Options), cancellationToken);

    /// <summary>Asks for a way in for whose badge was just read.</summary>
    /// <param name="asked">What the reader wrote.</param>
    /// <param name="cancellationToken">Gives up waiting; what was made is shown to nobody then, and ends by itself.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<DoorSignIn> SignInAsync(DoorSignInFor asked, CancellationToken cancellationToken) =>
        SendAsync<DoorSignIn>(HttpMethod.Post, DoorSignInFor.Path, JsonContent.Create(asked, null, CoreJson.Options), cancellationToken);

    private async Task<T> SendAsync<T>(HttpMethod method, string address, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.TrimStart('/'), UriKind.Relative)) { Content = content };
        request.Headers.Authorization = _key;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await BookingException.FromAsync(response, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(CoreJson.Options, cancellationToken)
                ?? throw new BookingException(HttpStatusCode.BadGateway, ProblemCodes.Internal, "The answer was empty.");
        }
        catch (JsonException fault)
        {
            throw new BookingException(HttpStatusCode.BadGateway, ProblemCodes.Internal, "The answer could not be read.", fault);
        }
    }
}
