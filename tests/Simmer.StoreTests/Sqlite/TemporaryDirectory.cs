namespace Simmer.StoreTests.Sqlite;

/// <summary>A directory for one test, gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("simmer-").FullName;

    public string File(string name = "jobs.db") => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Windows keeps a file that a watcher holds for a moment; the next boot clears the directory.
        }
    }
}
