namespace FabLab.Booking.Features.SignIn.Pages;

/// <summary>What the page of one's own account shows.</summary>
/// <param name="HasPassword">Whether there is one.</param>
/// <param name="AsksPresent">Whether changing it asks for the present one: not for who came by a link because it was forgotten.</param>
/// <param name="TotpOn">Whether one-time passwords are in use.</param>
/// <param name="Passkeys">The passkeys, the oldest first.</param>
/// <param name="ByDoor">They came in by what the kiosk showed: they set none of this.</param>
public sealed record OwnAccountState(bool HasPassword, bool AsksPresent, bool TotpOn, IReadOnlyList<Passkey> Passkeys, bool ByDoor);
