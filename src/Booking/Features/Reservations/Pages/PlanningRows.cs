using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>
/// Writes the rows of the planning. A week of two hundred machines is more than ten thousand bookings: written as text and not
/// as components, of which each would cost more than its words.
/// </summary>
internal static class PlanningRows
{
    public static string Write(PlanningSheet sheet, PageText text)
    {
        var items = sheet.Items.ToLookup(item => item.Machine);
        var rows = new StringBuilder(sheet.Items.Count * 220);
        // A time of day is written thousands of times, and there are few of them.
        var clocks = new Dictionary<int, string>();
        foreach (var machine in sheet.Machines)
        {
            rows.Append("<tr data-m=\"").Append(machine.Id.Value.ToString("D")).Append("\" data-c=\"").Append(Html(machine.Code)).Append("\"><th scope=\"row\"><a href=\"/machines/")
                .Append(Html(machine.Code)).Append("\">").Append(Html(machine.Name.In(text.Tag))).Append("</a> <span class=\"code\">").Append(Html(machine.Code)).Append("</span></th>");
            var cells = new StringBuilder[sheet.Days.Count];
            foreach (var item in items[machine.Id])
            {
                var (start, end) = (item.Start.InZone(text.Zone).LocalDateTime, item.End.InZone(text.Zone).LocalDateTime);
                var last = end.TimeOfDay == LocalTime.Midnight ? end.Date.PlusDays(-1) : end.Date;
                for (var place = 0; place < sheet.Days.Count; place++)
                {
                    var day = sheet.Days[place];
                    if (start.Date <= day && day <= last)
                        Item(cells[place] ??= new StringBuilder(), item, start, end, first: start.Date == day || place == 0, clocks, text);
                }
            }
            for (var place = 0; place < cells.Length; place++)
            {
                rows.Append("<td data-label=\"").Append(Html(text.Date(sheet.Days[place]))).Append("\">");
                if (cells[place] is { } cell)
                    rows.Append(cell);
                rows.Append("</td>");
            }
            rows.Append("</tr>");
        }
        return rows.ToString();
    }

    private static void Item(StringBuilder cell, in PlanningItem item, LocalDateTime start, LocalDateTime end, bool first, Dictionary<int, string> clocks, PageText text)
    {
        cell.Append("<a class=\"plan-item");
        if (item.Kind != ReservationKind.Booking)
            cell.Append(item.Kind == ReservationKind.Block ? " plan-block" : " plan-offer");
        else if (item.Outside)
            cell.Append(" plan-outside");
        else if (item.Claimed)
            cell.Append(" plan-claimed");
        // What is offered to the waiting list is not a booking yet: it has no page.
        if (item.Kind != ReservationKind.Offer)
            cell.Append("\" href=\"/bookings/").Append(item.Id.Value.ToString("D"));
        cell.Append('"');
        if (first)
        {
            // Read by the script: once for each, with the times on the clock of the lab.
            cell.Append(" data-v=\"").Append(item.Version).Append("\" data-t=\"");
            Wall(cell, start);
            cell.Append('/');
            Wall(cell, end);
            cell.Append('"');
        }
        cell.Append("><b>").Append(Clock(clocks, start.TimeOfDay, text)).Append('–').Append(Clock(clocks, end.TimeOfDay, text)).Append("</b> <span>");
        cell.Append(Html(item switch
        {
            { Kind: ReservationKind.Offer } => item.Who is { } who ? $"{who}, {text[ReserveText.OfferWord]}" : text[ReserveText.OfferWord],
            { Kind: ReservationKind.Block } => item.Who is { } why ? $"{text[ReserveText.BlockWord]} : {why}" : text[ReserveText.BlockWord],
            { Outside: true } => $"{item.Who ?? text[ReserveText.Forgotten]}, {text[ReserveText.OutsideWord]}",
            { Claimed: true } => $"{item.Who ?? text[ReserveText.Forgotten]}, {text[ReserveText.ClaimedWord]}",
            _ => item.Who ?? text[ReserveText.Forgotten],
        })).Append("</span></a>");
    }

    private static void Wall(StringBuilder cell, LocalDateTime at) => cell.Append(CultureInfo.InvariantCulture, $"{at.Year:0000}-{at.Month:00}-{at.Day:00}T{at.Hour:00}:{at.Minute:00}");

    private static string Clock(Dictionary<int, string> clocks, LocalTime time, PageText text)
    {
        var minute = (time.Hour * 60) + time.Minute;
        if (!clocks.TryGetValue(minute, out var written))
        {
            clocks[minute] = written = text.Language == Language.French
                ? string.Create(CultureInfo.InvariantCulture, $"{time.Hour}h{time.Minute:00}")
                : string.Create(CultureInfo.InvariantCulture, $"{time.Hour:00}:{time.Minute:00}");
        }
        return written;
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
