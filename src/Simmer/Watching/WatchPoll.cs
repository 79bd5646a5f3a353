using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>Looks at all that is watched in this process together, once a beat and after a hint: one small question to each store, however
/// many watch. Runs only while somebody does.</summary>
internal sealed class WatchPoll(JobWatcher watcher, TimeProvider time, WorkStarter starter)
{
    /// <summary>How long a watcher trusts that a change is announced; hints may get lost.</summary>
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    /// <summary>How many are asked for in one question: between two of them others have their turn.</summary>
    private const int AtOnce = 500;

    /// <summary>Busy processes send hundreds of hints a second. The rest after a look at all is this many times as long as the look, so
    /// that hints cost a tenth of one connection at most.</summary>
    private const int RestPerLook = 9;

    /// <summary>Those who began to watch last are looked at after every hint, for they wait for what is going on now. A look at few is
    /// short, and the rest after it may be shorter.</summary>
    private const int Newest = 50;

    private const int RestPerLookAtNewest = 2;

    private readonly Lock _gate = new();
    private readonly Pulse _pulse = new(time);
    private bool _runs;

    /// <summary>Somebody watches from now on.</summary>
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

    /// <summary>Something may have changed.</summary>
    public void Wake() => _pulse.Set();

    // Nothing in here throws: a question that fails wakes those it was about.
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
            // A watch is in the list before it says that it begins: it is seen here, or finds that nothing runs.
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
            // Each learns what is wrong when it reads.
            foreach (var watch in part.SelectMany(static g => g))
            {
                watch.Pulse.Set();
            }
        }
    }
}
