using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>The side that runs the jobs, in this process or in another.</summary>
internal interface IWorker : IAsyncDisposable
{
    /// <summary>Measures from now on.</summary>
    Task BeginAsync();

    /// <summary>Waits until this many jobs have run since the start and all are settled, and returns what they cost its process.</summary>
    Task<WorkReport> EndAsync(long jobs);
}

/// <summary>What a worker's process used and saw.</summary>
internal sealed record WorkReport(Usage Usage, double? StartP50, double? StartP99, long Connections, int Descriptors);
