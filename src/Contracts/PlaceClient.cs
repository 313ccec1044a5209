using System.Net.Http.Json;
using FabLab.Core.Json;

namespace FabLab.Contracts;

/// <summary>Asks Booking for <see cref="PlaceNow"/>.</summary>
/// <param name="http">A client whose base address is Booking's.</param>
public sealed class PlaceClient(HttpClient http)
{
    /// <summary>The place as it is now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">Booking does not answer, or refuses.</exception>
    public async Task<PlaceNow> GetAsync(CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync<PlaceNow>(PlaceNow.Path, CoreJson.Options, cancellationToken)
        ?? throw new HttpRequestException("Booking answered with nothing.");
}
