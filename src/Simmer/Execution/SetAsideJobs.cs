using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Remembers the jobs that the store has set aside in this process, for the log and the health check.</summary>
internal sealed class SetAsideJobs(EngineContext context)
{
    /// <summary>The most jobs that are remembered, so that a badly damaged database does not fill the memory.</summary>
    private const int Most = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SetAsideJob> _jobs = new(StringComparer.Ordinal);

    public void Note(IReadOnlyList<SetAsideJob> jobs)
    {
        foreach (var job in jobs)
        {
            bool known;
            var now = context.Now;
            lock (_gate)
            {
                DropExpired(now);
                known = _jobs.TryGetValue(job.Job, out var before) && before.Reason == job.Reason;
                if (known || _jobs.Count < Most)
                {
                    _jobs[job.Job] = job;
                }
            }

            if (!known)
            {
                context.Logger.JobSetAside(job.Job, job.Until, job.Reason);
            }
        }
    }

    /// <summary>The jobs that are set aside at present.</summary>
    public IReadOnlyList<SetAsideJob> Present
    {
        get
        {
            var now = context.Now;
            lock (_gate)
            {
                DropExpired(now);
                return [.. _jobs.Values];
            }
        }
    }

    // Also called for every new job: if no health check asks, expired entries would keep out later ones.
    private void DropExpired(DateTimeOffset now)
    {
        List<string>? expired = null;
        foreach (var job in _jobs.Values)
        {
            if (job.Until < now)
            {
                (expired ??= []).Add(job.Job);
            }
        }

        expired?.ForEach(job => _jobs.Remove(job));
    }
}
