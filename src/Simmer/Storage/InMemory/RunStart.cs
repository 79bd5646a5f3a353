using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Starts runs: the only place that sets a job running.</summary>
internal sealed class RunStart(MemoryTables tables, JobEnds ends)
{
    /// <summary>Rows picked from a queue, before they leave it: a cursor must not be running meanwhile. Reused, under the lock.</summary>
    private readonly List<JobRow> _picked = [];

    /// <summary>Starts the best jobs of the queues that a flush claims from; those that have expired are ended.</summary>
    public (IReadOnlyList<JobClaim> Claims, IReadOnlyList<JobId> Expired) Claim(Flush flush, WorkerRow worker, DateTimeOffset now)
    {
        if (flush.Claims.Count == 0)
        {
            return ([], []);
        }

        List<JobClaim>? claims = null;
        List<JobId>? expired = null;
        var kinds = worker.SetOf(flush.Kinds);
        var room = flush.Suspects;
        for (var i = 0; i < flush.Claims.Count; i++)
        {
            var request = flush.Claims[i];
            if (request.Count <= 0 || !tables.Queues.TryGetValue(request.Queue, out var queue) || queue.Ready == 0 || !queue.IsOpen)
            {
                continue;
            }

            Pick(queue, request, kinds, ref room, now);
            foreach (var row in _picked)
            {
                if (row.IsExpired(now))
                {
                    ends.Expire(row, now);
                    (expired ??= []).Add(row.Id);
                }
                else
                {
                    Start(row, worker, now);
                    (claims ??= new List<JobClaim>(_picked.Count)).Add(row.ToClaim());
                }
            }

            _picked.Clear();
        }

        return ((IReadOnlyList<JobClaim>?)claims ?? [], (IReadOnlyList<JobId>?)expired ?? []);
    }

    /// <summary>Starts a job that is just being stored, unless it would overtake a ready job, even one that this worker cannot
    /// run.</summary>
    /// <returns>False: nothing was done, and the job is to be ready.</returns>
    public bool TryDispatch(JobRow row, WorkerRow worker, DateTimeOffset now)
    {
        if (!Admission.MayTry(dispatch: true, row.Job, row.IsExpired(now))
            || !Admission.Starts(row.Queue.IsOpen, row.Queue.HasReadyBefore(row.Job.Priority)))
        {
            return false;
        }

        Start(row, worker, now);
        return true;
    }

    /// <summary>Picks the best rows this worker may run, and the expired ones found on the way, which take no slot.</summary>
    private void Pick(MemoryQueue queue, in ClaimRequest request, IReadOnlySet<string> kinds, ref SuspectRoom room, DateTimeOffset now)
    {
        var count = request.Count;
        var suspects = new SuspectPick(room, request.Suspects);
        foreach (var level in queue.Levels)
        {
            var cursor = level.Read();
            while (count > 0 && cursor.Next() is { } row)
            {
                if (kinds.Contains(row.Job.Kind) && suspects.Takes(row.Suspicion))
                {
                    _picked.Add(row);
                    count -= row.IsExpired(now) ? 0 : 1;
                }
            }
        }

        room = suspects.Room;
    }

    private void Start(JobRow row, WorkerRow worker, DateTimeOffset now)
    {
        if (row.Job.UniqueWhile == UniqueWhile.Waiting && row.UniqueKey is not null)
        {
            // For good: if its return could take the key back, a rescue could fail on a job that holds it meanwhile.
            tables.ReleaseKey(row);
            row.KeyCleared = true;
        }

        row.Run++;
        row.StartedAt = now;
        row.Owner = worker;
        tables.Move(row, JobState.Running);
    }
}
