using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer;
using Simmer.CrashTests.Worker;

var life = WorkerLife.Parse(args);
var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders().AddSimpleConsole(static o => o.SingleLine = true).SetMinimumLevel(LogLevel.Information);
builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
builder.Services.AddSingleton(life);
builder.Services.AddSingleton(new Effects(life.Folder, life.Life));
builder.Services.AddSimmerCore()
    .UseSqlite(WorkerLife.Jobs(life.Folder))
    .AddQueue("default", q => q.Concurrency = life.Concurrency)
    .AddJob(static async (Count job, Effects effects, JobContext context, CancellationToken cancellationToken) =>
    {
        effects.Started(context);
        if (job.Milliseconds > 0)
        {
            await Task.Delay(job.Milliseconds, cancellationToken);
        }

        effects.Done(context);
    })
    .Configure(static o => o.Lease = WorkerLife.Lease);
if (life.Callers > 0)
{
    builder.Services.AddHostedService<Enqueuer>();
}

var app = builder.Build();
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();
Console.WriteLine("stopped");
