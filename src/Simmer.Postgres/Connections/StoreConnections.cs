namespace Simmer.Postgres;

/// <summary>The connections of a store, each for one purpose and used by one caller at a time: a process never has more than these,
/// whatever the concurrency, and one more that listens.</summary>
internal sealed class StoreConnections(PostgresDatabase database, PostgresMetrics metrics, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The flush's. It is kept, as the heartbeat's is: an application that uses up a pool it shares with the store can stop
    /// neither.</summary>
    public StoreConnection Main { get; } = new(database, "flush", metrics, clock, keeps: true);

    /// <summary>The connection of the heartbeat, on a thread of its own.</summary>
    public ThreadConnection Beat { get; } = new(database, "beat", metrics, clock);

    /// <summary>Of whatever is written beside the flush: upkeep, operators, operations that are sent apart.</summary>
    public StoreConnection Side { get; } = new(database, "upkeep", metrics, clock, keeps: false);

    /// <summary>The connection for reads.</summary>
    public StoreConnection Reads { get; } = new(database, "read", metrics, clock, keeps: false, writes: false);

    /// <summary>The connection of the vacuum, which takes long for a large table: other users of the connection would have to wait for
    /// it.</summary>
    public StoreConnection Vacuum { get; } = new(database, "vacuum", metrics, clock, keeps: false, writes: false);

    /// <summary>Takes the connections that are kept, before the application can use up a pool that it shares with them.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await Main.OpenAsync(cancellationToken);
        await Beat.OpenAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        await Beat.DisposeAsync();
        await Side.DisposeAsync();
        await Reads.DisposeAsync();
        await Vacuum.DisposeAsync();
    }
}
