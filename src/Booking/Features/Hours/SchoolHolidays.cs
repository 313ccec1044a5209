using FabLab.Core.Scheduling;

namespace FabLab.Booking.Features.Hours;

/// <summary>
/// The school holidays the hours go by: the file that comes with the product, and over it the one a lab has put into its data folder
/// (docs/adr/0072). A file with a fault is not used, and its faults are told.
/// </summary>
internal sealed class SchoolHolidays(BookingFiles files)
{
    /// <summary>The largest file, in bytes; a year of all zones is a tenth of it.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private (DateTime Written, long Length, SchoolCalendarReading Reading, SchoolCalendar Calendar)? _read;

    /// <summary>What counts now.</summary>
    public SchoolCalendar Calendar => Read()?.Calendar ?? SchoolCalendar.Shipped;

    /// <summary>What is wrong with the file in the data folder; empty when nothing is or there is none.</summary>
    public IReadOnlyList<string> Faults => Read()?.Reading.Faults ?? [];

    /// <summary>Whether the lab has a file of its own.</summary>
    public bool HasOwn => Read() is not null;

    /// <summary>Puts a file that was read without faults in the place of the lab's own; null takes that away.</summary>
    /// <param name="json">Its text.</param>
    public void Replace(string? json)
    {
        var path = files.SchoolHolidays;
        if (json is null)
        {
            File.Delete(path);
            return;
        }
        // Whole or not at all: a cut power must not leave half a calendar.
        var draft = path + ".new";
        File.WriteAllText(draft, json);
        File.Move(draft, path, overwrite: true);
    }

    private (DateTime Written, long Length, SchoolCalendarReading Reading, SchoolCalendar Calendar)? Read()
    {
        var file = new FileInfo(files.SchoolHolidays);
        if (!file.Exists)
            return null;
        lock (_gate)
        {
            if (_read is { } known && known.Written == file.LastWriteTimeUtc && known.Length == file.Length)
                return known;
            var reading = file.Length > MaxBytes ? new SchoolCalendarReading(null, ["the file is too large."]) : SchoolCalendar.Read(File.ReadAllText(file.FullName));
            _read = (file.LastWriteTimeUtc, file.Length, reading, reading.Calendar is { } own ? SchoolCalendar.Shipped.With(own) : SchoolCalendar.Shipped);
            return _read;
        }
    }
}
