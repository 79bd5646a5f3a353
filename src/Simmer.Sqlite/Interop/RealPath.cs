namespace Simmer.Sqlite;

/// <summary>Resolves all symbolic links of a path, as SQLite does: it names the log and index of a database after the real path, so that a
/// process which opens the database by another name shares them.</summary>
internal static class RealPath
{
    /// <summary>More than the kernel follows.</summary>
    private const int MostLinks = 100;

    /// <summary>The path, whether there is a file or not. On Windows SQLite follows no links, and neither does this.</summary>
    /// <exception cref="IOException">The links go round in a circle.</exception>
    public static string Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.GetFullPath(path);
        }

        // Part by part: what ".." leads to is known only when the links before it were followed.
        var at = "/";
        var left = new Stack<string>();
        Push(left, Path.IsPathRooted(path) ? path : $"{Environment.CurrentDirectory}/{path}");
        for (var links = 0; left.TryPop(out var part);)
        {
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            var next = Path.Combine(at, part);
            if (TargetOf(next) is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"'{path}' goes through more than {MostLinks} symbolic links; do they go round in a circle?");
            }

            at = Path.IsPathRooted(target) ? "/" : at;
            Push(left, target);
        }

        return at;
    }

    private static void Push(Stack<string> left, string path)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse().Where(static p => p != "."))
        {
            left.Push(part);
        }
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error is reported when the file is opened.
            return null;
        }
    }
}
