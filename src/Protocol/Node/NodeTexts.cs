using FabLab.Protocol.Messages;

namespace FabLab.Protocol.Node;

/// <summary>The few sentences a device says by itself; all others come from the gateway.</summary>
public static class NodeTexts
{
    /// <summary>Code of the sentence shown while the gateway decides.</summary>
    public const string Asking = "asking";

    /// <summary>Code of the sentence shown when the device said yes by itself.</summary>
    public const string Granted = "granted";

    /// <summary>Code of the sentence shown when a use ended at the reader.</summary>
    public const string Stopped = "stopped";

    private static readonly Dictionary<string, (string French, string English)> Sentences = new()
    {
        [Asking] = ("Un instant…", "One moment…"),
        [Granted] = ("Vous pouvez utiliser la machine.", "You can use the machine."),
        [Stopped] = ("C’est noté, à bientôt.", "Noted, see you soon."),
        [DenyWhy.Offline] = ("La liaison est coupée. Cette machine attend son retour.", "The connection is down. This machine waits for it."),
        [DenyWhy.Unknown] = ("Ce badge n’ouvre pas cette machine pendant la coupure.", "This badge cannot start this machine while the connection is down."),
        [DenyWhy.Expired] = ("Votre droit sur cette machine a pris fin.", "Your right to use this machine has ended."),
        [DenyWhy.ListOld] = ("La liaison est coupée depuis trop longtemps.", "The connection has been down for too long."),
        [DenyWhy.Busy] = ("La machine est déjà utilisée.", "The machine is in use."),
        [DenyWhy.Fault] = ("La machine est en panne.", "The machine is out of order."),
        [DenyWhy.Full] = ("Le boîtier ne peut plus rien noter. Prévenez l’équipe.", "The device has no room left for records. Tell the team."),
        [DenyWhy.NoAnswer] = ("Pas de réponse. Présentez le badge encore une fois.", "No answer. Hold the badge again."),
    };

    /// <summary>A sentence.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="language"><c>fr</c> or <c>en</c>.</param>
    /// <returns>The sentence; the code itself when there is none.</returns>
    public static string Of(string code, string language) =>
        !Sentences.TryGetValue(code, out var sentence) ? code : language == "en" ? sentence.English : sentence.French;
}
