namespace FabLab.Host.Cli;

/// <summary>What a script reads from <c>$?</c>. The numbers are part of the command line's contract.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>It did not work; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line or a setting is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>A tap was answered with a refusal.</summary>
    public const int Refused = 3;
}
