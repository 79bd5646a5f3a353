using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer;
using Simmer.CrashTests.Worker;

var life = WorkerLife.Parse(args[0]);
if (life.PoolThreads > 0
    && !(ThreadPool.SetMinThreads(life.PoolThreads, life.PoolThreads) && ThreadPool.SetMaxThreads(life.PoolThreads, life.PoolThreads)))
{
    throw new InvalidOperationException($"The pool cannot have {life.PoolThreads} threads.");
}

var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders().AddSimpleConsole(static o => o.SingleLine = true).SetMinimumLevel(LogLevel.Information);
builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(life.ShutdownSeconds));
builder.Services.AddSingleton(life).AddSingleton(TimeProvider.System).AddSingleton<Claims>().AddSingleton<Effects>()
    .AddSingleton<KillSwitch>().AddSingleton<FlowHandler>().AddScoped<ClumsyService>();
var simmer = builder.Services.AddSimmerCore()
    .UseSqlite(WorkerLife.Jobs(life.Folder))
    .AddQueue("default", q => q.Concurrency = life.Concurrency)
    .AddQueue("brief", static q => q.KeepSucceeded = TimeSpan.FromSeconds(1))
    .AddQueue("bad", static q => q.Concurrency = BadHandler.Slots)
    .AddQueue("light", static q => q.KeepSucceeded = TimeSpan.Zero)
    .AddQueue("heavy", static q => q.KeepSucceeded = TimeSpan.Zero)
    .AddJob<Count, CountHandler>(static o => o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromMilliseconds(50) })
    .AddJob<Brief, CountHandler>()
    .AddJob<Bad, BadHandler>()
    .AddJob<Clumsy, ClumsyHandler>()
    .AddJob<Fleeting, CountHandler>()
    .AddJob<Exact, ExactHandler>(static o => o.Retry = RetryPolicy.Immediate)
    .AddJob<Part, FlowHandler, JobContext, Receipt>(static (job, handler, context, stop) => handler.RunAsync(job, context, stop))
    .AddJob<Follow, FlowHandler, JobContext, Receipt, Receipt>(static (job, handler, context, before, stop) => handler
        .RunAsync(job, context, before, stop))
    .AddJob<Join, FlowHandler, JobContext, IReadOnlyList<Receipt>, Receipt>(static (job, handler, context, before, stop) => handler
        .RunAsync(job, context, before, stop))
    .AddJob<Doomed, FlowHandler, JobContext, Receipt>(static (job, handler, context, stop) => handler.RunAsync(job, context, stop))
    .AddJob(static (Leaf _, CancellationToken _) =>
    {
        Leaves.Ended();
        return Task.CompletedTask;
    })
    .AddJob(static (Heavy _, CancellationToken _) => Task.CompletedTask)
    .AddJob(static (Light job, TimeProvider time, CancellationToken _) =>
    {
        Probe.Started(job.Number, time.GetTimestamp());
        return Task.CompletedTask;
    })
    .Configure(o =>
    {
        o.Lease = WorkerLife.Lease;
        o.PruneInterval = TimeSpan.FromSeconds(1);
        o.Worker.Queues = [.. life.Queues];
    });

var (name, create) = simmer.Setup.Stores[0];
simmer.Setup.Stores[0] =
    (name, services => new WitnessStore(create(services), services.GetRequiredService<KillSwitch>(), services.GetRequiredService<Claims>(),
        services.GetRequiredService<Effects>()));
if (life.Callers > 0)
{
    builder.Services.AddHostedService<Enqueuer>();
}

if (life.ProbeSeconds > 0)
{
    builder.Services.AddHostedService<Probe>();
}

var app = builder.Build();
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();
Console.WriteLine($"leaves {Leaves.Count}");
Console.WriteLine("stopped");
