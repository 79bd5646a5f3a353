namespace Simmer.Sqlite;

/// <summary>How the SQLite store behaves. What is not here is in the connection string.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>What a commit survives.</summary>
    /// <value>Default: <see cref="SqliteSynchronous.Full"/>.</value>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>How long a write waits for another connection's transaction before it fails with a transient
    /// <see cref="StoreException"/>.</summary>
    /// <value>Default: 5 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whose clock measures leases. The conformance suite gives its own times.</summary>
    internal LeaseClock LeaseClock { get; set; }
}
