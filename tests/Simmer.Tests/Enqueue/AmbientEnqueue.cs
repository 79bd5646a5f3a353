using System.Transactions;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

/// <summary>The ways to enqueue, inside a transaction of System.Transactions.</summary>
internal static class AmbientEnqueue
{
    public static IReadOnlyDictionary<string, Func<IJobClient, Task>> Ways { get; } = new Dictionary<string, Func<IJobClient, Task>>
    {
        ["one"] = static jobs => jobs.EnqueueAsync(new Greet("Ada")),
        ["one with an id"] = static jobs =>
            jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Id = new JobId(Guid.CreateVersion7()) }),
        ["later"] = static jobs => jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Delay = TimeSpan.FromHours(1) }),
        ["with a result"] = static jobs => jobs.EnqueueAsync(new TakePayment(1)),
        ["many"] = static jobs => jobs.EnqueueManyAsync([new Greet("Ada"), new TakePayment(1)]),
        ["many with options"] = static jobs =>
            jobs.EnqueueManyAsync([(new Greet("Ada"), new EnqueueOptions { Priority = 1 }), ((IJob)new Greet("Bob"), null)]),
        ["a chain"] = static jobs => jobs.EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Greet("Bob"))),
        ["a chain with a result"] = static jobs => jobs.EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new TakePayment(1))),
        ["a group"] = static jobs => jobs.EnqueueAsync(Group.Of(new Greet("Ada"), new Greet("Bob"))),
    };

    public static SimmerBuilder AddJobs(this SimmerBuilder simmer) => simmer
        .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask)
        .AddJob(static (TakePayment _, CancellationToken _) => Task.FromResult(new Receipt("1")));

    public static TransactionScope Scope() => new(TransactionScopeAsyncFlowOption.Enabled);

    /// <summary>Every way to enqueue is refused, with both ways out, and nothing is counted or stored.</summary>
    public static async Task AllAreRefusedAsync(EngineHost host)
    {
        foreach (var (way, enqueue) in Ways)
        {
            using var scope = Scope();
            var error = await Should.ThrowAsync<InvalidOperationException>(() => enqueue(host.Jobs), way);

            error.Message.ShouldContain("jobs.Within(transaction)", customMessage: way);
            error.Message.ShouldContain("TransactionScopeOption.Suppress", customMessage: way);
            scope.Complete();
            _ = await Should.ThrowAsync<InvalidOperationException>(() => enqueue(host.Jobs), $"{way}, behind Complete");
        }

        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(CancellationToken.None)).ShouldBeEmpty();
        }
    }

    /// <summary>Jobs that are enqueued outside the scope, or after it, are stored whatever becomes of it.</summary>
    public static async Task SuppressedAreStoredAsync(EngineHost host)
    {
        foreach (var (way, enqueue) in Ways)
        {
            using (Scope())
            {
                using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
                {
                    await enqueue(host.Jobs);
                }
            }

            await Should.NotThrowAsync(() => enqueue(host.Jobs), way);
        }
    }
}
