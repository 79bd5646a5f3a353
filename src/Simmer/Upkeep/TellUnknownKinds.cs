using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Warns of ready jobs whose kind has no handler in this process. They are left for a worker that has one; without the warning
/// nobody would notice if there is none.</summary>
internal sealed class TellUnknownKinds(EngineContext context, IJobStore store, QueueRunner runner)
    : BackgroundLoop(context, "unknown kinds")
{
    private const int LookAtMost = 100;

    /// <summary>The least time between two looks: a busy queue has ready jobs at every beat.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>The kinds that were found and have no handler here.</summary>
    public IReadOnlyList<string> Met
    {
        get
        {
            lock (_gate)
            {
                return [.. _told];
            }
        }
    }

    /// <summary>Takes the names of queues that hold ready jobs.</summary>
    public void Seen(IReadOnlyList<string> queues)
    {
        lock (_gate)
        {
            var wasEmpty = _seen.Count == 0;
            _seen.UnionWith(queues.Where(q => runner.Queue(q) is not null));
            if (!wasEmpty || _seen.Count == 0)
            {
                return;
            }
        }

        Wake();
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var seen = TakeSeen();
        if (seen.Count == 0)
        {
            return Timeout.InfiniteTimeSpan;
        }

        foreach (var queue in seen)
        {
            var jobs = await store.Browser
                .ListAsync(new JobQuery { Queue = queue, State = JobState.Ready, Limit = LookAtMost }, Stopping);
            Tell(queue, jobs.Select(static j => j.Kind).Where(kind => !Context.Catalog.Runnable.Contains(kind)));
        }

        // A wake that comes during this pause is kept for the next turn.
        await Task.Delay(s_pause, Context.Time, Stopping);
        return TimeSpan.Zero;
    }

    private HashSet<string> TakeSeen()
    {
        lock (_gate)
        {
            var seen = _seen;
            _seen = new HashSet<string>(StringComparer.Ordinal);
            return seen;
        }
    }

    private void Tell(string queue, IEnumerable<string> unknown)
    {
        List<string> fresh;
        lock (_gate)
        {
            fresh = [.. unknown.Where(_told.Add)];
        }

        if (fresh.Count > 0)
        {
            Context.Logger.UnknownKinds(string.Join(", ", fresh), queue);
        }
    }
}
