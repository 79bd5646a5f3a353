using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>The jobs that run in this process for one store. A linked list through the runs: joining and leaving cost no memory, and the
/// rare look-ups walk it.</summary>
internal sealed class JobTable
{
    private readonly Lock _gate = new();
    private JobRun? _first;
    private TaskCompletionSource? _emptied;

    public int Count { get; private set; }

    public void Add(JobRun run)
    {
        lock (_gate)
        {
            run.Next = _first;
            if (_first is not null)
            {
                _first.Previous = run;
            }

            _first = run;
            Count++;
        }
    }

    public void Remove(JobRun run)
    {
        TaskCompletionSource? emptied = null;
        lock (_gate)
        {
            if (run.Previous is null)
            {
                _first = run.Next;
            }
            else
            {
                run.Previous.Next = run.Next;
            }

            if (run.Next is not null)
            {
                run.Next.Previous = run.Previous;
            }

            run.Previous = run.Next = null;
            if (--Count == 0)
            {
                emptied = _emptied;
                _emptied = null;
            }
        }

        emptied?.TrySetResult();
    }

    /// <summary>One leaves and the next joins in its place: two steps under one lock.</summary>
    public void Replace(JobRun run, JobRun next)
    {
        lock (_gate)
        {
            (next.Previous, next.Next) = (run.Previous, run.Next);
            run.Previous = run.Next = null;
            if (next.Previous is null)
            {
                _first = next;
            }
            else
            {
                next.Previous.Next = next;
            }

            if (next.Next is not null)
            {
                next.Next.Previous = next;
            }
        }
    }

    public JobRun? Find(LeaseToken token)
    {
        lock (_gate)
        {
            for (var run = _first; run is not null; run = run.Next)
            {
                if (run.Claim.Job.Id == token.Id && run.Claim.Run == token.Run)
                {
                    return run;
                }
            }

            return null;
        }
    }

    public List<JobRun> Snapshot()
    {
        lock (_gate)
        {
            var all = new List<JobRun>(Count);
            for (var run = _first; run is not null; run = run.Next)
            {
                all.Add(run);
            }

            return all;
        }
    }

    /// <summary>Ends when no job runs.</summary>
    public async Task WhenEmpty()
    {
        Task emptied;
        lock (_gate)
        {
            emptied = Count == 0 ? Task.CompletedTask : (_emptied ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        // Awaited here as in FlushIntake.WhenIdle, so that a wait with a limit stays on the engine's scheduler.
        await emptied;
    }
}
