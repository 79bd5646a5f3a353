using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Bench;

/// <summary>A started engine with its memory store, and what a benchmark takes out of it.</summary>
internal sealed class BenchEngine<THandler> : IDisposable
    where THandler : class, IJobHandler<Note>
{
    private readonly IHost _host;

    public BenchEngine(Action<IServiceCollection>? services = null, Action<SimmerOptions>? options = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        services?.Invoke(builder.Services);
        builder.Services.AddSingleton<Countdown>();
        builder.Services.AddSimmerCore()
            .AddJob<Note, THandler>()
            .AddQueue("default", static q => (q.Capacity, q.KeepSucceeded) = (int.MaxValue, TimeSpan.Zero))
            .Configure(o => options?.Invoke(o));
        _host = builder.Build();
        _host.Start();
        Node = _host.Services.GetRequiredService<SimmerNode>();
        Jobs = _host.Services.GetRequiredService<IJobClient>();
        Countdown = _host.Services.GetRequiredService<Countdown>();
        Kind = Node.Context.Catalog.Of(Note);
        Queue = Node.Memory.Runner.Queue("default")!;
    }

    public Note Note { get; } = new(1, "a note");

    public SimmerNode Node { get; }

    public IJobClient Jobs { get; }

    public Countdown Countdown { get; }

    public JobKind Kind { get; }

    public LocalQueue Queue { get; }

    /// <summary>The job as the store hands it to a worker.</summary>
    public JobClaim Claim() => new(Node.Drafts.Make(Note, null, Kind), 1, 0, Node.Context.Now);

    public void Dispose()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }
}
