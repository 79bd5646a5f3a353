using System.Diagnostics;
using System.Diagnostics.Metrics;
using Simmer.Diagnostics;

namespace Simmer.Postgres;

/// <summary>The meters of the store. Npgsql's own meter, <c>Npgsql</c>, shows the state of the whole pool.</summary>
internal sealed class PostgresMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double>? _wait;
    private readonly UpDownCounter<long>? _connections;
    private readonly Counter<long>? _vacuums;
    private readonly Counter<long>? _blocked;

    /// <param name="factory">Makes meters; null: the store makes its own.</param>
    /// <param name="listener">Whether notifications are listened for.</param>
    /// <param name="skew">How far the server's clock is ahead.</param>
    public PostgresMetrics(IMeterFactory? factory, ListenerState listener, ClockSkew skew)
    {
        var options = new MeterOptions("Simmer.Postgres");
        _meter = GuardedInstruments.MeterOf(factory, options);
        _wait = GuardedInstruments
            .TryMake(() => _meter.CreateHistogram<double>("simmer.postgres.connection.wait", "s",
            "How long the store waited for a connection from the pool."));
        _connections = GuardedInstruments
            .TryMake(() => _meter.CreateUpDownCounter<long>("simmer.postgres.connections", "{connection}",
            "Connections that the store holds, by what they are for."));
        _vacuums = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.postgres.vacuums", "{vacuum}",
            "How often the store has vacuumed its hot tables."));
        _blocked = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.postgres.blocked", "{operation}",
            "Operations that another transaction held up and that were sent apart."));
        _ = GuardedInstruments.TryMake(() => _meter
            .CreateObservableGauge("simmer.postgres.listening", () => listener.IsListening ? 1 : 0, "{connection}",
            "Whether the listening connection is there."));
        _ = GuardedInstruments.TryMake(() => _meter
            .CreateObservableGauge("simmer.postgres.clock.skew", () => skew.Last.TotalSeconds, "s",
            "By how much the server's clock is ahead of this process's."));
    }

    public void Waited(string connection, long since, TimeProvider clock)
    {
        if (_wait?.Enabled == true)
        {
            _wait.TryRecord(clock.GetElapsedTime(since).TotalSeconds, new TagList { { "simmer.postgres.connection", connection } });
        }
    }

    public void Connections(string connection, int change) =>
        _connections.TryAdd(change, new TagList { { "simmer.postgres.connection", connection } });

    public void Vacuumed() => _vacuums.TryAdd(1);

    public void Blocked(int operations) => _blocked.TryAdd(operations);

    public void Dispose() => _meter.TryDispose();
}
