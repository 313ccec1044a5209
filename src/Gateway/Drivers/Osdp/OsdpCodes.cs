namespace FabLab.Gateway.Drivers.Osdp;

/// <summary>Commands, answers and the numbers in them that are used here.</summary>
internal static class OsdpCodes
{
    // Commands.
    public const byte Poll = 0x60;
    public const byte Identify = 0x61;
    public const byte Capabilities = 0x62;
    public const byte Led = 0x69;
    public const byte Buzzer = 0x6A;
    public const byte KeySet = 0x75;
    public const byte Challenge = 0x76;
    public const byte ServerCryptogram = 0x77;

    // Answers.
    public const byte Ack = 0x40;
    public const byte Nak = 0x41;
    public const byte Identity = 0x45;
    public const byte CapabilityList = 0x46;
    public const byte LocalStatus = 0x48;
    public const byte CardData = 0x50;
    public const byte Keys = 0x53;
    public const byte ClientCryptogram = 0x76;
    public const byte InitialMac = 0x78;
    public const byte Busy = 0x79;

    // What a reader may be able to do.
    public const byte CanLight = 4;
    public const byte CanSound = 5;
    public const byte CanSeal = 9;
}
