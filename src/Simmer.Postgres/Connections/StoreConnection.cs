using Npgsql;
using Simmer.Runtime;

namespace Simmer.Postgres;

/// <summary>One connection, used by one caller at a time. With a few of these a store never has more connections than that, whatever the
/// concurrency.</summary>
/// <param name="database">Where connections come from.</param>
/// <param name="name">What it is for, in metrics.</param>
/// <param name="metrics">Told of its connection.</param>
/// <param name="clock">For how long it waits.</param>
/// <param name="keeps">Whether the connection is kept between calls, so that other users of the pool cannot block it; if not, it returns to
/// the pool.</param>
/// <param name="writes">Whether anything is written on it, so that a lost answer leaves open whether it was.</param>
internal sealed class StoreConnection(PostgresDatabase database, string name, PostgresMetrics metrics, TimeProvider clock, bool keeps,
    bool writes = true) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _behind = new(1, 1);
    private NpgsqlConnection? _kept;
    private bool _closed;

    // Prepared statements keep their plan while a table grows from nothing to millions of rows, so only plans by the indices are allowed.
    // Where there is no index, as for the few workers, such a plan looks so dear that the server would compile it to machine code, which
    // takes seconds: hence jit = off. Statements that find rows by a list say "= ANY(ARRAY[x])" in place of "= x". The server may join an
    // equality from either side, and it counts a table that was empty when it was vacuumed as one row: it then walked over the whole index,
    // dead entries included, and compared each with the list, at a tenth of the rate until the next vacuum.
    internal const string SetUpSql = """
        SET synchronous_commit = on; SET lock_timeout = 50; SET idle_in_transaction_session_timeout = 5000; SET enable_seqscan = off;
            SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_sort = off; SET jit = off;
            SET plan_cache_mode = force_generic_plan
        """;

    internal const string WhoSql = "SELECT pg_backend_pid()";

    /// <summary>Whether the connection leads to one session of the server's. A pooler in between gives another number for the back end than
    /// the back end itself, and behind it a session's settings may belong to somebody else.</summary>
    internal static bool IsOneSession(NpgsqlConnection connection, object? pid) => pid is int number && number == connection.ProcessID;

    /// <summary>Runs something on the connection.</summary>
    /// <param name="work">The work. Once it is called it is carried out.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn and for a connection.</param>
    /// <exception cref="StoreException">It failed.</exception>
    public async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var connection = await ConnectAsync(cancellationToken);
            try
            {
                var answer = await work(connection);
                await EndAsync(connection, failed: false);
                return answer;
            }
            catch (Exception e)
            {
                await EndAsync(connection, failed: true);
                throw writes ? StoreFaults.From(e, database.Server, begun: true) : StoreFaults.FromRead(e, database.Server);
            }
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    /// <summary>The same for callers that let others pass: only one of them at a time waits for its turn.</summary>
    /// <param name="work">The work. Once it is called it is carried out.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn and for a connection.</param>
    /// <exception cref="StoreException">It failed.</exception>
    public async ValueTask<T> RunBehindAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        await _behind.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(work, cancellationToken);
        }
        finally
        {
            _ = _behind.Release();
        }
    }

    /// <summary>Whether the kept connection is one session of the server's, with no pooler in between, and set up for statements that are
    /// prepared once.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Takes the connection if it is one that is kept.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken) =>
        _ = await RunAsync(static _ => Task.FromResult(true), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        await _turn.WaitAsync(CancellationToken.None);
        _closed = true;
        if (_kept is { } kept)
        {
            _kept = null;
            metrics.Connections(name, -1);
            await kept.DisposeAsync();
        }

        _ = _turn.Release();
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_kept is { } kept)
        {
            return kept;
        }

        try
        {
            var since = clock.GetTimestamp();
            var connection = await database.OpenAsync(cancellationToken);
            metrics.Waited(name, since, clock);
            metrics.Connections(name, 1);
            if (keeps)
            {
                await SetUpAsync(connection, cancellationToken);
                _kept = connection;
            }

            return connection;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw StoreFaults.From(e, database.Server, begun: false);
        }
    }

    private async Task SetUpAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!database.ResetsSessions)
        {
            return;
        }

        await using var command = new NpgsqlCommand(WhoSql, connection);
        IsPlain = IsOneSession(connection, await command.ExecuteScalarAsync(cancellationToken));
        if (IsPlain)
        {
            command.CommandText = SetUpSql;
            _ = await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>After a failure the connection goes back as well: the pool rolls back what is open, or closes what is broken.</summary>
    private async Task EndAsync(NpgsqlConnection connection, bool failed)
    {
        if (!keeps || failed)
        {
            _kept = null;
            metrics.Connections(name, -1);
            await connection.DisposeAsync();
        }
    }
}
