namespace FabLab.Booking.Web;

/// <summary>A field in which what stands and what was sent differ, in the words of the page; an empty list is a field left empty.</summary>
/// <param name="Label">What the page calls the field; empty where it has no such field now.</param>
/// <param name="Kind">How its values read.</param>
/// <param name="Stands">The values it has now.</param>
/// <param name="Sent">The values that were sent.</param>
public sealed record FieldDifference(string Label, FieldKind Kind, IReadOnlyList<string> Stands, IReadOnlyList<string> Sent);

/// <summary>How the values of a field read.</summary>
public enum FieldKind
{
    /// <summary>As they are.</summary>
    Words,

    /// <summary>ISO dates.</summary>
    Date,

    /// <summary>One box: ticked when there is a value.</summary>
    Box,
}
