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
    public SimmerBuilder AddJob<TJob, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.Interfaces)] THandler>(Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where THandler : class, IJobHandler<TJob> => Add<TJob>(new ClassHandlerFactory<TJob, THandler>(), configure);

    /// <summary>Registers a job without a handler, for a process that only enqueues it.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob>(Action<JobOptions>? configure = null)
        where TJob : class, IJob => Add<TJob>(null, configure);

    /// <summary>Registers an older shape of a job: jobs that are stored under the older kind become the newer one when they run. The older
    /// record keeps its kind, the newer has one of its own (<c>[Job("greet")] record GreetV1</c>, <c>[Job("greet.v2")] record Greet</c>),
    /// so that processes of the older version leave the newer jobs to those that know them.</summary>
    /// <remarks>The older kind has the newer's handler, queue, attempts, time limit, priority and retry policy, and may still be enqueued.
    /// Upcasters may follow one another. One that throws leaves its job stored, with the reason, as a record that cannot be read: no
    /// attempt is spent, and it is tried again later.</remarks>
    /// <typeparam name="TOlder">The older record, with the same result as the newer, if any. It is not registered with
    /// <c>AddJob</c>.</typeparam>
    /// <typeparam name="TNewer">The newer record, registered with <c>AddJob</c> or as the older one of another upcaster.</typeparam>
    /// <param name="upcast">Makes the newer of the older; called at each attempt, so it should do nothing else.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="upcast"/> is <see langword="null"/>. What else is wrong is told at
    /// start.</exception>
    public SimmerBuilder AddUpcaster<TOlder, TNewer>(Func<TOlder, TNewer> upcast)
        where TOlder : class, IJob
        where TNewer : class, IJob
    {
        ArgumentNullException.ThrowIfNull(upcast);
        Setup.Upcasters.Add(new UpcastDeclaration<TOlder, TNewer>(upcast));
        return this;
    }

    /// <summary>Sets the durable store. Store packages call it from their <c>UseX</c>.</summary>
    /// <param name="name">The store's short name.</param>
    /// <param name="create">Makes the store.</param>
    /// <returns>The builder.</returns>
    [Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
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
