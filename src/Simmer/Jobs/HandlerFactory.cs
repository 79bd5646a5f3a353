using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Jobs;

/// <summary>Calls a handler. Its task may carry a result or a verdict (see <see cref="HandlerAnswer"/>).</summary>
internal delegate Task HandlerCall(IJob job, JobContext context, CancellationToken cancellationToken);

/// <summary>Turns the registration of a handler into a <see cref="HandlerCall"/>, once, at start.</summary>
internal abstract class HandlerFactory
{
    /// <summary>Makes the call. What is wrong with the registration is added to <paramref name="problems"/>, in full sentences.</summary>
    /// <param name="kind">The kind's name.</param>
    /// <param name="resultType">The type of result that jobs of this kind promise; null: none.</param>
    /// <param name="ground">What a parameter of a delegate can mean in this process.</param>
    /// <param name="inputs">Receives the results of earlier steps that the handler takes as parameters.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public abstract HandlerCall Build(string kind, Type? resultType, HandlerGround ground, List<StepInput> inputs, List<string> problems);
}

internal sealed class ClassHandlerFactory<TJob, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors
    | DynamicallyAccessedMemberTypes.Interfaces)] THandler> : HandlerFactory
    where TJob : class, IJob
    where THandler : class, IJobHandler<TJob>
{
    public override HandlerCall Build(string kind, Type? resultType, HandlerGround ground, List<StepInput> inputs, List<string> problems)
    {
        var services = ground.Services;
        if (resultType is not null && !GivesResult(resultType))
        {
            problems.Add($"Handler {typeof(THandler).Name} gives no result, but job '{kind}' ({typeof(TJob).Name}) promises "
                + $"{TypeNames.An(resultType)}: implement IJobHandler<{typeof(TJob).Name}, {resultType.Name}>.");
        }

        if (services.IsService(typeof(THandler)))
        {
            // The user has registered the handler as a service, so the DI scope makes it and disposes of it.
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

internal sealed class DelegateHandlerFactory(Type[] parameterTypes, Func<IJob, HandlerParameters, CancellationToken, Task> call,
    Type returns) : HandlerFactory
{
    public override HandlerCall Build(string kind, Type? resultType, HandlerGround ground, List<StepInput> inputs, List<string> problems)
    {
        if (resultType is not null && !returns.IsGenericType)
        {
            problems.Add($"The delegate for job '{kind}' gives no result, but the job promises {TypeNames.An(resultType)}: return a "
                + $"Task<{resultType.Name}>.");
        }
        else if (resultType is not null && returns == typeof(Task<JobVerdict>))
        {
            problems.Add($"The delegate for job '{kind}' gives only a verdict, but the job promises {TypeNames.An(resultType)}: return a "
                + $"Task<JobVerdict<{resultType.Name}>>.");
        }

        var meanings = new int[parameterTypes.Length];
        for (var i = 0; i < parameterTypes.Length; i++)
        {
            meanings[i] = Meaning(parameterTypes[i], kind, ground, inputs, problems);
        }

        return (job, context, cancellationToken) => call(job, new HandlerParameters(context, meanings), cancellationToken);
    }

    /// <summary>Decides by its type alone what a parameter means. It is an error if the type has two meanings, or none.</summary>
    private static int Meaning(Type type, string kind, HandlerGround ground, List<StepInput> inputs, List<string> problems)
    {
        if (type == typeof(JobContext))
        {
            return HandlerParameters.Context;
        }

        var isService = ground.Services.IsService(type);
        if (ground.InputOf(type) is { } input)
        {
            if (isService)
            {
                problems.Add($"The delegate for job '{kind}' asks for {input}, which is both a result of a job and a registered service. "
                    + (input.IsList
                        ? "Give the list a type of its own, or take the results from the context: "
                            + $"await context.ResultsAsync<{input.Result.Type.Name}>()."
                        : "Give the result a type of its own, or take it from the context: "
                            + $"await context.ResultAsync<{input.Result.Type.Name}>()."));
            }

            inputs.Add(input);
            return inputs.Count - 1;
        }

        if (!isService)
        {
            problems.Add($"The delegate for job '{kind}' asks for {TypeNames.An(type)}, which is neither a registered service nor "
                + "JobContext nor the result of a registered job: register it with the application's services, or the job that gives it "
                + "with AddJob.");
        }

        return HandlerParameters.Service;
    }
}

/// <summary>A delegate's parameters between the job and the token.</summary>
internal readonly struct HandlerParameters(JobContext context, int[] meanings)
{
    public const int Service = -1;

    public const int Context = -2;

    public T Get<T>(int index)
        where T : notnull => meanings[index] switch
        {
            Service => context.Services.GetRequiredService<T>(),
            Context => (T)(object)context,
            var input => (T)context.Inputs[input],
        };
}

/// <summary>What the parameters of a handler may mean in this process.</summary>
internal sealed class HandlerGround(IServiceProviderIsService services, IReadOnlyDictionary<Type, ResultAdapter> results)
{
    public IServiceProviderIsService Services => services;

    /// <summary>The result of an earlier step that a parameter of this type takes; null if no registered job gives such a result, nor is it
    /// a list of one.</summary>
    public StepInput? InputOf(Type type) =>
        results.TryGetValue(type, out var one) ? new StepInput(one, IsList: false)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && results
            .TryGetValue(type.GenericTypeArguments[0], out var many) ? new StepInput(many, IsList: true)
        : null;
}
