using System.Numerics;
using Microsoft.Extensions.Logging;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Runtime;

namespace Simmer.Execution;

/// <summary>The one base of all background loops: start, stop, wake or time-out, jitter, back-off on error.</summary>
internal abstract class BackgroundLoop(EngineContext context, string name)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Pulse _pulse = new(context.Time);
    private Task _loop = Task.CompletedTask;

    protected EngineContext Context => context;

    protected CancellationToken Stopping => _stopping.Token;

    protected virtual TimeSpan LongestBackOff => TimeSpan.FromSeconds(30);

    public void Start()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop = started.Task;
        context.Starter.Start(() => _ = RunAsync(started));
    }

    public void Wake() => _pulse.Set();

    public async Task StopAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            _stopping.Cancel();
        }

        _pulse.Set();
        await _loop;
    }

    /// <summary>Does one turn and says how long to rest; a wake shortens it. May throw: the error is logged and the loop backs
    /// off.</summary>
    protected abstract ValueTask<TimeSpan> TurnAsync();

    private async Task RunAsync(TaskCompletionSource ended)
    {
        var failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan rest;
            try
            {
                rest = await TurnAsync();
                failures = 0;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A loop that ended would be noticed days later, so every error is logged and the loop tries again.
                rest = BackOff(++failures);
                if (BitOperations.IsPow2(failures))
                {
                    // A failure that goes on is logged less and less often.
                    context.Logger.LoopFailed(e is StoreException { IsTransient: true } ? LogLevel.Warning : LogLevel.Error, e, name, rest);
                }
            }

            if (!_stopping.IsCancellationRequested)
            {
                await _pulse.WaitAsync(rest);
            }
        }

        ended.SetResult();
    }

    private TimeSpan BackOff(int failures)
    {
        var limit = Math.Min(LongestBackOff.TotalMilliseconds, 200 * Math.Pow(2, Math.Min(failures, 20) - 1));
        return TimeSpan.FromMilliseconds(limit * (0.5 + (context.Random() / 2)));
    }
}
