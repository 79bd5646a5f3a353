namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <summary>Rows picked from a queue, before they leave it: a cursor must not be running meanwhile. Reused, under the lock.</summary>
    private readonly List<JobRow> _picked = [];

    private (IReadOnlyList<JobClaim> Claims, IReadOnlyList<JobId> Expired) Claim(Flush flush, WorkerRow worker, DateTimeOffset now)
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
            if (request.Count <= 0 || !_queues.TryGetValue(request.Queue, out var queue) || queue.Paused || queue.Ready == 0)
            {
                continue;
            }

            Pick(queue, request, kinds, ref room, now);
            foreach (var row in _picked)
            {
                if (row.IsExpired(now))
                {
                    Expire(row, now);
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

    /// <summary>Picks the best rows this worker may run, and the expired ones found on the way, which take no slot.</summary>
    private void Pick(MemoryQueue queue, in ClaimRequest request, IReadOnlySet<string> kinds, ref SuspectRoom room, DateTimeOffset now)
    {
        var count = request.Count;
        var suspects = Math.Min(request.Suspects, room.Most);
        foreach (var level in queue.Levels)
        {
            var cursor = level.Read();
            while (count > 0 && cursor.Next() is { } row)
            {
                if (!kinds.Contains(row.Job.Kind) || (row.Suspicion > 0 && suspects <= 0))
                {
                    continue;
                }

                if (row.Suspicion > 0)
                {
                    if (!room.Takes(row.Suspicion))
                    {
                        // None that comes later overtakes it: one of a high level would wait for ever for those of lower ones.
                        suspects = 0;
                        continue;
                    }

                    // One that turns out to have expired counts all the same: a database fetches them by a query of their own.
                    room = room.With(row.Suspicion);
                    suspects--;
                }

                _picked.Add(row);
                count -= row.IsExpired(now) ? 0 : 1;
            }
        }
    }

    private void Start(JobRow row, WorkerRow worker, DateTimeOffset now)
    {
        if (row.Job.UniqueWhile == UniqueWhile.Waiting && row.UniqueKey is not null)
        {
            // For good: if its return could take the key back, a rescue could fail on a job that holds it meanwhile.
            ReleaseKey(row);
            row.KeyCleared = true;
        }

        row.Run++;
        row.StartedAt = now;
        row.Owner = worker;
        Move(row, JobState.Running);
    }

    private void Expire(JobRow row, DateTimeOffset now) =>
        Finish(row, JobState.Cancelled, StoreRules.ExpiredReason, StoreRules.KeptByDefault, now);
}
