using Simmer.Runtime;

namespace Simmer.Postgres;

/// <summary>Tells other processes of queues with ready jobs: at most one notification in 5 ms, sent after the commit and on another
/// connection, because a transaction that notifies holds a lock of the whole database through its commit.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="lone">Sends a statement by itself.</param>
/// <param name="beat">The heartbeat's connection: a notification never waits behind a flush.</param>
/// <param name="channel">The channel.</param>
internal sealed class Notifications(PostgresContext context, LoneStatements lone, ThreadConnection beat, WakeupChannel channel)
    : IAsyncDisposable
{
    private const string NotifySql = "SELECT pg_notify($1, $2)";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<int> _queues = [];
    private Task _sending = Task.CompletedTask;
    private bool _isSending;

    /// <summary>Whether other workers are registered, as the heartbeat saw last; only then are notifications sent.</summary>
    public bool HasOthers { get; set; } = true;

    /// <summary>Jobs of these queues are ready since a commit.</summary>
    public void Announce(IReadOnlyCollection<int> queues)
    {
        if (queues.Count == 0 || !HasOthers || context.Options.Wakeup == PostgresWakeup.Poll)
        {
            return;
        }

        lock (_lock)
        {
            _queues.UnionWith(queues);
            if (!_isSending)
            {
                _isSending = true;
                _sending = CallerContext.Detached(static notifications => notifications.SendAllAsync(), this);
            }
        }
    }

    /// <summary>Adds the notification to a caller's transaction, whose commit the store cannot see; this process hears of it as
    /// well.</summary>
    public void AnnounceWithin(SqlBatch batch, IReadOnlyCollection<int> queues)
    {
        if (queues.Count > 0 && context.Options.Wakeup == PostgresWakeup.Listen)
        {
            _ = batch.Add(NotifySql).Bind(channel.Name).Bind(WakeupChannel.PayloadForAll(queues)).Each(static _ => { });
        }
    }

    /// <summary>Sends a notification in a transaction of its own.</summary>
    public async ValueTask NotifyAsync(string payload, CancellationToken cancellationToken) =>
        _ = await beat.RunAsync(connection =>
        {
            lone.On(connection, batch => batch.Add(NotifySql).Bind(channel.Name).Bind(payload).Each(static _ => { }), beat.IsPlain).Run();
            return true;
        }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        await _stop.CancelAsync();
        Task sending;
        lock (_lock)
        {
            sending = _sending;
        }

        await sending;
        _stop.Dispose();
    }

    /// <summary>Sends what has gathered until there is nothing more.</summary>
    private async Task SendAllAsync()
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

                payload = channel.Payload(_queues);
                _queues.Clear();
            }

            try
            {
                await NotifyAsync(payload, _stop.Token);
                await Task.Delay(s_pause, context.Clock, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // The store is closed: other processes find what is left by their poll.
            }
            catch (Exception e)
            {
                Log.NotNotified(context.Logger, e, context.Database.Server);
            }
        }
    }
}
