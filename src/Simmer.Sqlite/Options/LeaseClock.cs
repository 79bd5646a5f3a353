namespace Simmer.Sqlite;

/// <summary>Whose clock measures leases.</summary>
internal enum LeaseClock
{
    /// <summary>SQLite's.</summary>
    Database,

    /// <summary>The caller's argument.</summary>
    Caller,
}
