using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FabLab.Core.Json;

namespace FabLab.Contracts;

/// <summary>
/// What a gateway asks of Booking. It neither retries nor waits: that is the caller's, who knows what can be done meanwhile.
/// Safe to use from several threads.
/// </summary>
public sealed class GatewayClient
{
    private readonly HttpClient _http;
    private readonly string _gateway;
    private readonly AuthenticationHeaderValue _key;

    /// <summary>A client for one gateway.</summary>
    /// <param name="http">Its base address is the address of Booking, with a '/' at its end. Its time-out must be longer than the waits asked for.</param>
    /// <param name="gateway">The name, see <see cref="GatewayName"/>.</param>
    /// <param name="key">The bearer key of that gateway.</param>
    /// <exception cref="ArgumentException">The name is none, or the key is empty.</exception>
    public GatewayClient(HttpClient http, string gateway, string key)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        if (!GatewayName.IsValid(gateway))
            throw new ArgumentException("A gateway's name is 1 to 32 of a-z, 0-9 and '-'.", nameof(gateway));
        _http = http;
        _gateway = gateway;
        _key = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>How the messages are written: as Core writes its records.</summary>
    public static JsonSerializerOptions Json => CoreJson.Options;

    /// <summary>The changes of the rules after a revision. Waits at the server until there is one, at most <paramref name="wait"/>.</summary>
    /// <param name="since">The revision of the replica; 0 for none.</param>
    /// <param name="wait">0 to <see cref="PolicyFeed.MaxWaitSeconds"/> seconds; fractions are dropped.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<PolicyFeed> PolicyAsync(long since, TimeSpan wait, CancellationToken cancellationToken) =>
        SendAsync<PolicyFeed>(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"api/v1/gateways/{_gateway}/policy?since={since}&wait={(int)wait.TotalSeconds}"),
            null,
            cancellationToken);

    /// <summary>Hands in records. The receipt comes after the commit: what it covers need not be kept for Booking any longer.</summary>
    /// <param name="batch">The records, ascending, at most <see cref="JournalBatch.MaxRecords"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the records may have been stored all the same, and may be sent again.</param>
    /// <exception cref="BookingException">Booking answered with an error. Nothing was stored.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<JournalReceipt> JournalAsync(JournalBatch batch, CancellationToken cancellationToken) =>
        SendAsync<JournalReceipt>(HttpMethod.Post, $"api/v1/gateways/{_gateway}/journal", JsonContent.Create(batch, null, Json), cancellationToken);

    /// <summary>Tells how the gateway's devices stand, and hears which of them must go.</summary>
    /// <param name="devices">All of them.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BookingException">Booking answered with an error.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached.</exception>
    public Task<DeviceOrders> DevicesAsync(DevicesNow devices, CancellationToken cancellationToken) =>
        SendAsync<DeviceOrders>(HttpMethod.Put, $"api/v1/gateways/{_gateway}/devices", JsonContent.Create(devices, null, Json), cancellationToken);

    /// <summary>The firmware of an order, see <see cref="DeviceOrders.Update"/>.</summary>
    /// <param name="device">The device it is for.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>At most <see cref="FirmwareSignature.MostFirmware"/> bytes.</returns>
    /// <exception cref="BookingException">Booking answered with an error: the order is over.</exception>
    /// <exception cref="HttpRequestException">Booking could not be reached, or sent more than a firmware has.</exception>
    public async Task<byte[]> FirmwareAsync(Core.DeviceId device, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"api/v1/gateways/{_gateway}/devices/{Uri.EscapeDataString(device.Value)}/firmware", UriKind.Relative));
        request.Headers.Authorization = _key;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await BookingException.FromAsync(response, cancellationToken);
        await response.Content.LoadIntoBufferAsync(FirmwareSignature.MostFirmware, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string address, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = content };
        request.Headers.Authorization = _key;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await BookingException.FromAsync(response, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken)
                ?? throw new BookingException(HttpStatusCode.BadGateway, ProblemCodes.Internal, "The answer was empty.");
        }
        catch (JsonException fault)
        {
            throw new BookingException(HttpStatusCode.BadGateway, ProblemCodes.Internal, "The answer could not be read.", fault);
        }
    }
}

/// <summary>Booking answered with an error.</summary>
public sealed class BookingException : Exception
{
    /// <summary>An error answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The stable code, see <see cref="ProblemCodes"/>.</param>
    /// <param name="detail">One English sentence.</param>
    /// <param name="inner">What made the answer unreadable, if that is the error.</param>
    public BookingException(HttpStatusCode status, string code, string detail, Exception? inner = null)
        : base($"{(int)status} {code}: {detail}", inner)
    {
        Status = status;
        Code = code;
    }

    /// <summary>The HTTP status; 502 for an answer that could not be read.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The stable code.</summary>
    public string Code { get; }

    /// <summary>Whether the same request may succeed later without a change: the server is in trouble or busy.</summary>
    public bool IsPassing => (int)Status >= 500 || Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    internal static async Task<BookingException> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var code = ProblemCodes.Internal;
        var detail = response.ReasonPhrase ?? "No reason given.";
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                var problem = await response.Content.ReadFromJsonAsync<JsonElement>(CoreJson.Options, cancellationToken);
                code = Text(problem, "code") ?? code;
                detail = Text(problem, "detail") ?? Text(problem, "title") ?? detail;
            }
            catch (JsonException)
            {
                detail = "The error answer could not be read.";
            }
        }
        return new BookingException(response.StatusCode, code, detail);
    }

    private static string? Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
