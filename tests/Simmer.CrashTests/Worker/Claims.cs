using System.Collections.Concurrent;

namespace Simmer.CrashTests.Worker;

/// <summary>Which run of each job the store gave to this process.</summary>
internal sealed class Claims
{
    private readonly ConcurrentDictionary<JobId, int> _runs = new();

    // Runs only rise; an answer that was lost and is told again may come after the next.
    public void Given(JobId id, int run) => _runs.AddOrUpdate(id, run, (_, known) => Math.Max(known, run));

    public int RunOf(JobId id) => _runs[id];
}
