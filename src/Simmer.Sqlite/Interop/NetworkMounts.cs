namespace Simmer.Sqlite;

/// <summary>Finds out whether a path is on a network: the WAL's index is shared memory, which two machines do not share.</summary>
internal static class NetworkMounts
{
    private static readonly string[] s_types =
        ["nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs",
            "lustre", "ocfs2"];

    /// <summary>The network file system that a path is on; <see langword="null"/>: none, or it cannot be determined.</summary>
    public static string? TypeOf(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                return path.StartsWith(@"\\", StringComparison.Ordinal) || new DriveInfo(path).DriveType == DriveType.Network
                    ? "a network drive"
                    : null;
            }

            return File.Exists("/proc/mounts") ? TypeOf(path, File.ReadLines("/proc/mounts")) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The same over the lines of <c>/proc/mounts</c>: the longest mount point that leads to the path counts.</summary>
    internal static string? TypeOf(string path, IEnumerable<string> mounts)
    {
        var (longest, type) = (-1, "");
        foreach (var line in mounts)
        {
            var fields = line.Split(' ');
            if (fields.Length < 3)
            {
                continue;
            }

            var point = fields[1].Replace("\\040", " ", StringComparison.Ordinal);
            var leads = point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);
            if (leads && point.Length >= longest)
            {
                (longest, type) = (point.Length, fields[2]);
            }
        }

        return Array.IndexOf(s_types, type) >= 0 ? type : null;
    }
}
