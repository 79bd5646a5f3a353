using Npgsql;
using Simmer.Runtime;

namespace Simmer.Postgres;

/// <summary>Vacuums the hot tables. Autovacuum visits a database once a minute, and a queue turns over a million rows in that time. Logs
/// which session holds an old snapshot, and so keeps dead rows from being cleared away.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="connection">The connection, which is used for nothing else.</param>
internal sealed class Vacuuming(PostgresContext context, StoreConnection connection) : IAsyncDisposable
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

    /// <summary>A commit left so many dead rows.</summary>
    public void Left(int rows)
    {
        if (rows == 0 || !context.Facts.OwnsTables)
        {
            return;
        }

        lock (_lock)
        {
            _dead += rows;

            // Vacuums take at most a twentieth of the time: while an old snapshot is held, each walks over all dead rows and clears none.
            if (_dead < DeadRows || !_running.IsCompleted || _stop.IsCancellationRequested
                || (_endedAt is { } at && context.Clock.GetElapsedTime(at) < 20 * _took))
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
        // Off the flush's thread: the flush goes on.
        await Task.Yield();
        var began = context.Clock.GetTimestamp();
        try
        {
            _ = await connection.RunAsync(async connection =>
            {
                // A vacuum may be broken off at any time, so the end of the process does not wait for it.
                await using var vacuum =
                    new NpgsqlCommand(context.Texts[VacuumSql], connection) { CommandTimeout = (int)s_timeout.TotalSeconds };
                _ = await vacuum.ExecuteNonQueryAsync(_stop.Token);
                await WarnOfOldSnapshotAsync(connection);
                return true;
            }, _stop.Token);
            context.Metrics.Vacuumed();
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The store is closed.
        }
        catch (Exception e)
        {
            Log.VacuumFailed(context.Logger, e, context.Database.Server);
        }

        lock (_lock)
        {
            (_endedAt, _took) = (context.Clock.GetTimestamp(), context.Clock.GetElapsedTime(began));
        }
    }

    private async Task WarnOfOldSnapshotAsync(NpgsqlConnection connection) =>
        await new SqlBatch(connection, context.Texts, s_timeout).Add(OldestSql).Bind((double?)s_old.TotalSeconds).Each(row =>
        {
            var pid = row.GetInt32(0);
            if (pid == _warnedOf && context.Clock.GetElapsedTime(_warnedAt) < s_betweenWarnings)
            {
                return;
            }

            (_warnedOf, _warnedAt) = (pid, context.Clock.GetTimestamp());
            Log.OldSnapshot(context.Logger, context.Database.Server, TimeSpan.FromSeconds(row.GetDouble(4)), pid, row.GetString(1),
                row.GetString(2), row.GetString(3), row.GetString(5));
        }).RunAsync();
}
