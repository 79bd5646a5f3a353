using Microsoft.Extensions.Logging;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>What all rooms of a store share: where the database is, how the store behaves, and what this process knows of the rows in
/// it. Connections are not among it: a room is given those that it uses.</summary>
/// <param name="database">The database.</param>
/// <param name="options">How the store behaves.</param>
/// <param name="clock">For what is measured between two answers; no time of a job comes from it.</param>
/// <param name="logger">Takes what is worth saying.</param>
/// <param name="metrics">The store's meters.</param>
/// <param name="texts">The statements with the schema's name in them.</param>
internal sealed class PostgresContext(PostgresDatabase database, PostgresStoreOptions options, TimeProvider clock, ILogger logger,
    PostgresMetrics metrics, SqlTexts texts)
{
    public PostgresDatabase Database => database;

    public PostgresStoreOptions Options => options;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    public PostgresMetrics Metrics => metrics;

    /// <summary>Whether the store is open.</summary>
    public OpenState State { get; } = new(database.Server);

    /// <summary>The statements with the schema's name in them.</summary>
    public SqlTexts Texts => texts;

    /// <summary>The numbers of queues and kinds.</summary>
    public NameTable Names { get; } = new(texts, options.CommandTimeout);

    /// <summary>Where the ready rows of each queue begin.</summary>
    public LowWater LowWater { get; } = new(clock);

    /// <summary>Whether there may be ready suspects.</summary>
    public Suspects Suspects { get; } = new();

    /// <summary>Rows that the database has refused to change.</summary>
    public AvoidedJobs Avoided { get; } = new(logger);

    /// <summary>What the start has found out about the database.</summary>
    public DatabaseFacts Facts { get; } = new();

    /// <summary>The time by which all is written and judged.</summary>
    public StoreTime Time { get; } = new(options.LeaseClock, texts, options.CommandTimeout, clock);

    /// <summary>A transaction on a connection; it is yet to be begun.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="weight">About how many rows it concerns: a statement may take a millisecond longer for each.</param>
    /// <param name="isPlain">Whether statements are prepared (<see cref="StoreConnection.IsPlain"/>).</param>
    /// <param name="attempt">What earlier tries of the same verb have taught; null: it is tried once.</param>
    public Session SessionOn(NpgsqlConnection connection, int weight = 0, bool isPlain = false, Attempt? attempt = null) =>
        new(connection, Texts, Names, LowWater, options.CommandTimeout + TimeSpan.FromMilliseconds(weight), isPlain) { Attempt = attempt };
}
