namespace FabLab.Gateway.Links;

/// <summary>
/// Finds what is attached to the filters that match a topic, in time that grows with the depth of the topic and not
/// with the number of filters. Not thread-safe: its owner locks.
/// </summary>
internal sealed class TopicTree<T>
    where T : class
{
    private readonly Node _root = new();

    public void Add(string filter, T value)
    {
        var node = _root;
        foreach (var level in filter.Split('/'))
        {
            if (!node.Children.TryGetValue(level, out var child))
                node.Children.Add(level, child = new Node());
            node = child;
        }
        node.Value = value;
    }

    public void Remove(string filter) => Remove(_root, filter.Split('/'), 0);

    /// <summary>Adds the matches to <paramref name="found"/>. Wildcards at the first level do not match topics that start with <c>$</c>.</summary>
    public void Find(ReadOnlySpan<char> topic, List<T> found)
    {
        var system = topic.Length > 0 && topic[0] == '$';
        Find(_root, topic, atEnd: false, wild: !system, found);
    }

    private static void Find(Node node, ReadOnlySpan<char> rest, bool atEnd, bool wild, List<T> found)
    {
        if (wild && node.Children.TryGetValue("#", out var all) && all.Value is { } everything)
            found.Add(everything);
        if (atEnd)
        {
            if (node.Value is { } exact)
                found.Add(exact);
            return;
        }
        var slash = rest.IndexOf('/');
        var level = slash < 0 ? rest : rest[..slash];
        var next = slash < 0 ? default : rest[(slash + 1)..];
        if (level is not ("#" or "+") && node.Lookup.TryGetValue(level, out var child))
            Find(child, next, slash < 0, wild: true, found);
        if (wild && node.Children.TryGetValue("+", out var any))
            Find(any, next, slash < 0, wild: true, found);
    }

    private static bool Remove(Node node, string[] levels, int depth)
    {
        if (depth == levels.Length)
            node.Value = null;
        else if (node.Children.TryGetValue(levels[depth], out var child) && Remove(child, levels, depth + 1))
            node.Children.Remove(levels[depth]);
        return node.Value is null && node.Children.Count == 0;
    }

    private sealed class Node
    {
        public Node() => Lookup = Children.GetAlternateLookup<ReadOnlySpan<char>>();

        public T? Value { get; set; }

        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; }
    }
}
