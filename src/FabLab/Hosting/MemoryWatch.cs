namespace FabLab.Host.Hosting;

/// <summary>
/// When memory is worth giving back: nothing much is going on, and there is much more of it than was left the last time. A lab at
/// rest therefore gives back once and then leaves it alone.
/// </summary>
internal sealed class MemoryWatch
{
    /// <summary>Bytes that are asked for from one look to the next while a lab of a hundred machines is at rest, with room to spare.</summary>
    internal const long CalmBytes = 8 << 20;

    /// <summary>What a pause must bring at least, in bytes.</summary>
    internal const long WorthBytes = 16 << 20;

    private const int LooksOfRest = 2;

    private long? _allocated;
    private long? _left;
    private bool _given;
    private int _calmLooks;

    /// <summary>Whether the last look was the one that found a busy time over: true once for each of them, the start being the first.</summary>
    public bool HasComeToRest => _calmLooks == LooksOfRest;

    /// <summary>Something was given back. What that itself took is no sign that something goes on: it would be found over two looks later, and so for ever.</summary>
    /// <param name="allocated">Bytes asked for since the start of the process, now that it is done.</param>
    public void Gave(long allocated) => _allocated = allocated;

    /// <param name="allocated">Bytes asked for since the start of the process.</param>
    /// <param name="committed">Bytes the heap holds now, after its last collection.</param>
    /// <returns>Whether to give back now.</returns>
    public bool IsTime(long allocated, long committed)
    {
        var calm = allocated - (_allocated ?? allocated) <= CalmBytes;
        _calmLooks = calm && _allocated is not null ? Math.Min(_calmLooks, LooksOfRest) + 1 : 0;
        _allocated = allocated;
        // The first look after giving back says what is left; nothing is compared with what it was before.
        if (_given || _left is null)
        {
            _given = false;
            _left = committed;
            return false;
        }
        _left = Math.Min(_left.Value, committed);
        _given = calm && committed - _left >= WorthBytes;
        return _given;
    }
}
