using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>Looks at everything that is watched in this process together, once a second and after each hint: one small query to each store,
/// however many watch. It runs only while somebody watches.</summary>
internal sealed class WatchPoll(JobWatcher watcher, TimeProvider time, WorkStarter starter)
{
    /// <summary>The longest time between two looks. Hints announce changes sooner, but may get lost.</summary>
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    /// <summary>How many are asked for in one query, so that other work has its turn between two of them.</summary>
    private const int AtOnce = 500;

    /// <summary>The pause after a look at all watches is this many times as long as the look. Busy processes send hundreds of hints a
    /// second; with this pause the looks take at most a tenth of one connection's time.</summary>
    private const int RestPerLook = 9;

    /// <summary>The number of newest watches that are looked at after every hint, because they wait for what is going on now. A look at few
    /// is short, so the pause after it may be shorter.</summary>
    private const int Newest = 50;

    private const int RestPerLookAtNewest = 2;

    private readonly Lock _gate = new();
    private readonly Pulse _pulse = new(time);
    private bool _runs;

    /// <summary>Starts the loop unless it runs.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_runs)
            {
                return;
            }

            _runs = true;
        }

        starter.Start(() => _ = RunAsync());
    }

    /// <summary>Tells the loop that something may have changed.</summary>
    public void Wake() => _pulse.Set();

    // Nothing in the loop throws: a query that fails signals the watches it was about, and they read for themselves.
    private async Task RunAsync()
    {
        var allAt = time.GetTimestamp();
        var (wait, shortest) = (s_beat, TimeSpan.Zero);
        while (true)
        {
            await _pulse.WaitAsync(wait - time.GetElapsedTime(allAt));
            if (HasEnded())
            {
                return;
            }

            var began = time.GetTimestamp();
            var watches = watcher.All();
            if (time.GetElapsedTime(allAt) >= shortest)
            {
                await ReadAsync(watches);
                allAt = time.GetTimestamp();
                (wait, shortest) = (s_beat, RestAfter(began, RestPerLook));
                continue;
            }

            await ReadAsync(watches.OrderByDescending(static w => w.Number).Take(Newest));
            wait = shortest;
            if (RestAfter(began, RestPerLookAtNewest) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, time);
            }
        }
    }

    private TimeSpan RestAfter(long began, int times)
    {
        var rest = time.GetElapsedTime(began) * times;
        return rest < s_beat ? rest : s_beat;
    }

    private bool HasEnded()
    {
        lock (_gate)
        {
            // A new watch is in the list before it calls Begin. So either it is seen here, or Begin finds that the loop has stopped.
            return watcher.IsEmpty && !(_runs = false);
        }
    }

    private static async Task ReadAsync(IEnumerable<Watch> watches)
    {
        foreach (var group in watches.Where(static w => w.Seen is not null).GroupBy(static w => (w.Seen!.Where, w.Key.What)))
        {
            foreach (var part in group.GroupBy(static w => w.Key.Id).Chunk(AtOnce))
            {
                await ReadAsync(group.Key.Where.Browser, group.Key.What, part);
            }
        }
    }

    private static async Task ReadAsync(IJobBrowser store, Watched what, IGrouping<Guid, Watch>[] part)
    {
        try
        {
            var versions = what == Watched.Job
                ? await store.VersionsAsync([.. part.Select(static g => new JobId(g.Key))], CancellationToken.None)
                : await store.WorkflowVersionsAsync([.. part.Select(static g => WorkflowId.OfStep(new JobId(g.Key)))],
                    what == Watched.Workflow, CancellationToken.None);
            for (var i = 0; i < part.Length; i++)
            {
                foreach (var watch in part[i].Where(w => w.Seen?.Version != versions[i]))
                {
                    watch.Pulse.Set();
                }
            }
        }
        catch (Exception)
        {
            // Each watch gets the exception when it reads for itself.
            foreach (var watch in part.SelectMany(static g => g))
            {
                watch.Pulse.Set();
            }
        }
    }
}
