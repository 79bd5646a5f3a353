using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Tells at start of endpoints that answer with a job's place where no place was mapped. The endpoints are known once the server
/// has started.</summary>
internal sealed class AcceptedCheck(EndpointDataSource endpoints, JobMappings mappings, Mistakes mistakes) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (mappings.IsEmpty && endpoints.Endpoints.FirstOrDefault(static e => e.Metadata.GetMetadata<AcceptedMark>() is not null) is { } endpoint)
        {
            mistakes.Tell($"{endpoint.DisplayName} answers with JobResults.Accepted, which has no place to point to: MapJobs was not called, so each of its answers would be 500, though the job is stored. Call app.MapJobs(\"/jobs\").");
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
