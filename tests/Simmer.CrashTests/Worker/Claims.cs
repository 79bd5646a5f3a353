using System.Collections.Concurrent;

namespace Simmer.CrashTests.Worker;

/// <summary>Which run of each job the store gave to this process.</summary>
internal sealed class Claims
{
    private readonly ConcurrentDictionary<JobId, int> _runs = new();

    public void Given(JobId id, int run) => _runs[id] = run;

    public int RunOf(JobId id) => _runs[id];
}
