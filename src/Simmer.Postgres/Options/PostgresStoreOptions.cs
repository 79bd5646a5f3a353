namespace Simmer.Postgres;

/// <summary>How the PostgreSQL store behaves. What is not here is in the connection string.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>The name of <see cref="Schema"/> if none is given.</summary>
    public const string DefaultSchema = "simmer";

    /// <summary>The schema that holds Simmer's tables. Several applications can share a database, each with a schema of its own. Any name
    /// of 1 to 58 bytes in UTF-8 will do, upper case, spaces and quotes too, unless it begins with <c>pg_</c> or holds a line
    /// end.</summary>
    /// <value>Default: <c>simmer</c>.</value>
    public string Schema { get; set; } = DefaultSchema;

    /// <summary>Whether the tables are made and brought up to date at start, under an advisory lock. Without it a missing or older schema
    /// is refused; <see cref="PostgresSchema.Script"/> gives the SQL.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Migrate { get; set; } = true;

    /// <summary>How this process learns at once of what others have stored.</summary>
    /// <value>Default: <see cref="PostgresWakeup.Listen"/>.</value>
    public PostgresWakeup Wakeup { get; set; } = PostgresWakeup.Listen;

    /// <summary>How long a call of an operator (cancel, retry, delete) or an upkeep waits for another transaction before it fails with a
    /// transient <see cref="StoreException"/>.</summary>
    /// <value>Default: 2 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a statement may take before the connection is given up, as when the network is cut without a word. A flush with
    /// many rows gets more.</summary>
    /// <value>Default: 10 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>By how much this process's clock may differ from the server's before it is warned about. Leases, delays, retention and
    /// expiry go by the server's clock; a due time that is given as a time means that instant. From
    /// <see cref="SimmerOptions.MaxClockSkew"/> on a process does no upkeep.</summary>
    /// <value>Default: 2 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan ClockSkewWarning { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For how many days ahead there are partitions: failed jobs are kept for 14 days unless a queue says otherwise.</summary>
    internal int PartitionDays { get; set; } = 16;

    /// <summary>Whose clock measures leases. The conformance suite gives its own times.</summary>
    internal LeaseClock LeaseClock { get; set; }
}
