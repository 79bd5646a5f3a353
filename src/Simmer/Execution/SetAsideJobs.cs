using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Jobs that this process met and that its store leaves alone for a while, for the log and the health check.</summary>
internal sealed class SetAsideJobs(EngineContext context)
{
    /// <summary>So that a database full of damage fills no memory.</summary>
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

    /// <summary>Those whose time is not over.</summary>
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

    // At every note too: where nobody asks for the health, those that are over would keep out all that come later.
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
