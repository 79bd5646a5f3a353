namespace Simmer.DiskTests.Support;

/// <summary>A folder of its own for each test, gone with it.</summary>
public abstract class Folder : IDisposable
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected string Place { get; } = Directory.CreateTempSubdirectory("simmer-disk-").FullName;

    private protected string Database => Path.Combine(Place, "jobs.db");

    public void Dispose()
    {
        Directory.Delete(Place, recursive: true);
        GC.SuppressFinalize(this);
    }
}
