using System.Collections.Frozen;

namespace FabLab.Ui.Parts;

/// <summary>The pictograms, drawn on a 24 × 24 grid with a stroke of 2. A new one is a name and its path.</summary>
public static class Icons
{
    public const string Free = "free";
    public const string Waiting = "waiting";
    public const string On = "on";
    public const string Running = "running";
    public const string Cooling = "cooling";
    public const string Locked = "locked";
    public const string Fault = "fault";
    public const string Offline = "offline";
    public const string Question = "question";
    public const string Info = "info";
    public const string Done = "done";
    public const string Missing = "missing";
    public const string Person = "person";
    public const string People = "people";
    public const string Clock = "clock";
    public const string Calendar = "calendar";
    public const string Chevron = "chevron";
    public const string Back = "back";
    public const string Undo = "undo";
    public const string Badge = "badge";
    public const string Machine = "machine";
    public const string Learn = "learn";
    public const string Search = "search";
    public const string Hand = "hand";
    public const string Room = "room";
    public const string Spark = "spark";
    public const string Screen = "screen";
    public const string Dots = "dots";
    public const string Ledger = "ledger";
    public const string Bell = "bell";
    public const string Letter = "letter";

    /// <summary>Path data by name.</summary>
    public static FrozenDictionary<string, string> Paths { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Free] = "M4 12.5l5 5L20 6.5",
        [Waiting] = "M6 3h12M6 21h12M8 3v4l4 5 4-5V3M8 21v-4l4-5 4 5v4",
        [On] = "M12 3v8M6.4 6.4a8 8 0 1 0 11.2 0",
        [Running] = "M7 4.5v15l12.5-7.5z",
        [Cooling] = "M12 2.5v19M3.8 7.2l16.4 9.6M20.2 7.2L3.8 16.8M9.5 4.5L12 7l2.5-2.5M9.5 19.5L12 17l2.5 2.5",
        [Locked] = "M5.5 11h13v9.5h-13zM8 11V7.5a4 4 0 0 1 8 0V11M12 14.5v2.5",
        [Fault] = "M12 3.5L22 20.5H2zM12 10v4.5M12 17.4v.1",
        [Offline] = "M3 3l18 18M8.6 16.2a5 5 0 0 1 6.5-.3M5.2 12.7a10 10 0 0 1 4-2.4M12.8 9.8a10 10 0 0 1 6 2.9M2 9a15 15 0 0 1 3.7-2.5M9.6 5.2A15 15 0 0 1 22 9M12 20v.1",
        [Question] = "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM9.3 9.2a2.8 2.8 0 0 1 5.4 1c0 1.8-2.7 2.3-2.7 4M12 17.4v.1",
        [Info] = "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM12 11.2v5.6M12 7.4v.1",
        [Done] = "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM7.8 12.4l2.9 2.9 5.6-6",
        [Missing] = "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM8.5 8.5l7 7M15.5 8.5l-7 7",
        [Person] = "M12 11.5a4.2 4.2 0 1 0 0-8.5 4.2 4.2 0 0 0 0 8.5zM4 21c.5-4.2 3.7-6.5 8-6.5s7.5 2.3 8 6.5",
        [People] = "M9 11.5a3.8 3.8 0 1 0 0-7.5 3.8 3.8 0 0 0 0 7.5zM2.5 20c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5M16 4.3a3.6 3.6 0 0 1 0 6.9M18 14.8c2 .7 3.2 2.5 3.5 5.2",
        [Clock] = "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM12 7v5.2l3.5 2.1",
        [Calendar] = "M4 6h16v14.5H4zM4 10.5h16M8.5 3v5M15.5 3v5",
        [Chevron] = "M9 5l7 7-7 7",
        [Back] = "M15 5l-7 7 7 7",
        [Undo] = "M8.5 5L4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11H9",
        [Badge] = "M6 5h12v16H6zM10 5V2.5h4V5M12 13.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 17.8c.5-1.3 1.6-2 3-2s2.5.7 3 2",
        [Machine] = "M3 17h18v4H3zM6 17V4h12v13M10 4v5h4V4M12 9v3.5",
        [Learn] = "M2 9l10-5 10 5-10 5zM6.5 11.5V17c1.5 1.4 3.3 2 5.5 2s4-.6 5.5-2v-5.5M22 9v6",
        [Search] = "M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.6 15.6L21 21",
        [Hand] = "M12 20.5l-8-7.7a4.7 4.7 0 0 1 6.7-6.6L12 7.5l1.3-1.3a4.7 4.7 0 0 1 6.7 6.6z",
        [Room] = "M3 20h18M5 20V4h9v16M14 7h5v13M10.5 12v.1",
        [Spark] = "M12 2.5l2.3 6.7 6.7 2.3-6.7 2.3L12 20.5l-2.3-6.7L3 11.5l6.7-2.3zM19 17v4M17 19h4",
        [Screen] = "M3 4.5h18v12H3zM8.5 20.5h7M12 16.5v4",
        [Dots] = "M5.5 12v.1M12 12v.1M18.5 12v.1",
        [Ledger] = "M5 3h14v18H5zM9 8h6M9 12h6M9 16h3",
        [Letter] = "M3 5.5h18v13H3zM3.5 6l8.5 7 8.5-7",
        [Bell] = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21.2h4",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
