namespace FabLab.VirtualLab.World;

/// <summary>What a kind of machine draws, in watts: at rest, at work, and how its work goes on and off.</summary>
/// <param name="RestWatts">Switched on and doing nothing.</param>
/// <param name="WarmUpWatts">While it gets ready.</param>
/// <param name="WarmUpSeconds">How long that takes.</param>
/// <param name="WorkWatts">At work, on average.</param>
/// <param name="Swing">How far work goes above and below that, as a share.</param>
/// <param name="WorkSeconds">How long a piece of work takes when nobody says otherwise.</param>
/// <param name="PauseSeconds">How long it then rests: somebody takes the piece out and puts the next one in.</param>
public sealed record LoadCurve(
    double RestWatts, double WarmUpWatts, double WarmUpSeconds, double WorkWatts, double Swing, double WorkSeconds, double PauseSeconds)
{
    private static readonly LoadCurve Plain = new(5, 5, 0, 60, 0.1, 60, 20);

    private static readonly Dictionary<string, LoadCurve> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["laser"] = new(190, 250, 4, 980, 0.25, 90, 25),
        ["printer"] = new(12, 310, 60, 125, 0.3, 4 * 3600, 600),
        ["resin"] = new(9, 40, 20, 62, 0.15, 3 * 3600, 600),
        ["vinyl"] = new(11, 11, 0, 48, 0.2, 50, 30),
        ["embroidery"] = new(14, 14, 0, 78, 0.3, 240, 40),
        ["mill"] = new(65, 400, 2, 1480, 0.35, 300, 60),
        ["small-mill"] = new(18, 60, 2, 95, 0.3, 600, 60),
        ["solder"] = new(6, 120, 8, 46, 0.5, 45, 15),
        ["press"] = new(8, 1750, 120, 900, 0.9, 60, 30),
        ["sewing"] = new(4, 4, 0, 82, 0.6, 40, 20),
    };

    /// <summary>The curve of a machine's type as the lab's description names it; a modest one for a type nobody knows.</summary>
    public static LoadCurve Of(string kind) => Kinds.GetValueOrDefault(kind, Plain);

    /// <summary>Watts at a moment.</summary>
    /// <param name="sinceOn">Seconds since the machine has power.</param>
    /// <param name="working">Whether it works.</param>
    public double Watts(double sinceOn, bool working)
    {
        if (sinceOn < WarmUpSeconds)
            return WarmUpWatts;
        if (!working)
            return RestWatts;
        // Two waves that do not fit each other look like work and are the same at each run.
        var wave = (0.7 * Math.Sin(sinceOn * 1.9)) + (0.3 * Math.Sin(sinceOn * 7.3));
        return Math.Max(RestWatts, WorkWatts * (1 + (Swing * wave)));
    }
}
