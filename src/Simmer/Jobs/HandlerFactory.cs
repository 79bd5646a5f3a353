using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Jobs;

/// <summary>Calls a handler; the task it gives may carry a result or a verdict (see <see cref="HandlerAnswer"/>).</summary>
internal delegate Task HandlerCall(IJob job, JobContext context, CancellationToken cancellationToken);

/// <summary>Turns a registration into a <see cref="HandlerCall"/>, once, at start.</summary>
internal abstract class HandlerFactory
{
    /// <summary>What is wrong goes to <paramref name="problems"/>, in full sentences.</summary>
    public abstract HandlerCall Build(string kind, Type? resultType, IServiceProviderIsService services, List<string> problems);
}

internal sealed class ClassHandlerFactory<TJob, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.Interfaces)] THandler> : HandlerFactory
    where TJob : class, IJob
    where THandler : class, IJobHandler<TJob>
{
    public override HandlerCall Build(string kind, Type? resultType, IServiceProviderIsService services, List<string> problems)
    {
        if (resultType is not null && !GivesResult(resultType))
        {
            problems.Add($"Handler {typeof(THandler).Name} gives no result, but job '{kind}' ({typeof(TJob).Name}) promises a {resultType.Name}: implement IJobHandler<{typeof(TJob).Name}, {resultType.Name}>.");
        }

        if (services.IsService(typeof(THandler)))
        {
            // Registered by the user: the scope makes and releases it.
            return static (job, context, cancellationToken) =>
                context.Services.GetRequiredService<THandler>().HandleAsync((TJob)job, context, cancellationToken);
        }

        if (Constructors.WhyNot(typeof(THandler), services) is { } why)
        {
            problems.Add($"Handler {typeof(THandler).Name} of job '{kind}' {why}");
            return static (_, _, _) => Task.CompletedTask;
        }

        var create = ActivatorUtilities.CreateFactory<THandler>([]);
        return (job, context, cancellationToken) =>
        {
            var handler = create(context.Services, []);
            if (handler is IDisposable or IAsyncDisposable)
            {
                context.DisposeAtEnd(handler);
            }

            return handler.HandleAsync((TJob)job, context, cancellationToken);
        };
    }

    private static bool GivesResult(Type resultType) => typeof(THandler).GetInterfaces().Any(i =>
        i.IsGenericType
        && (i.GetGenericTypeDefinition() == typeof(IJobHandler<,>) || i.GetGenericTypeDefinition() == typeof(IVerdictHandler<,>))
        && i.GenericTypeArguments[1] == resultType);
}

internal sealed class DelegateHandlerFactory(Type[] parameterTypes, Func<IJob, HandlerParameters, CancellationToken, Task> call, Type returns) : HandlerFactory
{
    public override HandlerCall Build(string kind, Type? resultType, IServiceProviderIsService services, List<string> problems)
    {
        if (resultType is not null && !returns.IsGenericType)
        {
            problems.Add($"The delegate for job '{kind}' gives no result, but the job promises a {resultType.Name}: return a Task<{resultType.Name}>.");
        }
        else if (resultType is not null && returns == typeof(Task<JobResult>))
        {
            problems.Add($"The delegate for job '{kind}' gives only a verdict, but the job promises a {resultType.Name}: return a Task<JobResult<{resultType.Name}>>.");
        }

        var isContext = new bool[parameterTypes.Length];
        for (var i = 0; i < parameterTypes.Length; i++)
        {
            isContext[i] = parameterTypes[i] == typeof(JobContext);
            if (!isContext[i] && !services.IsService(parameterTypes[i]))
            {
                problems.Add($"The delegate for job '{kind}' asks for a {parameterTypes[i].Name}, which is neither a registered service nor JobContext: register it with the application's services.");
            }
        }

        return (job, context, cancellationToken) => call(job, new HandlerParameters(context, isContext), cancellationToken);
    }
}

/// <summary>A delegate's parameters between the job and the token.</summary>
internal readonly struct HandlerParameters(JobContext context, bool[] isContext)
{
    public T Get<T>(int index)
        where T : class => isContext[index] ? (T)(object)context : context.Services.GetRequiredService<T>();
}
