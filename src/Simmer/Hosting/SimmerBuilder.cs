using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Hosting;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer;

/// <summary>Declares queues, jobs and the store. Made by <c>AddSimmer</c> or <c>AddSimmerCore</c>.</summary>
public sealed partial class SimmerBuilder
{
    internal SimmerBuilder(IServiceCollection services, SimmerSetup setup) => (Services, Setup) = (services, setup);

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    internal SimmerSetup Setup { get; }

    /// <summary>Declares a queue, or tunes one that is declared already.</summary>
    /// <param name="name">Its name: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, at most 100; case does not matter.</param>
    /// <param name="configure">Sets its options; configuration may overrule them.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddQueue(string name, Action<QueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        Setup.Queues.Add((name, configure));
        return this;
    }

    /// <summary>Sets options; configuration may overrule them.</summary>
    /// <param name="configure">Sets them.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder Configure(Action<SimmerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Setup.Configures.Add(configure);
        return this;
    }

    /// <summary>Registers a job with its handler class, made anew for each attempt in the attempt's DI scope.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="THandler">Its handler.</typeparam>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.Interfaces)] THandler>(Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where THandler : class, IJobHandler<TJob> => Add<TJob>(new ClassHandlerFactory<TJob, THandler>(), configure);

    /// <summary>Registers a job without a handler, for a process that only enqueues it.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob>(Action<JobOptions>? configure = null)
        where TJob : class, IJob => Add<TJob>(null, configure);

    /// <summary>Sets the durable store. Store packages call it from their <c>UseX</c>.</summary>
    /// <param name="name">The store's short name.</param>
    /// <param name="create">Makes the store.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder UseStore(string name, Func<IServiceProvider, IJobStore> create)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(create);
        Setup.Stores.Add((name, create));
        return this;
    }

    private SimmerBuilder Add<TJob>(HandlerFactory? handler, Action<JobOptions>? configure)
        where TJob : class, IJob
    {
        Setup.Jobs.Add(new JobDeclaration<TJob>(handler, configure));
        return this;
    }
}
