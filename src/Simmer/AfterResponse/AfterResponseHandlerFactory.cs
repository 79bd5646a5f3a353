using Microsoft.Extensions.DependencyInjection;
using Simmer.Jobs;

namespace Simmer.AfterResponse;

/// <summary>Makes the handler that runs the tasks of a request. Each task opens its own DI scope.</summary>
internal sealed class AfterResponseHandlerFactory : HandlerFactory
{
    public override HandlerCall Build(string kind, Type? resultType, HandlerGround ground, List<StepInput> inputs, List<string> problems) =>
        static (job, context, cancellationToken) =>
            ((AfterResponseBatch)job).RunAsync(context.Services.GetRequiredService<IServiceScopeFactory>(), context, cancellationToken);
}
