using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Jobs that this process met and that its store leaves alone for a while, for the log and the health check.</summary>
internal sealed class SetAsideJobs(EngineContext engine)
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
            lock (_gate)
            {
                known = _jobs.TryGetValue(job.Job, out var before) && before.Reason == job.Reason;
                if (known || _jobs.Count < Most)
                {
                    _jobs[job.Job] = job;
                }
            }

            if (!known)
            {
                engine.Logger.JobSetAside(job.Job, job.Until, job.Reason);
            }
        }
    }

    /// <summary>Those whose time is not over.</summary>
    public IReadOnlyList<SetAsideJob> Present
    {
        get
        {
            var now = engine.Now;
            lock (_gate)
            {
                foreach (var job in _jobs.Values.Where(j => j.Until < now).ToList())
                {
                    _ = _jobs.Remove(job.Job);
                }

                return [.. _jobs.Values];
            }
        }
    }
}
