using System.Security.Cryptography;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Visits;

/// <summary>One's own PIN for the kiosk: <see cref="SetDoorPin.Digits"/> digits; null takes it away.</summary>
public sealed record DoorPinToBe(string? Pin);

/// <summary>Whether one has a PIN for the kiosk.</summary>
public sealed record DoorPinSet(bool Has);

/// <summary>
/// Somebody of the team chooses the PIN that, after their badge, opens the staff's part of a kiosk: a list of first names, and who left. It opens nothing else,
/// which is why six digits are enough, kept as a slow hash.
/// </summary>
internal sealed class SetDoorPin(BookingWriter writer)
{
    public const int Digits = 6;

    /// <summary>Slow for who tries all of them, and half a second at most on the smallest computer a kiosk runs on.</summary>
    private const int Rounds = 200_000;

    public static void Map(RouteGroupBuilder staff) =>
        staff.MapPut("/door-pin", async (DoorPinToBe request, HttpContext http, SetDoorPin handler, CancellationToken cancellationToken) =>
                (await handler.HandleAsync(request, http.Actor(), cancellationToken)).ToResult(StatusCodes.Status200OK))
            .WithName("SetDoorPin").WithTags("visits").WithSummary("Sets or takes away one's own PIN for the staff's part of a kiosk.").Produces<DoorPinSet>();

    public Task<Outcome<DoorPinSet>> HandleAsync(DoorPinToBe request, StaffActor by, CancellationToken cancellationToken)
    {
        if (request.Pin is { } typed && (typed.Length != Digits || !typed.All(char.IsAsciiDigit) || typed.Distinct().Count() < 3))
            return Task.FromResult<Outcome<DoorPinSet>>(Refusal.BadValue("pin", $"{Digits} digits, three different ones at least."));
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = request.Pin is { } pin ? HashOf(pin, salt, Rounds) : [];
        return writer.ChangeAsync<DoorPinSet>(
            async (write, cancel) =>
            {
                // A token is no person.
                if (!await write.Db.People.AnyAsync(person => person.Id == by.Id, cancel))
                    return Refusal.NotFound("person");
                var known = await write.Db.DoorPins.SingleOrDefaultAsync(row => row.PersonId == by.Id, cancel);
                if (request.Pin is null)
                {
                    if (known is not null)
                        write.Db.DoorPins.Remove(known);
                }
                else if (known is null)
                {
                    write.Db.DoorPins.Add(new DoorPinRow { PersonId = by.Id, Salt = salt, Hash = hash, Rounds = Rounds, SetAt = write.Now });
                }
                else
                {
                    (known.Salt, known.Hash, known.Rounds, known.SetAt) = (salt, hash, Rounds, write.Now);
                }
                write.Audit(by.Id, request.Pin is null ? "door_pin.removed" : "door_pin.set", by.Id.Value);
                return new DoorPinSet(request.Pin is not null);
            },
            cancellationToken);
    }

    private static byte[] HashOf(string pin, byte[] salt, int rounds) => Rfc2898DeriveBytes.Pbkdf2(pin, salt, rounds, HashAlgorithmName.SHA256, 32);
}
