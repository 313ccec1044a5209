namespace FabLab.Core.Access;

/// <summary>Minors whom somebody accompanies at other machines now.</summary>
/// <param name="Companion">Who accompanies.</param>
/// <param name="Session">The séance under which they do; null where a second badge was tapped.</param>
/// <param name="Minors">How many, from 1.</param>
public sealed record CompanionLoad(PersonId Companion, GroupSessionId? Session, int Minors);
