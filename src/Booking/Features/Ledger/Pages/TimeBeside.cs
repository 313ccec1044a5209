using FabLab.Booking.Web;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Ledger.Pages;

/// <summary>Booked time, and beside it what nobody came to.</summary>
public sealed record BookedTimes(Duration Booked, int Bookings, Duration NoShow, int NoShows)
{
    /// <summary>From the sums.</summary>
    /// <param name="sum">The sums.</param>
    public static BookedTimes Of(BookedTotal sum)
    {
        ArgumentNullException.ThrowIfNull(sum);
        return new BookedTimes(Duration.FromMilliseconds(sum.BookedMs), sum.Bookings, Duration.FromMilliseconds(sum.NoShowMs), sum.NoShows);
    }
}

/// <summary>Booked, switched on and at work side by side, of one person, machine or project.</summary>
/// <param name="Name">Who or what, as it is called; null for nobody known and for no project.</param>
/// <param name="Link">Its page; null when it has none.</param>
/// <param name="Booked">Booked time, and what nobody came to.</param>
/// <param name="Powered">How long machines were on.</param>
/// <param name="Working">How long they worked.</param>
public sealed record TimeBeside(string? Name, string? Link, BookedTimes Booked, Duration Powered, Duration Working);

/// <summary>The same lines as a file for a spreadsheet, in whole seconds.</summary>
internal static class TimeBesideFile
{
    public static byte[] Write(IReadOnlyList<TimeBeside> lines, PageText text, Phrase first, Phrase none) => SpreadsheetFile.Write(file =>
    {
        file.WriteRecord(
            text[first], Seconds(text, LedgerText.Booked), text[LedgerText.Bookings], Seconds(text, LedgerText.NoShow), text[LedgerText.NoShows],
            Seconds(text, Machines.Pages.MachineText.Powered), Seconds(text, Machines.Pages.MachineText.Working));
        foreach (TimeBeside line in lines)
        {
            file.WriteField(line.Name ?? text[none]);
            file.WriteField(Seconds(line.Booked.Booked));
            file.WriteField(line.Booked.Bookings);
            file.WriteField(Seconds(line.Booked.NoShow));
            file.WriteField(line.Booked.NoShows);
            file.WriteField(Seconds(line.Powered));
            file.WriteField(Seconds(line.Working));
            file.EndRecord();
        }
    });

    private static string Seconds(PageText text, Phrase what) => $"{text[what]} (s)";

    private static long Seconds(Duration length) => (long)length.TotalSeconds;
}
