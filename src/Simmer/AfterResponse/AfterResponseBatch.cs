using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Simmer.AfterResponse;

internal sealed class AfterResponseBatch : IJob
{
    public IReadOnlyList<string> Names => [];
    public Task RunAsync(IServiceScopeFactory scopes, JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;
    public void Lost(ILogger logger, Exception error) { }
}
