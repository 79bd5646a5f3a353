using System.Data.Common;

namespace Simmer.Execution;

/// <summary>Jobs whose handlers met, in a transaction with a snapshot, a row of Simmer's that had changed since: it has to be begun anew,
/// and no attempt is spent on that. Not without end, for a handler that meets it each time.</summary>
internal sealed class SnapshotConflicts
{
    /// <summary>So many runs of a job are forgiven by one process.</summary>
    public const int MostForgiven = 100;

    /// <summary>So that it does not grow for ever; whoever is forgotten is counted anew.</summary>
    private const int Most = 10_000;

    /// <summary>The standard's code for a transaction that cannot go on with the snapshot it has.</summary>
    private const string SerializationFailure = "40001";

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, int> _jobs = [];

    /// <summary>Whether it comes of such a row, met by the store in a caller's transaction.</summary>
    public static bool Is(Exception exception)
    {
        for (var error = exception; error is not null; error = error.InnerException)
        {
            if (error is StoreException { InnerException: DbException { SqlState: SerializationFailure } })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one more run of a job is forgiven.</summary>
    public bool MayForgive(JobId id)
    {
        lock (_gate)
        {
            if (_jobs.Count >= Most)
            {
                _jobs.Clear();
            }

            var count = _jobs.GetValueOrDefault(id);
            _jobs[id] = Math.Min(count + 1, MostForgiven);
            return count < MostForgiven;
        }
    }
}
