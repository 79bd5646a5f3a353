using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Simmer;
using Simmer.CrashTests.Worker;
using Simmer.FleetTests.Worker;

var life = WorkerLife.Parse(args[0]);
if (life.PoolThreads > 0
    && !(ThreadPool.SetMinThreads(life.PoolThreads, life.PoolThreads) && ThreadPool.SetMaxThreads(life.PoolThreads, life.PoolThreads)))
{
    throw new InvalidOperationException($"The pool cannot have {life.PoolThreads} threads.");
}

var builder = Host.CreateApplicationBuilder();
var fleet = FleetLife.Read(builder.Configuration);
builder.Logging.ClearProviders().AddSimpleConsole(static o => (o.SingleLine, o.TimestampFormat) = (true, "HH:mm:ss.fff "))
    .SetMinimumLevel(LogLevel.Information);
builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(life.ShutdownSeconds));
builder.Services.AddSingleton(life).AddSingleton(fleet).AddSingleton(TimeProvider.System).AddSingleton<Claims>().AddSingleton<Effects>()
    .AddSingleton<KillSwitch>()
    .AddSingleton<FlowHandler>().AddSingleton<ChargeHandler>().AddSingleton(NpgsqlDataSource.Create(fleet.Database));
var simmer = builder.Services.AddSimmerCore();
simmer = fleet.Shared ? simmer.UsePostgres() : simmer.UsePostgres(fleet.Database);
simmer
    .AddQueue("default", q => q.Concurrency = life.Concurrency)
    .AddQueue("bad", static q => q.Concurrency = BadHandler.Slots)
    .AddQueue(Versions.Late)
    .AddQueue(Once.Unkept, static q => q.KeepSucceeded = TimeSpan.Zero)
    .AddQueue(Once.Brief, static q => q.KeepSucceeded = TimeSpan.FromMilliseconds(300))
    .AddJob<Count, CountHandler>(static o => o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromMilliseconds(50) })
    .AddJob<Bad, BadHandler>()
    .AddJob<Once, OnceHandler>()
    .AddJob<Charge, ChargeHandler, JobContext, Receipt>(
        static (job, handler, context, stop) => handler.RunAsync(job, context, stop), static o =>
            o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromSeconds(1) })
    .AddJob<Part, FlowHandler, JobContext, Receipt>(static (job, handler, context, stop) => handler.RunAsync(job, context, stop))
    .AddJob<Follow, FlowHandler, JobContext, Receipt, Receipt>(static (job, handler, context, before, stop) => handler
        .RunAsync(job, context, before, stop))
    .AddJob<Join, FlowHandler, JobContext, IReadOnlyList<Receipt>, Receipt>(static (job, handler, context, before, stop) => handler
        .RunAsync(job, context, before, stop))
    .AddJob<Doomed, FlowHandler, JobContext, Receipt>(static (job, handler, context, stop) => handler.RunAsync(job, context, stop))
    .AddJobsOfVersion(fleet.Version)
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
    builder.Services.AddHostedService<Callers>();
}

if (fleet.Repeaters > 0)
{
    builder.Services.AddHostedService<Repeaters>();
}

if (fleet.Greedy)
{
    builder.Services.AddHostedService<Greedy>();
}

var app = builder.Build();
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();
Console.WriteLine("stopped");
