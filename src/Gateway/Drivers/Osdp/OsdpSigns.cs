namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>
/// An answer at a reader that has a lamp or a buzzer and no screen. Yes is a steady light and one tone, no is a blinking one and three:
/// nobody has to tell colours apart.
/// </summary>
internal static class OsdpSigns
{
    private const byte Red = 1;
    private const byte Green = 2;
    private const byte Amber = 3;

    /// <summary>The commands that show a message, each code and data; none where the reader has nothing to show it with, or there is nothing to say.</summary>
    /// <param name="message">The message.</param>
    /// <param name="can">What the reader says that it can, by the number of the ability.</param>
    public static IEnumerable<byte[]> Of(DisplayMessage message, IReadOnlyDictionary<byte, byte> can)
    {
        if (message.Tone == DisplayTone.Neutral)
            yield break;
        var reader = (byte)message.Reader;
        var (colour, dark, tones) = message.Tone switch
        {
            DisplayTone.Accepted => (Green, (byte)0, (byte)1),
            DisplayTone.Refused => (Red, (byte)2, (byte)3),
            _ => (Amber, (byte)4, (byte)2),
        };
        var tenths = (ushort)Math.Clamp(message.For.TotalMilliseconds / 100, 1, ushort.MaxValue);
        if (can.GetValueOrDefault(OsdpCodes.CanLight) > 0)
        {
            // For a while, then as it was before; the lasting colour is the reader's own.
            yield return
            [
                OsdpCodes.Led, reader, 0, 2, (byte)(dark == 0 ? 10 : dark), dark, colour, dark == 0 ? colour : (byte)0, (byte)tenths, (byte)(tenths >> 8),
                0, 0, 0, 0, 0,
            ];
        }
        if (can.GetValueOrDefault(OsdpCodes.CanSound) > 0)
            yield return [OsdpCodes.Buzzer, reader, 2, 1, 1, tones];
    }
}
