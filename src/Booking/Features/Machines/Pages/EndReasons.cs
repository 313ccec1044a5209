using System.Collections.Frozen;
using FabLab.Core;
using FabLab.Core.Sessions;

namespace FabLab.Booking.Features.Machines.Pages;

/// <summary>Why a use ended, from the code on the ledger to a sentence.</summary>
public static class EndReasons
{
    private static readonly FrozenDictionary<string, EndReason> ByCode =
        Enum.GetValues<EndReason>().ToFrozenDictionary(SessionWords.Code, StringComparer.Ordinal);

    /// <summary>The sentence; the code itself when it is of a newer version.</summary>
    public static Words Of(string? code)
    {
        if (code is null)
            return new Words(MachineText.ByNobody.French, MachineText.ByNobody.English);
        return ByCode.TryGetValue(code, out EndReason why) ? SessionWords.Of(why) : new Words(code, code);
    }
}
