namespace Simmer.Execution;

/// <summary>Jobs whose handlers complete them in a transaction with a snapshot, which fails if their rows are written to meanwhile: while
/// they run here, nothing is noted in their rows. Their progress is stored with their end.</summary>
internal sealed class QuietJobs
{
    /// <summary>So that it does not grow for ever; whoever is forgotten is learnt anew.</summary>
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly HashSet<JobId> _jobs = [];

    /// <summary>False: it was known already.</summary>
    public bool Add(JobId id)
    {
        lock (_gate)
        {
            if (_jobs.Count >= Most)
            {
                _jobs.Clear();
            }

            return _jobs.Add(id);
        }
    }

    public bool Has(JobId id)
    {
        lock (_gate)
        {
            return _jobs.Count > 0 && _jobs.Contains(id);
        }
    }
}
