using Microsoft.Extensions.Hosting;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>The ground of tests that hold in memory and in every database; see <c>InMemory.cs</c>, <c>OnSqlite.cs</c> and
/// <c>OnPostgres.cs</c>.</summary>
public abstract class WorkflowTest(IJobDatabase? database) : IAsyncLifetime
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected Play Play { get; } = new();

    public ValueTask InitializeAsync() => database?.CreateAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A host that knows the jobs of <see cref="Play"/>.</summary>
    private protected Task<EngineHost> PlayAsync(Action<SimmerBuilder>? more = null, Action<HostApplicationBuilder>? host = null) =>
        HostAsync(
        s =>
        {
            Play.AddTo(s);
            more?.Invoke(s);
        },
        host);

    /// <summary>Starts a host without any job or queue.</summary>
    private protected Task<EngineHost> HostAsync(Action<SimmerBuilder> configure, Action<HostApplicationBuilder>? host = null) =>
        EngineHost.StartAsync(s => configure(database?.Use(s) ?? s), host);

    private protected static async Task<WorkflowState> EndAsync(EngineHost host, WorkflowHandle handle) =>
        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State;

    /// <summary>Enqueues and waits for the end, however it is.</summary>
    private protected static async Task<WorkflowHandle> RunAsync(EngineHost host, WorkflowElement workflow,
        WorkflowState end = WorkflowState.Succeeded)
    {
        var handle = await host.Jobs.EnqueueAsync(workflow, cancellationToken: Cancelled);
        (await EndAsync(host, handle)).ShouldBe(end);
        return handle;
    }

    /// <summary>Name and state of each step.</summary>
    private protected static async Task<string[]> StatesAsync(WorkflowHandle handle) =>
        [.. (await handle.GetStepsAsync(Cancelled)).Select(static s => $"{s.Name} {s.Job.State}")];

    private protected static async Task<StepRecord> StepAsync(WorkflowHandle handle, string name) =>
        (await handle.GetStepsAsync(Cancelled)).Single(s => s.Name == name);

    private protected static async Task ShouldHoldNothingAsync(EngineHost host)
    {
        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        }
    }
}
