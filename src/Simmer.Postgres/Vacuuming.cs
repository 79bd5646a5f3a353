using Microsoft.Extensions.Logging;
using Npgsql;
using Simmer.Execution;

namespace Simmer.Postgres;

/// <summary>Clears away the rows that were claimed and deleted: autovacuum visits a database once a minute, and a queue turns over a
/// million rows in that time. Also tells who keeps it from being done.</summary>
/// <param name="connection">The connection, which nobody else uses: a vacuum of a large table takes long, and whoever shared the connection
/// would wait for it.</param>
/// <param name="texts">The schema.</param>
/// <param name="clock">For what is measured between two vacuums.</param>
/// <param name="metrics">Counts.</param>
/// <param name="logger">Told who is in the way.</param>
/// <param name="server">The server's address.</param>
internal sealed class Vacuuming(StoreConnection connection, SqlTexts texts, TimeProvider clock, PostgresMetrics metrics, ILogger logger,
    string server) : IAsyncDisposable
{
    /// <summary>After how many dead rows. At 26 MB the table then stays in memory.</summary>
    private const int DeadRows = 20_000;

    private const string VacuumSql = "VACUUM (SKIP_LOCKED, TRUNCATE false) simmer.job, simmer.flush, simmer.workflow";

    // Young snapshots are everywhere; one counts when it has outlived some hundred transactions.
    private const string OldestSql = """
        SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, backend_type), extract(epoch
            FROM clock_timestamp() - xact_start)::float8, left(regexp_replace(coalesce(query, ''), '\s+', ' ', 'g'), 200)
        FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
            AND xact_start < clock_timestamp() - make_interval(secs => $1) AND age(backend_xmin) > 200
            AND backend_type <> 'autovacuum worker'
        ORDER BY age(backend_xmin) DESC LIMIT 1
        """;

    private static readonly TimeSpan s_old = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_betweenWarnings = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private long _dead;
    private long? _endedAt;
    private TimeSpan _took;
    private Task _running = Task.CompletedTask;
    private int _warnedOf;
    private long _warnedAt;

    /// <summary>Whether this role may do it.</summary>
    public bool IsAllowed { get; set; }

    /// <summary>A commit left so many dead rows.</summary>
    public void Left(int rows)
    {
        if (rows == 0 || !IsAllowed)
        {
            return;
        }

        lock (_lock)
        {
            _dead += rows;

            // At most a twentieth of the time: where an old snapshot forbids it, every vacuum walks over all that is dead and clears
            // nothing.
            if (_dead < DeadRows || !_running.IsCompleted || _stop.IsCancellationRequested
                || (_endedAt is { } at && clock.GetElapsedTime(at) < 20 * _took))
            {
                return;
            }

            _dead = 0;
            _running = CallerContext.Detached(static vacuuming => vacuuming.RunAsync(), this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task running;
        lock (_lock)
        {
            running = _running;
        }

        await running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        // The flush that brought it here goes on.
        await Task.Yield();
        var began = clock.GetTimestamp();
        try
        {
            _ = await connection.RunAsync(async connection =>
            {
                // It may be broken off at any time, so the end of the process does not wait for it.
                await using var vacuum = new NpgsqlCommand(texts[VacuumSql], connection) { CommandTimeout = (int)s_timeout.TotalSeconds };
                _ = await vacuum.ExecuteNonQueryAsync(_stop.Token);
                await WarnOfOldSnapshotAsync(connection);
                return true;
            }, _stop.Token);
            metrics.Vacuumed();
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The store is closed.
        }
        catch (Exception e)
        {
            Log.VacuumFailed(logger, e, server);
        }

        lock (_lock)
        {
            (_endedAt, _took) = (clock.GetTimestamp(), clock.GetElapsedTime(began));
        }
    }

    private async Task WarnOfOldSnapshotAsync(NpgsqlConnection connection) =>
        await new SqlBatch(connection, texts, s_timeout).Add(OldestSql).Bind((double?)s_old.TotalSeconds).Each(row =>
        {
            var pid = row.GetInt32(0);
            if (pid == _warnedOf && clock.GetElapsedTime(_warnedAt) < s_betweenWarnings)
            {
                return;
            }

            (_warnedOf, _warnedAt) = (pid, clock.GetTimestamp());
            Log.OldSnapshot(logger, server, TimeSpan.FromSeconds(row.GetDouble(4)), pid, row.GetString(1), row.GetString(2),
                row.GetString(3), row.GetString(5));
        }).RunAsync();
}
