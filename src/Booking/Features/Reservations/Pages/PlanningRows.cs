using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using FabLab.Ui.Text;
using NodaTime.Text;

namespace FabLab.Booking.Features.Reservations.Pages;

/// <summary>
/// Writes the rows of the planning. A week of two hundred machines is more than ten thousand bookings: written as text and not
/// as components, of which each would cost more than its words, and what comes again and again (times, days, names) is made once.
/// </summary>
internal sealed class PlanningRows
{
    private const int Characters = 16_384;

    private readonly PlanningSheet _sheet;
    private readonly PageText _text;
    private readonly WallClock _wall;
    private readonly int[] _days;
    private readonly string[] _labels;
    private readonly StringBuilder _row = new(Characters);
    private readonly string?[] _clocks = new string?[24 * 60];
    private readonly string?[] _times = new string?[24 * 60];
    private readonly Dictionary<int, string> _dates = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly string _offer, _block, _outside, _claimed;

    private PlanningRows(PlanningSheet sheet, PageText text)
    {
        (_sheet, _text, _wall) = (sheet, text, new WallClock(text.Zone));
        _days = [.. sheet.Days.Select(WallClock.NumberOf)];
        _labels = [.. sheet.Days.Select(day => Html(text.Date(day)))];
        (_offer, _block, _outside, _claimed) = (Html(text[ReserveText.OfferWord]), Html(text[ReserveText.BlockWord]), Html(text[ReserveText.OutsideWord]), Html(text[ReserveText.ClaimedWord]));
    }

    /// <summary>One row for each machine, in their order.</summary>
    public static IEnumerable<string> Write(PlanningSheet sheet, PageText text)
    {
        var rows = new PlanningRows(sheet, text);
        var items = Enumerable.Range(0, sheet.Items.Count).ToLookup(place => sheet.Items[place].Machine);
        return sheet.Machines.Select(machine => rows.Row(machine, items[machine.Id]));
    }

    private string Row(PlanningMachine machine, IEnumerable<int> items)
    {
        var code = Html(machine.Code);
        _row.Clear().Append("<tr data-m=\"");
        Id(machine.Id.Value);
        _row.Append("\" data-c=\"").Append(code).Append("\"><th scope=\"row\"><a href=\"/machines/").Append(code).Append("\">").Append(Html(machine.Name.In(_text.Tag)))
            .Append("</a> <span class=\"code\">").Append(code).Append("</span></th>");
        List<Shown> shown = [.. items.Select(place => Of(_sheet.Items[place]))];
        for (var place = 0; place < _days.Length; place++)
        {
            _row.Append("<td data-label=\"").Append(_labels[place]).Append("\">");
            foreach (var one in shown)
            {
                if (one.Start.Day <= _days[place] && _days[place] <= one.Last)
                    Item(one, first: one.Start.Day == _days[place] || place == 0);
            }
            _row.Append("</td>");
        }
        return _row.Append("</tr>").ToString();
    }

    private Shown Of(PlanningItem item)
    {
        var (start, end) = (_wall.At(item.Start), _wall.At(item.End));
        return new Shown(item, start, end, end.Time == 0 ? end.Day - 1 : end.Day);
    }

    private void Item(Shown one, bool first)
    {
        var item = one.Item;
        _row.Append("<a class=\"plan-item");
        if (item.Kind != ReservationKind.Booking)
            _row.Append(item.Kind == ReservationKind.Block ? " plan-block" : " plan-offer");
        else if (item.Outside)
            _row.Append(" plan-outside");
        else if (item.Claimed)
            _row.Append(" plan-claimed");
        // What is offered to the waiting list is not a booking yet: it has no page.
        if (item.Kind != ReservationKind.Offer)
        {
            _row.Append("\" href=\"/bookings/");
            Id(item.Id.Value);
        }
        _row.Append('"');
        if (first)
        {
            // Read by the script: once for each, with the times on the clock of the lab.
            _row.Append(" data-v=\"").Append(item.Version).Append("\" data-t=\"").Append(Date(one.Start.Day)).Append(Time(one.Start.Time))
                .Append('/').Append(Date(one.End.Day)).Append(Time(one.End.Time)).Append('"');
        }
        _row.Append("><b>").Append(Clock(one.Start.Time)).Append('–').Append(Clock(one.End.Time)).Append("</b> <span>");
        _ = item switch
        {
            { Kind: ReservationKind.Offer, Who: { } who } => _row.Append(Name(who)).Append(", ").Append(_offer),
            { Kind: ReservationKind.Offer } => _row.Append(_offer),
            { Kind: ReservationKind.Block, Who: { } why } => _row.Append(_block).Append(" : ").Append(Name(why)),
            { Kind: ReservationKind.Block } => _row.Append(_block),
            { Outside: true } => _row.Append(Name(item.Who)).Append(", ").Append(_outside),
            { Claimed: true } => _row.Append(Name(item.Who)).Append(", ").Append(_claimed),
            _ => _row.Append(Name(item.Who)),
        };
        _row.Append("</span></a>");
    }

    private void Id(Guid id)
    {
        Span<char> written = stackalloc char[36];
        id.TryFormat(written, out _, "D");
        _row.Append(written);
    }

    private string Name(string? who)
    {
        var name = who ?? _text[ReserveText.Forgotten];
        if (!_names.TryGetValue(name, out var written))
            _names[name] = written = Html(name);
        return written;
    }

    private string Date(int day)
    {
        if (!_dates.TryGetValue(day, out var written))
            _dates[day] = written = LocalDatePattern.Iso.Format(WallClock.DateOf(day)) + "T";
        return written;
    }

    private string Time(int time)
    {
        var minute = time / WallClock.Minute;
        return _times[minute] ??= string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");
    }

    private string Clock(int time)
    {
        var minute = time / WallClock.Minute;
        return _clocks[minute] ??= _text.Language == Language.French
            ? string.Create(CultureInfo.InvariantCulture, $"{minute / 60}h{minute % 60:00}")
            : Time(time);
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>An item with its times on the wall and the last day it lies in.</summary>
    private sealed record Shown(PlanningItem Item, (int Day, int Time) Start, (int Day, int Time) End, int Last);
}
