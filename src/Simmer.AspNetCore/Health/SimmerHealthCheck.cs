using Microsoft.Extensions.Diagnostics.HealthChecks;
using Simmer.Hosting;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.AspNetCore.Health;

/// <summary>Checks that the worker is alive, that the store is reachable, that no job waits too long and that no handler is
/// stuck.</summary>
internal sealed class SimmerHealthCheck(SimmerStatus status, SimmerHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var data = new Dictionary<string, object> { ["store"] = status.StoreName, ["running"] = status.Running,
            ["stuck"] = status.StuckHandlers };
        if (status.UnknownKinds is { Count: > 0 } unknown)
        {
            // Only data and no failure: another worker may know these kinds, which this process cannot tell.
            data["unknownKinds"] = string.Join(", ", unknown);
        }

        IReadOnlyList<QueueRecord> queues;
        try
        {
            queues = await status.QueuesAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus,
                $"The store ({status.StoreName}) could not be asked: {e.Message}", e, data);
        }

        var oldest = OldestReady(queues, status.Now);
        if (oldest is var (queue, age))
        {
            data["oldestReadyQueue"] = queue;
            data["oldestReadySeconds"] = age.TotalSeconds;
        }

        if (status.SinceLeaseConfirmed is { } since && since > status.Lease)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus,
                    $"The store has not confirmed this worker's lease for {since.TotalSeconds:N0} s; the lease is "
                    + $"{status.Lease.TotalSeconds:N0} s.", data: data);
        }

        if (status.Obstacle is { } obstacle)
        {
            return new HealthCheckResult(context.Registration.FailureStatus,
                $"The store ({status.StoreName}) takes nothing of this process: {obstacle}", data: data);
        }

        return Concerns(oldest) is { Count: > 0 } concerns
            ? HealthCheckResult.Degraded(string.Join(" ", concerns), data: data)
            : HealthCheckResult.Healthy("The worker is alive and the store answers.", data);
    }

    private List<string> Concerns((string Queue, TimeSpan Age)? oldest)
    {
        var concerns = new List<string>();
        if (oldest is var (queue, age) && age > options.DegradedAfter)
        {
            concerns.Add($"A job in queue '{queue}' has been ready for {age.TotalSeconds:N0} s without a worker taking it.");
        }

        if (status.StuckHandlers is > 0 and var stuck)
        {
            concerns.Add(stuck == 1
                ? "One handler was told to stop and goes on: it ignores its cancellation token, or is slow to end."
                : $"{stuck} handlers were told to stop and go on: they ignore their cancellation token, or are slow to end.");
        }

        if (status.RefusedEnds is var (count, one))
        {
            concerns.Add($"The store refuses the end of {count:N0} {(count == 1 ? "job" : "jobs")}, which {(count == 1 ? "is" : "are")} "
                + $"kept here and sent again; of job {one.Token.Id}: {one.Error.Message}");
        }

        if (status.SetAside is { Count: > 0 } aside)
        {
            concerns.Add($"{aside.Count:N0} {(aside.Count == 1 ? "job is" : "jobs are")} set aside; job {aside[0].Job} until "
                + $"{aside[0].Until:u}: {aside[0].Reason}");
        }

        return concerns;
    }

    private (string Queue, TimeSpan Age)? OldestReady(IReadOnlyList<QueueRecord> queues, DateTimeOffset now) => queues
        .Where(q => !q.Paused && q.OldestReady is not null
            && (options.Queues.Count == 0 || options.Queues.Contains(q.Name, StringComparer.OrdinalIgnoreCase)))
        .OrderBy(static q => q.OldestReady)
        .Select(q => ((string, TimeSpan)?)(q.Name, now - q.OldestReady!.Value))
        .FirstOrDefault();
}
