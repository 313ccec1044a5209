using System.Globalization;
using System.Text;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Policy;
using FabLab.Core;
using FabLab.Core.Policy;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Features.Privacy;

/// <summary>
/// Words that people wrote freely beside machines: alarms, lock-outs, faults, maintenance, sessions called off. Nobody's id is in
/// them, but somebody's name may be: an erasure looks for it and for the short code, and hides what it finds.
/// </summary>
internal static class FreeWords
{
    /// <summary>What stands where a name stood.</summary>
    public const string Hidden = "[…]";

    /// <summary>A part of a name that short is too often a word of its own.</summary>
    private const int ShortestPart = 3;

    private static readonly CompareInfo Compare = CultureInfo.GetCultureInfo("fr-FR").CompareInfo;

    /// <summary>Hides a person in all of them.</summary>
    /// <param name="db">Inside a write.</param>
    /// <param name="name">How they were called; null for nobody.</param>
    /// <param name="code">Their short code.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>How many texts were changed.</returns>
    public static async Task<int> HideAsync(BookingDbContext db, string? name, string code, CancellationToken cancellationToken)
    {
        var sought = Sought(name, code);
        var told = new SortedSet<(PolicyKind Kind, Guid Key)>();
        var changed = await InAsync(db.Alarms.Where(a => a.Detail != ""), nameof(Journal.Alarm.Detail));
        changed += await InAsync(db.FaultReports.Where(f => f.Text != ""), nameof(Machines.FaultReport.Text));
        changed += await InAsync(db.Maintenance.Where(m => m.Note != ""), nameof(Machines.Maintenance.Note));
        changed += await InAsync(db.MachineJobs.Where(j => j.Name != ""), nameof(Jobs.MachineJobRow.Name));
        changed += await InAsync(db.TrainingSessions.Where(s => s.CancelledWhy != ""), nameof(Trainings.TrainingSession.CancelledWhy));
        foreach (var words in new[] { "Title", "Did", "Learned", "Next", "IncidentText", "CancelledWhy" })
            changed += await InAsync(db.GroupSessions.Where(s => s.Version > 0), words);
        changed += await InAsync(db.Attendees.Where(a => a.CameWith != ""), nameof(GroupSessions.Attendee.CameWith));
        changed += await InAsync(db.VolunteerHours.Where(h => h.Note != ""), nameof(Volunteering.VolunteerHours.Note));
        changed += await InAsync(db.LockOuts.Where(l => l.Cause != ""), nameof(LockOuts.LockOutRow.Cause), row => (PolicyKind.Machine, row.MachineId.Value));
        changed += await InAsync(db.Machines.Where(m => m.BrokenCause != null && m.BrokenCause != ""), nameof(Machines.Machine.BrokenCause), row => (PolicyKind.Machine, row.Id.Value));
        // Why a machine is locked or broken is said at the machine too.
        if (told.Count > 0)
            await PolicyMarking.MarkAsync(db, told, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return changed;

        async Task<int> InAsync<T>(IQueryable<T> rows, string property, Func<T, (PolicyKind, Guid)>? tells = null)
            where T : class
        {
            var count = 0;
            foreach (var row in await rows.ToListAsync(cancellationToken))
            {
                var text = db.Entry(row).Property<string?>(property);
                if (text.CurrentValue is not { } before || Without(before, sought) is not { } after)
                    continue;
                text.CurrentValue = after;
                count++;
                if (tells is not null)
                    told.Add(tells(row));
            }
            return count;
        }
    }

    /// <summary>The text with the words hidden.</summary>
    /// <param name="text">The text.</param>
    /// <param name="sought">Longest first.</param>
    /// <returns>Null when none of them is in it.</returns>
    internal static string? Without(string text, IReadOnlyList<string> sought)
    {
        var changed = false;
        foreach (var word in sought)
        {
            var rest = new StringBuilder();
            var from = 0;
            while (from < text.Length
                && Compare.IndexOf(text.AsSpan(from), word, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace, out var length) is >= 0 and var at && length > 0)
            {
                var (begin, end) = (from + at, from + at + length);
                var whole = (begin == 0 || !char.IsLetterOrDigit(text[begin - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]));
                rest.Append(text, from, at).Append(whole ? Hidden : text.Substring(begin, length));
                changed |= whole;
                from = end;
            }
            text = rest.Append(text.AsSpan(Math.Min(from, text.Length))).ToString();
        }
        return changed ? text : null;
    }

    /// <summary>The whole name, its parts when there are several, the short code; longest first.</summary>
    internal static IReadOnlyList<string> Sought(string? name, string code)
    {
        var parts = (name ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. parts.Where(part => parts.Length > 1 && part.Length >= ShortestPart).Append(string.Join(' ', parts)).Append(code)
                .Where(word => word.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(word => word.Length),
        ];
    }
}
