using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Hosting;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Callers;

/// <summary>Calls come from any context. Work that callers share does not continue in the context of one of them, and a caller may block
/// for the answer.</summary>
public abstract class CallersContextTests(IJobDatabase? database) : IAsyncLifetime
{
    private static readonly AsyncLocal<object?> s_ambient = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => database?.CreateAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task Any_call_may_be_waited_for_where_it_is_made_and_nothing_shared_stays_there(string ground)
    {
        await using var host = await StartAsync();
        await host.Jobs.EnqueueAsync(new Greet("before"), cancellationToken: Cancelled);
        using var caller = new Caller(ground);

        foreach (var (name, call) in await CallsAsync(host))
        {
            await caller.DoAsync(call, name);
        }

        await ShouldWorkAsync(host, ground);
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task A_call_that_nobody_waits_for_holds_up_nobody_else(string ground)
    {
        await using var host = await StartAsync();
        await host.Jobs.EnqueueAsync(new Greet("before"), cancellationToken: Cancelled);

        for (var i = 0; i < 3; i++)
        {
            using var caller = new Caller(ground);
            await caller.DoAsync(
                () =>
                {
                    _ = host.Jobs.EnqueueAsync(new Greet("alone"));
                    _ = host.Jobs.EnqueueManyAsync([new Greet("one"), new Greet("other")]);
                    _ = host.Jobs.GetAsync(default(JobId));
                    _ = host.Jobs.CancelAsync(default(JobId));
                    _ = host.Jobs.RetryAsync(default(JobId));
                },
                "a call");
        }

        await ShouldWorkAsync(host, ground);
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task The_engine_may_be_started_and_stopped_there(string ground)
    {
        var services = new ServiceCollection().AddLogging();
        Configure(services.AddSimmerCore());
        var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().OfType<SimmerHostedService>().Single();
        using var caller = new Caller(ground);

        await caller.DoAsync(() => hosted.StartingAsync(CancellationToken.None).GetAwaiter().GetResult(), "the start");
        var handle = await provider.GetRequiredService<IJobClient>().EnqueueAsync(new TakePayment(1), cancellationToken: Cancelled);
        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("1");

        await caller.DoAsync(() => hosted.StoppingAsync(CancellationToken.None).GetAwaiter().GetResult(), "the stop");
        await caller.DoAsync(() => hosted.StopAsync(CancellationToken.None).GetAwaiter().GetResult(), "the drain");
        await caller.DoAsync(() => hosted.StoppedAsync(CancellationToken.None).GetAwaiter().GetResult(), "the end");
        await caller.DoAsync(() => provider.DisposeAsync().AsTask().GetAwaiter().GetResult(), "the disposal");
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task Nothing_of_a_caller_is_kept_when_his_call_has_ended(string ground)
    {
        var services = new ServiceCollection().AddLogging();
        Configure(services.AddSimmerCore());
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().OfType<SimmerHostedService>().Single();
        using var caller = new Caller(ground);

        var starter = await AmbientAsync(caller, () => hosted.StartingAsync(CancellationToken.None).GetAwaiter().GetResult());
        var jobs = provider.GetRequiredService<IJobClient>();
        var enqueuer = await AmbientAsync(caller, () => jobs.EnqueueAsync(new Greet("x")).GetAwaiter().GetResult());
        var canceller = await AmbientAsync(caller, () => jobs.CancelAsync(new JobId(Guid.NewGuid())).GetAwaiter().GetResult());

        await Until.True(() => IsCollected(starter), "who started the engine is kept");
        await Until.True(() => IsCollected(enqueuer), "who enqueued is kept");
        await Until.True(() => IsCollected(canceller), "who cancelled is kept");
        await hosted.StoppingAsync(CancellationToken.None);
        await hosted.StopAsync(CancellationToken.None);
        await hosted.StoppedAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_handler_that_leaves_a_context_behind_ends_all_the_same()
    {
        await using var host = await StartAsync();
        var jobs = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 40).Select(static _ => (IJob)new LeavesContext()), cancellationToken: Cancelled);

        foreach (var job in jobs)
        {
            await job.WaitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        }
    }

    [Fact]
    public async Task A_task_that_leaves_a_context_behind_keeps_no_other_from_running()
    {
        await using var host = await StartAsync();
        var ran = new Signal();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();
            tasks.Add(LeaveContextAsync);
            tasks.Add(ran.Set);
        }

        await ran.WaitAsync();
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task A_handler_may_call_its_context_from_there(string ground)
    {
        await using var host = await StartAsync();

        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new TakePayment(7)).Then(new CallsContext(ground)), cancellationToken: Cancelled);

        (await host.Jobs.WaitAsync(handle.Id, Cancelled).WaitAsync(TimeSpan.FromSeconds(40), Cancelled))!.State.ShouldBe(
            WorkflowState.Succeeded, string
                .Join('\n', (await handle.GetStepsAsync(Cancelled))
                .Select(static s => $"{s.Name}: {s.Job.Reason} {s.Job.Errors.LastOrDefault()?.Detail}")));
        await ShouldWorkAsync(host, ground);
    }

    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task A_transaction_of_the_callers_may_be_used_there(string ground)
    {
        if (database is null)
        {
            return;
        }

        await using var host = await StartAsync();
        using var caller = new Caller(ground);
        using var connection = database.Open();
        JobHandle? job = null;
        WorkflowHandle? workflow = null;

        await caller.DoAsync(
            () =>
            {
                using var transaction = connection.BeginTransaction();
                var within = host.Jobs.Within(transaction);
                job = within.EnqueueAsync(new NeverMetBefore()).GetAwaiter().GetResult();
                workflow = within.EnqueueAsync(Chain.Of(new Greet("a"))).GetAwaiter().GetResult();
                transaction.Commit();
            },
            "Within");

        await job!.WaitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await workflow!.WaitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await ShouldWorkAsync(host, ground);
    }

    [Fact]
    public void Who_has_no_context_pays_nothing_for_the_door()
    {
        CallerContext.Leave();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000; i++)
        {
            CallerContext.Leave();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static bool IsCollected(WeakReference ambient)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !ambient.IsAlive;
    }

    private static async Task<WeakReference> AmbientAsync(Caller caller, Action call)
    {
        WeakReference? kept = null;
        await caller.DoAsync(
            () =>
            {
                var ambient = new object();
                kept = new WeakReference(ambient);
                s_ambient.Value = ambient;
                call();
                s_ambient.Value = null;
            },
            "a call");
        return kept!;
    }

    private static Task LeaveContextAsync()
    {
        SynchronizationContext.SetSynchronizationContext(new Lost());
        return Task.Delay(1);
    }

    private void Configure(SimmerBuilder simmer)
    {
        database?.Use(simmer);
        simmer.AddQueue("default")
            .AddJob((Greet _, CancellationToken _) => Task.CompletedTask)
            .AddJob((NeverMetBefore _, CancellationToken _) => Task.CompletedTask)
            .AddJob((LeavesContext _, CancellationToken _) => LeaveContextAsync())
            .AddJob(async (TakePayment job, CancellationToken _) =>
            {
                await Task.Yield();
                return new Receipt($"{job.Amount}");
            })
            .AddJob((CallsContext job, JobContext context, CancellationToken token) => CallContextAsync(job, context, token));
    }

    private async Task CallContextAsync(CallsContext job, JobContext context, CancellationToken cancellationToken)
    {
        using var caller = new Caller(job.Ground);
        foreach (var (name, call) in PublicCalls
            .Of(context, typeof(JobContext), ArgumentOf, nameof(JobContext.CompleteWithinAsync), nameof(JobContext.AddStep),
            nameof(JobContext.DisposeAtEnd)))
        {
            await caller.DoAsync(call, name);
        }

        await caller.DoAsync(() => context.Progress.Report(0.5, "half"), "progress");
        if (database is not null)
        {
            using var connection = database.Open();
            await caller.DoAsync(
                () =>
                {
                    using var transaction = connection.BeginTransaction();
                    context.CompleteWithinAsync(transaction, cancellationToken).GetAwaiter().GetResult();
                    transaction.Commit();
                },
                "CompleteWithinAsync");
        }

        static object? ArgumentOf(ParameterInfo parameter) => parameter.Name == "step" ? "take-payment" : null;
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(Configure);

    private async Task<List<(string Name, Action Call)>> CallsAsync(EngineHost host)
    {
        var soon = new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(50) };
        var job = await host.Jobs.EnqueueAsync(new TakePayment(1), soon, Cancelled);
        var workflow = await host.Jobs.EnqueueAsync(Chain.Of(new TakePayment(2), options: soon), cancellationToken: Cancelled);
        var done = await host.Jobs.EnqueueAsync(new Greet("done"), cancellationToken: Cancelled);
        await done.WaitAsync(Cancelled);
        using var patience = new CancellationTokenSource();
        var calls = new List<(string, Action)>();
        Add(job, typeof(JobHandle<Receipt>), "CancelAsync");
        Add(workflow, typeof(WorkflowHandle<Receipt>), "CancelAsync");
        Add(host.Jobs, typeof(IJobClient), nameof(IJobClient.Within));
        Add(done, typeof(JobHandle));
        Add(host.Services.GetRequiredService<IBackgroundTaskQueue>(), typeof(IBackgroundTaskQueue));

        return calls;

        void Add(object target, Type surface, params string[] leftOut) =>
            calls.AddRange(PublicCalls.Of(target, surface, ArgumentOf, leftOut));

        object? ArgumentOf(ParameterInfo parameter) => parameter.ParameterType switch
        {
            var t when t == typeof(CancellationToken) => Cancelled,
            var t when t == typeof(IJob) => new Greet("x"),
            var t when t == typeof(IJob<Receipt>) => new TakePayment(3),
            var t when t == typeof(WorkflowElement) => Chain.Of(new Greet("a")).Then(new Greet("b")),
            var t when t == typeof(Chain<Receipt>) => Chain.Of(new TakePayment(4)),
            var t when t == typeof(IEnumerable<IJob>) => new IJob[] { new Greet("a"), new Greet("b") },
            var t when t == typeof(IEnumerable<(IJob, EnqueueOptions?)>) =>
                new (IJob, EnqueueOptions?)[] { (new Greet("a"), null), (new TakePayment(5), null) },
            var t when t == typeof(JobId) => job.Id,
            var t when t == typeof(WorkflowId) => workflow.Id,
            var t when t == typeof(IReadOnlyList<JobId>) => new[] { job.Id },
            var t when t == typeof(JobQuery) => new JobQuery(),
            var t when t == typeof(Func<IServiceProvider, CancellationToken, Task>) => (IServiceProvider _, CancellationToken _) =>
                Task.CompletedTask,
            var t when t == typeof(string) && parameter.Name == "name" => "take-payment",
            var t when t == typeof(long) => -1L,
            var t when t == typeof(bool) => false,
            var t when t == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
            _ => null,
        };
    }

    private static async Task ShouldWorkAsync(EngineHost host, string ground)
    {
        var patience = TimeSpan.FromSeconds(20);
        try
        {
            var job = await host.Jobs.EnqueueAsync(new TakePayment(9), cancellationToken: Cancelled).WaitAsync(patience, Cancelled);
            (await job.WaitAsync(Cancelled).WaitAsync(patience, Cancelled)).Number.ShouldBe("9");
            _ = await host.Jobs.CancelAsync(job.Id, cancellationToken: Cancelled).WaitAsync(patience, Cancelled);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"After a call from a {ground} the engine stands still.");
        }
    }

    public sealed record NeverMetBefore : IJob;

    public sealed record LeavesContext : IJob;

    public sealed record CallsContext(string Ground) : IJob;

    private sealed class Lost : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // Lost.
        }
    }
}
