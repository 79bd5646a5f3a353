using System.Data.Common;

namespace Simmer.Execution;

/// <summary>Counts jobs whose handlers met, in a transaction with a snapshot, a row of Simmer's that had changed since. They run again
/// without spending an attempt, but not without end.</summary>
internal sealed class SnapshotConflicts
{
    /// <summary>So many runs of a job are forgiven by one process.</summary>
    public const int MostForgiven = 100;

    /// <summary>The most jobs that are counted, so that the memory is bounded. A job that is forgotten is counted anew.</summary>
    private const int Most = 10_000;

    /// <summary>The standard's code for a transaction that cannot go on with the snapshot it has.</summary>
    private const string SerializationFailure = "40001";

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, int> _jobs = [];

    /// <summary>Whether an exception comes from such a row, which the store met in a caller's transaction.</summary>
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
