namespace Simmer.Servers;

/// <summary>A temporary folder that holds all that a server needs and leaves behind.</summary>
internal sealed class ServerFolder : IDisposable
{
    private const int LinesShown = 40;

    private ServerFolder(string path) => Path = path;

    public string Path { get; }

    private string LogFile => In("log");

    public static async Task<ServerFolder> CreateAsync(string name)
    {
        var folder = new ServerFolder(Directory.CreateTempSubdirectory($"simmer-{name}-").FullName);
        await ServiceUser.GiveAsync(folder.Path);
        return folder;
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The last lines of what the server said.</summary>
    public string LogTail() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(LinesShown)) : "(no log)";

    /// <summary>Waits until a server is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before, or took longer than a minute; with its log.</exception>
    public async Task ReadyAsync(GuardedProcess server, Func<bool> isReady)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isReady())
        {
            if (server.Exited.IsCompleted || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException(
                    $"The server {(server.Exited.IsCompleted ? "ended before it was ready" : "is not ready after a minute")}. Its log "
                    + $"ends with:\n{LogTail()}");
            }

            await Task.Delay(10);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
