namespace Simmer.CrashTests.Worker;

/// <summary>The ids whose enqueue was acknowledged. One write a line: what the system has taken outlives a kill.</summary>
public sealed class AckFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;

    public AckFile(string folder, string name) => _file = new FileStream(
        Path.Combine(folder, $"{name}.acks"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Add(IEnumerable<JobId> ids)
    {
        var lines = System.Text.Encoding.ASCII.GetBytes(string.Concat(ids.Select(static id => id + "\n")));
        lock (_gate)
        {
            _file.Write(lines);
        }
    }

    /// <summary>Every acknowledged id of every process. A kill may have cut the last line short: that job was never known to be acknowledged.</summary>
    public static List<JobId> ReadAll(string folder)
    {
        var ids = new List<JobId>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.acks"))
        {
            foreach (var line in File.ReadLines(path))
            {
                if (line.Length == 36 && JobId.TryParse(line, null, out var id))
                {
                    ids.Add(id);
                }
            }
        }

        return ids;
    }

    public void Dispose() => _file.Dispose();
}
