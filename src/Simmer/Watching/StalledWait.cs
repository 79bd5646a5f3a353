using Simmer.Execution;
using Simmer.Hosting;

namespace Simmer.Watching;

/// <summary>One who waits for the end of a job. When as many wait for ready jobs of a queue as it has slots, all slots are taken and
/// nothing ends, its handlers most likely wait for each other: a handler that waits for a job of its own queue does it. Who waits is not
/// known, so it is only told.</summary>
internal sealed class StalledWait(SimmerNode node) : IDisposable
{
    /// <summary>How long nothing may end.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = node.Engine.Time;
    private QueueLine? _line;
    private long _ended;
    private long _since;

    /// <summary>When to look again, changed or not; null: only after a change.</summary>
    public TimeSpan? NextLook => _line is null ? null : s_pause;

    /// <summary>The job as it is now.</summary>
    public void Look(JobRecord? job)
    {
        var line = job is { State: JobState.Ready } ? node.LineOf(job.Queue) : null;
        if (line != _line)
        {
            _line?.WaitEnded();
            line?.WaitBegan();
            _line = line;
        }
        else if (line is not null && line.Ended == _ended)
        {
            if (_time.GetElapsedTime(_since) >= s_patience && line.IsHeldByWaits)
            {
                Tell(job!, line);
            }

            return;
        }

        (_ended, _since) = (line?.Ended ?? 0, _time.GetTimestamp());
    }

    public void Dispose()
    {
        _line?.WaitEnded();
        _line = null;
    }

    private void Tell(JobRecord job, QueueLine line) => node.Engine.Mistakes.Warn(
        $"waits: {line.Name}",
        $"Job {job.Id} ({job.Kind}) is waited for, and is ready in queue '{line.Name}', which has no free slot here (Concurrency {line.Options.Concurrency}); nothing of it has ended for {s_patience.TotalSeconds:N0} s, and as many jobs of it are waited for. " +
        "If handlers of this queue wait for jobs of the same queue, they wait for each other and none ends. Enqueue what a handler waits for in another queue, or return and let it follow as a step: Chain.Of(...).Then(...).");
}
