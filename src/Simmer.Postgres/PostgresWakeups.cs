using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Hints between processes by LISTEN and NOTIFY: one connection that listens, at most one notification in 5 ms, sent after the
/// commit on another connection, because a transaction that notifies holds a lock of the whole database through its commit.</summary>
internal sealed class PostgresWakeups : IWakeups, IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);

    /// <summary>How long its own voice may take to come back before the listener counts as deaf.</summary>
    private static readonly TimeSpan s_echoPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_deafRetry = TimeSpan.FromMinutes(1);

    private readonly PostgresJobStore _store;
    private readonly PostgresDatabase _database;
    private readonly PostgresStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Action<IReadOnlyCollection<string>>> _listeners = [];
    private readonly HashSet<int> _queues = [];
    private readonly string _channel;

    // Tells this process's own notifications from the others'.
    private readonly string _sender = Guid.NewGuid().ToString("N");
    private Task _listening = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private bool _isSending;
    private bool _hasEcho;

    public PostgresWakeups(PostgresJobStore store, PostgresDatabase database, PostgresStoreOptions options, TimeProvider clock,
        ILogger logger)
    {
        (_store, _database, _options, _clock, _logger) = (store, database, options, clock, logger);
        _channel = options.Schema + ".wake";
    }

    /// <summary>Whether other workers are registered, as the heartbeat saw last: only they need to be told.</summary>
    public bool HasOthers { get; set; } = true;

    /// <summary>Whether the listening connection is there.</summary>
    public bool IsListening { get; private set; }

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint)
    {
        lock (_lock)
        {
            _listeners.Add(onHint);
        }

        return new Listener(this, onHint);
    }

    public void Start()
    {
        if (_options.Wakeup == PostgresWakeup.Listen)
        {
            _listening = CallerContext.Detached(static wakeups => wakeups.ListenAsync(), this);
        }
    }

    /// <summary>Jobs of these queues are ready since a commit.</summary>
    public void Announce(IReadOnlyCollection<int> queues)
    {
        if (queues.Count == 0 || !HasOthers || _options.Wakeup == PostgresWakeup.Poll)
        {
            return;
        }

        lock (_lock)
        {
            _queues.UnionWith(queues);
            if (!_isSending)
            {
                _isSending = true;
                _sending = CallerContext.Detached(static wakeups => wakeups.SendAsync(), this);
            }
        }
    }

    /// <summary>Adds the notification to a caller's transaction, whose commit the store cannot see; this process hears of it as
    /// well.</summary>
    public void AnnounceWithin(SqlBatch batch, IReadOnlyCollection<int> queues)
    {
        if (queues.Count > 0 && _options.Wakeup == PostgresWakeup.Listen)
        {
            _ = batch.Add("SELECT pg_notify($1, $2)").Bind(_channel).Bind(Payload("", queues)).Each(static _ => { });
        }
    }

    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        await _stop.CancelAsync();
        Task sending;
        lock (_lock)
        {
            sending = _sending;
        }

        await Task.WhenAll(_listening, sending);
        _stop.Dispose();
    }

    private static string Payload(string sender, IEnumerable<int> queues)
    {
        // The server takes at most 8,000 bytes; whoever hears of no queue looks at all of them.
        var text = string.Join(',', queues.Select(static q => q.ToString(CultureInfo.InvariantCulture)));
        return text.Length > 7000 ? sender + "|" : sender + "|" + text;
    }

    /// <summary>Sends what has gathered until there is nothing more.</summary>
    private async Task SendAsync()
    {
        while (true)
        {
            string payload;
            lock (_lock)
            {
                if (_queues.Count == 0 || _stop.IsCancellationRequested)
                {
                    _isSending = false;
                    return;
                }

                payload = Payload(_sender, _queues);
                _queues.Clear();
            }

            try
            {
                await _store.NotifyAsync(_channel, payload, _stop.Token);
                await Task.Delay(s_pause, _clock, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // Stopped: what is left goes by the poll.
            }
            catch (Exception e)
            {
                Log.NotNotified(_logger, e, _database.Server);
            }
        }
    }

    private async Task ListenAsync()
    {
        var pause = s_firstRetry;
        var (lost, deaf) = (false, false);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _database.OpenAsync(_stop.Token);
                connection.Notification += (_, e) => Heard(e.Payload);
                await using (var listen =
                    new NpgsqlCommand($"LISTEN \"{_channel.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection))
                {
                    _ = await listen.ExecuteNonQueryAsync(_stop.Token);
                }

                if (await HearsAsync(connection))
                {
                    if (lost || deaf)
                    {
                        Log.ListenerBack(_logger, _database.Server);
                    }

                    (IsListening, lost, deaf, pause) = (true, false, false, s_firstRetry);
                    await WaitForHintsAsync(connection);
                }

                if (!deaf)
                {
                    Log.ListenerDeaf(_logger, _database.Server);
                }

                (deaf, pause) = (true, s_deafRetry);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                IsListening = false;
                if (!lost)
                {
                    Log.ListenerLost(_logger, e, _database.Server);
                    lost = true;
                }
            }

            try
            {
                await Task.Delay(pause, _clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < s_longestRetry ? pause * 2 : s_longestRetry;
        }
    }

    /// <summary>Whether what is notified on another connection comes to this one. Behind a pooler that lends connections a transaction at a
    /// time LISTEN succeeds, and nothing is ever heard.</summary>
    private async Task<bool> HearsAsync(NpgsqlConnection connection)
    {
        _hasEcho = false;
        await _store.NotifyAsync(_channel, _sender, _stop.Token);
        var since = _clock.GetTimestamp();
        while (!_hasEcho)
        {
            var rest = s_echoPatience - _clock.GetElapsedTime(since);
            if (rest <= TimeSpan.Zero || !await connection.WaitAsync(rest, _stop.Token))
            {
                return _hasEcho;
            }
        }

        return true;
    }

    /// <summary>Goes on until the connection is lost.</summary>
    private async Task WaitForHintsAsync(NpgsqlConnection connection)
    {
        // Whatever was notified while nobody listened is looked for.
        Heard("|");
        while (true)
        {
            // Asked now and then, or a connection that was cut without a word would be waited on for ever.
            if (!await connection.WaitAsync(2 * _options.CommandTimeout, _stop.Token))
            {
                await using var probe =
                    new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = Math.Max(1, (int)_options.CommandTimeout.TotalSeconds) };
                _ = await probe.ExecuteScalarAsync(_stop.Token);
            }
        }
    }

    private void Heard(string payload)
    {
        var bar = payload.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0)
        {
            // Somebody has begun to listen: this process, or another that wants to be told from now on.
            var isEcho = payload == _sender;
            _hasEcho |= isEcho;
            HasOthers |= !isEcho;
            return;
        }

        if (payload.AsSpan(0, bar).SequenceEqual(_sender))
        {
            return;
        }

        var ready = _store.OthersHaveStored(payload[(bar + 1)..]);
        Action<IReadOnlyCollection<string>>[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener(ready);
        }
    }

    private sealed class Listener(PostgresWakeups owner, Action<IReadOnlyCollection<string>> onHint) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
            {
                _ = owner._listeners.Remove(onHint);
            }
        }
    }
}
