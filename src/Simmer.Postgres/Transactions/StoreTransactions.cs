using Npgsql;

namespace Simmer.Postgres;

/// <summary>Runs the work of verbs in transactions: what is written beside the flush, what operators ask for, and what is read.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="connections">The store's connections.</param>
/// <param name="notifications">Tells other processes of queues with ready jobs.</param>
internal sealed class StoreTransactions(PostgresContext context, StoreConnections connections, Notifications notifications)
{
    /// <summary>Runs something on a connection, and once more on another after each refusal that has closed the connection and taught
    /// what to leave out.</summary>
    public static async ValueTask<T> RunAsync<T>(StoreConnection connection, Func<NpgsqlConnection, Attempt, Task<T>> work,
        CancellationToken cancellationToken)
    {
        var attempt = new Attempt();
        while (true)
        {
            attempt.Begin();
            try
            {
                return await connection.RunAsync(connection => work(connection, attempt), cancellationToken);
            }
            catch (StoreException) when (attempt.MayTryAgain)
            {
                // On a new connection.
            }
        }
    }

    /// <summary>Runs an operator's work in a transaction of its own. While another transaction is in the way it releases the connection
    /// again and again, because neither promotion nor rescue may have to wait behind it.</summary>
    /// <param name="work">What is done; once more after each time that it had to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="weight">About how many rows it concerns.</param>
    public async ValueTask<T> OperateAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken, int weight = 0)
    {
        var began = context.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await WriteAsync(work, cancellationToken, weight, Session.ShortLockTimeout);
            }
            catch (StoreException e)
                when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }
                    && context.Clock.GetElapsedTime(began) < context.Options.LockTimeout)
            {
                await Task.Delay(Session.ShortLockTimeout, context.Clock, cancellationToken);
            }
        }
    }

    /// <summary>The same for work that needs the present time: it is given the server's.</summary>
    public ValueTask<T> OperateAsync<T>(DateTimeOffset now, Func<Session, DateTimeOffset, Task<T>> work,
        CancellationToken cancellationToken, int weight = 0)
    {
        var asked = context.Clock.GetTimestamp();
        return OperateAsync(async session => await work(session, await context.Time.NowAsync(session, now, asked)), cancellationToken,
            weight);
    }

    /// <summary>Runs an upkeep in a transaction of its own, beside the flush.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="weight">About how many rows it concerns.</param>
    /// <param name="lockTimeout">How long a statement waits for another transaction; null: as the options say.</param>
    public async ValueTask<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken, int weight = 0,
        TimeSpan? lockTimeout = null)
    {
        context.State.ThrowIfNotOpen();
        var (answer, steps) = await RunAsync(connections.Side, async (connection, attempt) =>
        {
            var session = context.SessionOn(connection, weight, attempt: attempt);
            await Session.Begin(session.Batch(), lockTimeout ?? context.Options.LockTimeout).RunAsync();
            var answer = await work(session);
            await session.Batch().Add("COMMIT").RunAsync();
            return (answer, session.Steps);
        }, cancellationToken);
        Announce(steps);
        return answer;
    }

    /// <summary>The same for work that needs the present time: it is given the server's.</summary>
    /// <param name="now">The caller's time.</param>
    /// <param name="work">What is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="weight">About how many rows it concerns.</param>
    /// <param name="fresh">Whether the server is asked for its time in any case.</param>
    public ValueTask<T> WriteAsync<T>(DateTimeOffset now, Func<Session, DateTimeOffset, Task<T>> work,
        CancellationToken cancellationToken, int weight = 0, bool fresh = false)
    {
        var asked = context.Clock.GetTimestamp();
        return WriteAsync(async session => await work(session, await context.Time.NowAsync(session, now, asked, fresh)), cancellationToken,
            weight);
    }

    /// <summary>Reads in one snapshot, for the engine.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        context.State.ThrowIfNotOpen();
        return await connections.Reads.RunAsync(connection => InSnapshotAsync(connection, work), cancellationToken);
    }

    /// <summary>Reads in one snapshot, for clients: however many ask and watch, the engine's reads wait for one of them at most.</summary>
    public async ValueTask<T> BrowseAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        context.State.ThrowIfNotOpen();
        return await connections.Reads.RunBehindAsync(connection => InSnapshotAsync(connection, work), cancellationToken);
    }

    /// <summary>Called after a commit. The next claims begin at the rows that have come back, and other processes are notified.</summary>
    public void Announce(WorkflowChanges steps)
    {
        steps.Lower(context.LowWater);
        notifications.Announce(steps.ReadyQueues);
    }

    private async Task<T> InSnapshotAsync<T>(NpgsqlConnection connection, Func<Session, Task<T>> work)
    {
        var session = context.SessionOn(connection, weight: 60_000);
        await session.Batch().Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").RunAsync();
        var answer = await work(session);
        await session.Batch().Add("COMMIT").RunAsync();
        return answer;
    }
}
