using Npgsql;

namespace Simmer.Postgres;

/// <summary>One connection, used by one caller at a time. With its lanes a store never has more connections than that, whatever the concurrency.</summary>
/// <param name="source">Where connections come from.</param>
/// <param name="server">The server's address, for messages.</param>
/// <param name="name">What it is for, in metrics.</param>
/// <param name="metrics">Told of its connection.</param>
/// <param name="clock">For how long it waits.</param>
/// <param name="keeps">Whether the connection is kept between calls, so that nobody who shares the pool can be in its way; else it goes back to the pool.</param>
internal sealed class Lane(NpgsqlDataSource source, string server, string name, PostgresMetrics metrics, TimeProvider clock, bool keeps) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _kept;
    private bool _closed;

    /// <summary>Runs something on the connection.</summary>
    /// <param name="work">The work. Once it is called it is carried out.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn and for a connection.</param>
    /// <exception cref="Storage.StoreException">It failed.</exception>
    public async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var connection = await OpenAsync(cancellationToken);
            try
            {
                var answer = await work(connection);
                await EndAsync(connection, failed: false);
                return answer;
            }
            catch (Exception e)
            {
                await EndAsync(connection, failed: true);
                throw StoreFaults.From(e, server, begun: true);
            }
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    /// <summary>Whether a call is running or waiting.</summary>
    public bool IsBusy => _turn.CurrentCount == 0;

    public async ValueTask DisposeAsync()
    {
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

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_kept is { } kept)
        {
            return kept;
        }

        try
        {
            var since = clock.GetTimestamp();
            var connection = await source.OpenConnectionAsync(cancellationToken);
            metrics.Waited(name, since, clock);
            metrics.Connections(name, 1);
            _kept = keeps ? connection : null;
            return connection;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw StoreFaults.From(e, server, begun: false);
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
