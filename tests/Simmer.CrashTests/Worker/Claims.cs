using System.Collections.Concurrent;

namespace Simmer.CrashTests.Worker;

/// <summary>The runs that the store has given to this process, the latest of each job.</summary>
internal sealed class Claims
{
    private readonly ConcurrentDictionary<JobId, int> _runs = new();

    // The numbers of runs only rise, and an answer that was lost may be repeated after the next one, so the highest counts.
    public void Given(JobId id, int run) => _runs.AddOrUpdate(id, run, (_, known) => Math.Max(known, run));

    public int RunOf(JobId id) => _runs[id];
}
