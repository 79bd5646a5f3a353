namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var id = new WorkerId(++_lastWorker);
            _workers.Add(id, new WorkerRow(id, worker, now));
            return new(id);
        }
    }

    /// <inheritdoc/>
    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_workers.Remove(worker, out var row))
            {
                Depart(worker, row.LastFlush);
                while (row.Owned.First is { } owned)
                {
                    GiveBack(owned, now);
                }

                _ = Follow(now);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var claims = new List<JobClaim>();
            for (var row = _workers.GetValueOrDefault(worker)?.Owned.First; row is not null; row = row.Next)
            {
                claims.Add(row.ToClaim());
            }

            return new(new OwnedJobs(claims, []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_upkeepLeases.TryGetValue(name, out var hold) && hold.Worker != worker && hold.Until > now)
            {
                return new(false);
            }

            _upkeepLeases[name] = (worker, now + duration);
            return new(true);
        }
    }
}
