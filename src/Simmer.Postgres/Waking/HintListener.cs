using Npgsql;
using Simmer.Runtime;

namespace Simmer.Postgres;

/// <summary>Listens on a connection of its own for what other processes notify, and opens it anew when it is lost.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="channel">The channel.</param>
/// <param name="notifications">Sends the greeting.</param>
/// <param name="hints">Passes on what is heard.</param>
/// <param name="state">Says whether the connection is there.</param>
internal sealed class HintListener(PostgresContext context, WakeupChannel channel, Notifications notifications, Hints hints,
    ListenerState state) : IAsyncDisposable
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);

    /// <summary>How long its own first notification may take to come back before the listener counts as unable to listen.</summary>
    private static readonly TimeSpan s_echoPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_deafRetry = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _listening = Task.CompletedTask;
    private bool _hasEcho;

    private string Server => context.Database.Server;

    public void Start()
    {
        if (context.Options.Wakeup == PostgresWakeup.Listen)
        {
            _listening = CallerContext.Detached(static listener => listener.ListenAsync(), this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        await _stop.CancelAsync();
        await _listening;
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        var pause = s_firstRetry;
        var (lost, deaf) = (false, false);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await context.Database.OpenAsync(_stop.Token);
                connection.Notification += (_, e) => Heard(e.Payload);
                await using (var listen =
                    new NpgsqlCommand($"LISTEN \"{channel.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection))
                {
                    _ = await listen.ExecuteNonQueryAsync(_stop.Token);
                }

                if (await HearsAsync(connection))
                {
                    if (lost || deaf)
                    {
                        Log.ListenerBack(context.Logger, Server);
                    }

                    (state.IsListening, lost, deaf, pause) = (true, false, false, s_firstRetry);
                    await WaitForHintsAsync(connection);
                }

                if (!deaf)
                {
                    Log.ListenerDeaf(context.Logger, Server);
                }

                (deaf, pause) = (true, s_deafRetry);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                state.IsListening = false;
                if (!lost)
                {
                    Log.ListenerLost(context.Logger, e, Server);
                    lost = true;
                }
            }

            try
            {
                await Task.Delay(pause, context.Clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < s_longestRetry ? pause * 2 : s_longestRetry;
        }
    }

    /// <summary>Whether notifications of other connections reach this one. Behind a pooler that lends connections for one transaction at a
    /// time LISTEN succeeds, and nothing ever arrives.</summary>
    private async Task<bool> HearsAsync(NpgsqlConnection connection)
    {
        _hasEcho = false;
        await notifications.NotifyAsync(channel.Greeting, _stop.Token);
        var since = context.Clock.GetTimestamp();
        while (!_hasEcho)
        {
            var rest = s_echoPatience - context.Clock.GetElapsedTime(since);
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
        // Notifications that came while the connection did not listen are lost, so everything is looked at.
        hints.Give("");
        while (true)
        {
            // The server is asked now and then: a connection that was cut without a word would be waited on for ever.
            var timeout = context.Options.CommandTimeout;
            if (!await connection.WaitAsync(2 * timeout, _stop.Token))
            {
                await using var probe =
                    new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = Math.Max(1, (int)timeout.TotalSeconds) };
                _ = await probe.ExecuteScalarAsync(_stop.Token);
            }
        }
    }

    private void Heard(string payload)
    {
        if (WakeupChannel.IsGreeting(payload))
        {
            // A process has begun to listen: this one, or another that has to be notified from now on.
            var isEcho = payload == channel.Greeting;
            _hasEcho |= isEcho;
            notifications.HasOthers |= !isEcho;
        }
        else if (channel.QueuesIn(payload) is { } queues)
        {
            hints.Give(queues);
        }
    }
}
