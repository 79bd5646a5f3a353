namespace Simmer.Sqlite;

/// <summary>What a commit survives.</summary>
public enum SqliteSynchronous
{
    /// <summary>A power cut: every commit is synced to the disk. Callers at the same time share the sync.</summary>
    Full,

    /// <summary>A crash of the process; a power cut may take the last commits, never the file.</summary>
    Normal,
}
