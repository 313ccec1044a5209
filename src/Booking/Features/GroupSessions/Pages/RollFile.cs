using FabLab.Booking.Web;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.GroupSessions.Pages;

/// <summary>The attendance sheet as a file for a spreadsheet.</summary>
internal static class RollFile
{
    public static byte[] Write(GroupSessionSheet sheet, PageText text) => SpreadsheetFile.Write(file =>
    {
        var halves = sheet.Halves.Select(half => GroupSessionWords.Of(text, half));
        file.WriteRecord([text[GroupSessionText.Name], text[GroupSessionText.Status], text[GroupSessionText.FieldDay], text[GroupSessionText.Arrived, ""].Trim(), text[GroupSessionText.LeftAt, ""].Trim(), .. halves]);
        foreach (AttendeeLine line in sheet.People)
        {
            file.WriteRecord(
            [
                line.Name, text[GroupSessionWords.Of(line.Row.Status)], text.WholeDate(sheet.Session.Start),
                line.Row.ArrivedAt is { } came ? text.Time(came) : "", line.Row.LeftAt is { } left ? text.Time(left) : "",
                .. sheet.Halves.Select(half => Proof(line.Proofs.FirstOrDefault(p => p.Day == half.Day && p.Half == half.Half), text)),
            ]);
        }
        foreach (AttendanceCount count in sheet.Counts)
        {
            file.WriteRecord(
            [
                $"{text[GroupSessionText.CountedRow]} ({text[GroupSessionWords.Of(count.Band)]}, {text[GroupSessionWords.Of(count.Gender)]}, {text[GroupSessionWords.Of(count.Occupation)]})",
                count.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), text.WholeDate(sheet.Session.Start), "", "", .. sheet.Halves.Select(_ => ""),
            ]);
        }
    });

    private static string Proof(SessionSignature? proof, PageText text) => proof switch
    {
        null => "",
        { Proof: ProofKind.Badge } => text[GroupSessionText.Badge, text.Time(proof.At)],
        _ => text[GroupSessionText.HasSigned],
    };
}
