namespace FabLab.Gateway.Links;

/// <summary>The rules of MQTT topics and filters.</summary>
public static class TopicFilter
{
    /// <summary>More levels than this make brokers refuse; our own have five.</summary>
    public const int MostLevels = 32;

    public const int MostCharacters = 256;

    /// <summary>A name one can publish to: not empty, no wildcard, no NUL, not too long or deep.</summary>
    public static bool IsTopic(string? topic) =>
        topic is { Length: > 0 and <= MostCharacters }
        && topic.AsSpan().IndexOfAny('+', '#', '\0') < 0
        && topic.AsSpan().Count('/') < MostLevels;

    /// <summary>A filter one can subscribe to: wildcards stand alone in their level, and <c>#</c> stands last.</summary>
    public static bool IsFilter(string? filter)
    {
        if (filter is not { Length: > 0 and <= MostCharacters } || filter.Contains('\0') || filter.AsSpan().Count('/') >= MostLevels)
            return false;
        var rest = filter.AsSpan();
        while (true)
        {
            var slash = rest.IndexOf('/');
            var level = slash < 0 ? rest : rest[..slash];
            if (level.IndexOfAny('+', '#') >= 0 && level.Length != 1)
                return false;
            if (level is "#" && slash >= 0)
                return false;
            if (slash < 0)
                return true;
            rest = rest[(slash + 1)..];
        }
    }
}
