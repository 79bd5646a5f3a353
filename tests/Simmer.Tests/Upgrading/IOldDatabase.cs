using Simmer.Tests.Durable;

namespace Simmer.Tests.Upgrading;

/// <summary>A database as commit 9e51af5 made it, with rows of every kind in it; 300 days lay between its times and the day on which it was
/// made.</summary>
public interface IOldDatabase : IJobDatabase
{
    /// <summary>The version of its schema now.</summary>
    string VersionSql { get; }

    /// <summary>Whether processes of both versions take the same upkeep leases; if not, each version has its own.</summary>
    bool SharesUpkeepLeases { get; }

    /// <summary>A process of the old version on it.</summary>
    IOldProcess OldProcess();
}
