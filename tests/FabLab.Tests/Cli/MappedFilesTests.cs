using System.IO.MemoryMappedFiles;
using FabLab.Host.Hosting;

namespace FabLab.Host.Tests.Cli;

public sealed class MappedFilesTests
{
    private const string Smaps = """
        7f0000000000-7f0000200000 r--p 00000000 103:02 11   /usr/lib/a library.so
        Size:               2048 kB
        Rss:                1024 kB
        Private_Clean:      1024 kB
        Private_Dirty:         0 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        7f0000200000-7f0000300000 r--p 00200000 103:02 11   /usr/lib/a library.so
        Rss:                 512 kB
        Private_Dirty:         4 kB
        Anonymous:             4 kB
        VmFlags: rd mr mw me
        7f0000300000-7f0000400000 rw-p 00300000 103:02 11   /usr/lib/a library.so
        Rss:                  64 kB
        Private_Dirty:         0 kB
        Anonymous:             0 kB
        7f0000400000-7f0000500000 rw-p 00000000 00:00 0
        Rss:                 128 kB
        Anonymous:           128 kB
        7f0000500000-7f0000600000 r--s 00000000 103:02 12   /usr/lib/locked
        Rss:                 128 kB
        Private_Dirty:         0 kB
        Anonymous:             0 kB
        VmFlags: rd mr lo
        nonsense
        7f0000600000-7f0000700000 r-xp 00000000 00:00 0     [vdso]
        Rss:                   4 kB
        """;

    [Fact]
    public void Only_what_the_file_has_unchanged_is_given_back()
    {
        var stretches = MappedFiles.Read(Smaps.Split('\n')).ToList();

        Assert.Equal(6, stretches.Count);
        var given = Assert.Single(stretches, stretch => stretch.ComesBack);
        Assert.Equal((0x7f0000000000u, 0x200000u, "/usr/lib/a library.so"), ((ulong)given.Start, (ulong)given.Length, given.Path));
        Assert.Equal(1024 * 1024, given.Resident);
    }

    [Fact]
    public void Pages_given_back_are_read_again_as_they_were()
    {
        // Beside the program and on the disk: a file in memory, or one not written yet, has nowhere to come back from.
        var path = Path.Combine(AppContext.BaseDirectory, $"fablab-mapped-{Guid.NewGuid():N}");
        var bytes = new byte[4 << 20];
        new Random(1).NextBytes(bytes);
        using (var written = File.Create(path))
        {
            written.Write(bytes);
            written.Flush(flushToDisk: true);
        }
        try
        {
            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            Assert.Equal(bytes, All(view));
            Assert.Equal(bytes.Length, Resident(path));

            MappedFiles.Give();

            Assert.Equal(0, Resident(path));
            Assert.Equal(bytes, All(view));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] All(MemoryMappedViewAccessor view)
    {
        var all = new byte[4 << 20];
        view.ReadArray(0, all, 0, all.Length);
        return all;
    }

    private static long Resident(string path) =>
        MappedFiles.Read(File.ReadLines("/proc/self/smaps")).Where(stretch => stretch.Path == path).Sum(stretch => stretch.Resident);
}
