using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>A stretch of time while hours are being put together. Unlike a period it may be closed.</summary>
internal readonly record struct OpeningPiece(Instant Start, Instant End, OpeningKind Kind, string? Group, string? Label)
{
    internal bool IsEmpty => Start >= End;

    internal OpeningPiece Between(Instant from, Instant until) =>
        this with { Start = Instant.Max(Start, from), End = Instant.Min(End, until) };
}

/// <summary>Pieces in order that do not overlap. Laying one down takes away what lay under it. Built for pieces that come nearly in order.</summary>
internal sealed class OpeningCanvas
{
    private readonly List<OpeningPiece> _pieces = [];

    internal IReadOnlyList<OpeningPiece> Pieces => _pieces;

    internal void Clear() => _pieces.Clear();

    internal void Lay(OpeningPiece piece)
    {
        if (piece.IsEmpty)
        {
            return;
        }

        int end = _pieces.Count;
        while (end > 0 && _pieces[end - 1].Start >= piece.End)
        {
            end--;
        }

        int start = end;
        while (start > 0 && _pieces[start - 1].End > piece.Start)
        {
            start--;
        }

        if (start == end)
        {
            _pieces.Insert(start, piece);
            return;
        }

        OpeningPiece before = _pieces[start].Between(Instant.MinValue, piece.Start);
        OpeningPiece after = _pieces[end - 1].Between(piece.End, Instant.MaxValue);
        _pieces.RemoveRange(start, end - start);
        if (!after.IsEmpty)
        {
            _pieces.Insert(start, after);
        }

        _pieces.Insert(start, piece);
        if (!before.IsEmpty)
        {
            _pieces.Insert(start, before);
        }
    }

    /// <summary>
    /// The stricter of two sets of hours at every instant. Closed is stricter than staff only, that than groups, that than
    /// booked, that than open. Where only the site has hours, they stay if <paramref name="siteStands"/>, else it is closed,
    /// also against what lies under it: the late evening of the day before.
    /// </summary>
    internal static IEnumerable<OpeningPiece> Stricter(
        IReadOnlyList<OpeningPiece> site, IReadOnlyList<OpeningPiece> machine, bool siteStands)
    {
        foreach (OpeningPiece outer in site)
        {
            OpeningPiece alone = siteStands ? outer : outer with { Kind = OpeningKind.Closed, Group = null };
            Instant from = outer.Start;
            foreach (OpeningPiece inner in machine)
            {
                OpeningPiece common = inner.Between(outer.Start, outer.End);
                if (common.IsEmpty)
                {
                    continue;
                }

                if (from < common.Start)
                {
                    yield return alone.Between(from, common.Start);
                }

                yield return common.Kind <= outer.Kind ? common : outer.Between(common.Start, common.End);
                from = common.End;
            }

            if (from < outer.End)
            {
                yield return alone.Between(from, outer.End);
            }
        }
    }
}
