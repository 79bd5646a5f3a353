using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Simmer.AspNetCore.Jobs;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore;

/// <summary>Reports at start endpoints that answer with the place of a job while no place is mapped. The endpoints are known only once the
/// server has started.</summary>
internal sealed class AcceptedCheck(EndpointDataSource endpoints, JobMappings mappings, Mistakes mistakes) : IHostedLifecycleService
{
    private const string WayOut = "Call app.MapJobs(\"/jobs\").";

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!mappings.IsEmpty)
        {
            return Task.CompletedTask;
        }

        if (endpoints.Endpoints.FirstOrDefault(static e => e.Metadata.GetMetadata<AcceptedMark>() is not null) is { } endpoint)
        {
            mistakes.Tell($"{endpoint.DisplayName} answers with JobResults.Accepted, which has no place to point to: MapJobs was not "
                + $"called, so each of its answers would be 500, though the job is stored. {WayOut}");
        }

        // Reading code takes time, so only a developer waits for it.
        if (mistakes.IsDevelopment && endpoints.Endpoints.FirstOrDefault(AcceptedCalls.AreMadeBy) is { } caller)
        {
            mistakes.Tell($"{caller.DisplayName} calls JobResults.Accepted, which has no place to point to: MapJobs was not called, so "
                + $"the answer that it makes would be 500, though the job is stored. {WayOut}");
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
