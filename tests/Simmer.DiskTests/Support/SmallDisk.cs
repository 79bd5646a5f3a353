namespace Simmer.DiskTests.Support;

/// <summary>A disk of a few megabytes, which a test fills and frees.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    /// <summary>Mounts it; skips the test where that is not allowed.</summary>
    public SmallDisk(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A small disk is a tmpfs, which Linux has.");
        Folder = Directory.CreateTempSubdirectory("simmer-disk-").FullName;
        _filler = Path.Combine(Folder, "filler");
        if (!Tool.TryRun("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder))
        {
            Directory.Delete(Folder);
            Assert.Skip("A small disk needs the right to mount a tmpfs: run the tests as root, or in a container with CAP_SYS_ADMIN.");
        }
    }

    public string Folder { get; }

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            var block = new byte[4096];
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
    }

    public void Free() => File.Delete(_filler);

    public void Dispose()
    {
        _ = Tool.TryRun("umount", "-l", Folder);
        Directory.Delete(Folder);
    }
}
