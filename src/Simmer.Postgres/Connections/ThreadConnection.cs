using System.Collections.Concurrent;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>One connection that is kept and used synchronously on a thread of its own, so that it needs no thread of the pool, all of which
/// handlers may block. The answer can be awaited on any thread.</summary>
/// <param name="database">Where the connection comes from.</param>
/// <param name="name">What it is for, in metrics.</param>
/// <param name="metrics">Told of its connection.</param>
/// <param name="clock">For how long it waits.</param>
internal sealed class ThreadConnection(PostgresDatabase database, string name, PostgresMetrics metrics, TimeProvider clock)
    : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private NpgsqlConnection? _kept;
    private Thread? _thread;

    /// <summary>Whether the connection is one session of the server's, with no pooler in between, and set up for statements that are
    /// prepared once.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Runs something on the connection, after what was asked for before.</summary>
    /// <param name="work">The work. Once it is called it is carried out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Its answer. It is complete as soon as the work is, without a thread of the pool.</returns>
    /// <exception cref="StoreException">It failed.</exception>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var givesUp = cancellationToken.UnsafeRegister((_, token) => done.TrySetCanceled(token), null);
        try
        {
            Post(() =>
            {
                if (!done.Task.IsCompleted)
                {
                    try
                    {
                        _ = done.TrySetResult(Carry(work));
                    }
                    catch (Exception e)
                    {
                        // The caller has given up and does not read it.
                        _ = done.TrySetException(e);
                        _ = done.Task.Exception;
                    }
                }

                givesUp.Dispose();
            });
        }
        catch (ObjectDisposedException)
        {
            // A caller's token may live as long as the process, and would keep all of this alive.
            givesUp.Dispose();
            throw;
        }

        return done.Task;
    }

    /// <summary>Takes the connection.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => RunAsync(static _ => true, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _work.CompleteAdding();
            if (_thread is null)
            {
                return;
            }
        }

        await _ended.Task;
    }

    private void Post(Action work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_work.IsAddingCompleted, this);
            _work.Add(work);
            if (_thread is null)
            {
                // Without the caller's context: neither its transaction nor anything else of it is the connection's.
                _thread = new Thread(Loop) { IsBackground = true, Name = $"Simmer {name}" };
                _thread.UnsafeStart();
            }
        }
    }

    private void Loop()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        Drop();
        _ended.SetResult();
    }

    private T Carry<T>(Func<NpgsqlConnection, T> work)
    {
        var connection = Connected();
        try
        {
            return work(connection);
        }
        catch (Exception e)
        {
            // The pool rolls back what is open, or closes what is broken.
            Drop();
            throw StoreFaults.From(e, database.Server, begun: true);
        }
    }

    private NpgsqlConnection Connected()
    {
        if (_kept is { } kept)
        {
            return kept;
        }

        try
        {
            var since = clock.GetTimestamp();
            _kept = database.Open();
            metrics.Waited(name, since, clock);
            metrics.Connections(name, 1);
            SetUp(_kept);
            return _kept;
        }
        catch (Exception e)
        {
            Drop();
            throw StoreFaults.From(e, database.Server, begun: false);
        }
    }

    private void SetUp(NpgsqlConnection connection)
    {
        if (!database.ResetsSessions)
        {
            return;
        }

        using var command = new NpgsqlCommand(StoreConnection.WhoSql, connection);
        IsPlain = StoreConnection.IsOneSession(connection, command.ExecuteScalar());
        if (IsPlain)
        {
            command.CommandText = StoreConnection.SetUpSql;
            _ = command.ExecuteNonQuery();
        }
    }

    private void Drop()
    {
        if (_kept is { } kept)
        {
            _kept = null;
            metrics.Connections(name, -1);
            try
            {
                kept.Dispose();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
            {
                // It was broken already, which is why it goes.
            }
        }
    }
}
