namespace Simmer.CrashTests.Worker;

/// <summary>A file of ids, written when their enqueue was acknowledged or before their cancel was requested. Each line is one write, which
/// the system keeps even if the process is killed.</summary>
public sealed class AckFile : IDisposable
{
    /// <summary>Enqueues that were acknowledged.</summary>
    public const string Acknowledged = "acks";

    /// <summary>Cancels that were asked for, whatever came of it.</summary>
    public const string Cancelled = "cancels";

    /// <summary>Workflows whose enqueue was acknowledged.</summary>
    public const string Flows = "flows";

    /// <summary>Workflows whose deletion was asked for, whatever came of it.</summary>
    public const string Deleted = "deletes";

    private readonly Lock _gate = new();
    private readonly FileStream _file;

    public AckFile(string folder, string name, string what = Acknowledged) => _file = new FileStream(
        Path.Combine(folder, $"{name}.{what}"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Add(params IEnumerable<JobId> ids)
    {
        var lines = System.Text.Encoding.ASCII.GetBytes(string.Concat(ids.Select(static id => id + "\n")));
        lock (_gate)
        {
            _file.Write(lines);
        }
    }

    /// <summary>Reads all ids of all processes. A kill may have cut the last line short; that job was not acknowledged.</summary>
    public static HashSet<JobId> ReadAll(string folder, string what = Acknowledged)
    {
        var ids = new HashSet<JobId>();
        foreach (var path in Directory.EnumerateFiles(folder, $"*.{what}"))
        {
            foreach (var line in File.ReadLines(path))
            {
                if (line.Length == 36 && JobId.TryParse(line, null, out var id))
                {
                    _ = ids.Add(id);
                }
            }
        }

        return ids;
    }

    public void Dispose() => _file.Dispose();
}
