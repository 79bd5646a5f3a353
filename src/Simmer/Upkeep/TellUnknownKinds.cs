using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Tells of ready jobs whose kind no handler here knows. They are left for a worker that knows them, which nobody would notice if
/// there is none.</summary>
internal sealed class TellUnknownKinds(StoreEngine engine) : BackgroundLoop(engine.Context, "unknown kinds")
{
    private const int LookAtMost = 100;

    /// <summary>A busy queue holds ready jobs at every beat: at most one look in this time.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>The kinds that were met and are not known here.</summary>
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

    /// <summary>These queues hold ready jobs.</summary>
    public void Seen(IReadOnlyList<string> queues)
    {
        lock (_gate)
        {
            var wasEmpty = _seen.Count == 0;
            _seen.UnionWith(queues.Where(q => engine.Runner.Queue(q) is not null));
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
            var jobs = await engine.Store.Browser
                .ListAsync(new JobQuery { Queue = queue, State = JobState.Ready, Limit = LookAtMost }, Stopping);
            Tell(queue, jobs.Select(static j => j.Kind).Where(kind => !Context.Catalog.Runnable.Contains(kind)));
        }

        // A wake that comes during the pause is kept.
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
