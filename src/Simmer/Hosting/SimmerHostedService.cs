using Microsoft.Extensions.Hosting;
using Simmer.Diagnostics;

namespace Simmer.Hosting;

/// <summary>Ties Simmer's life to the host's. The web server stops between <see cref="StoppingAsync"/> and <see cref="StopAsync"/>: requests in flight still add tasks, so the drain begins after it.</summary>
internal sealed class SimmerHostedService(SimmerNode node) : IHostedLifecycleService
{
    private readonly Shutdown _shutdown = new(node);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in node.Lanes)
        {
            await lane.Store.InitializeAsync(cancellationToken);
            await lane.RegisteredAsync();
            lane.Start();
        }

        node.ListenForHints();
        TellWhatItWorksOn();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _shutdown.StopTaking();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _shutdown.DrainAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => _shutdown.FinishAsync();

    private void TellWhatItWorksOn()
    {
        var worker = node.Engine.Options.Worker;
        var lane = node.Durable ?? node.Memory;
        node.Engine.Logger.Started(
            worker.Name ?? $"{Environment.MachineName}:{Environment.ProcessId}",
            lane.Runner.Lines.Count == 0 ? "no queue" : string.Join(", ", lane.Runner.Lines.Select(static l => l.Name)),
            lane.Store.Name);
        foreach (var (name, queue) in node.Engine.Options.Queues)
        {
            var missing = queue.Requires.Where(r => !worker.Capabilities.Contains(r, StringComparer.OrdinalIgnoreCase)).ToList();
            if (missing.Count > 0)
            {
                node.Engine.Logger.QueueNotOffered(name, string.Join(", ", missing));
            }
        }
    }
}
