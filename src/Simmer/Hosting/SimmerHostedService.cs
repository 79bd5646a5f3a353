using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Simmer.Diagnostics;
using Simmer.Runtime;

namespace Simmer.Hosting;

/// <summary>Ties Simmer's life to the host's. The web server stops between <see cref="StoppingAsync"/> and <see cref="StopAsync"/>:
/// requests in flight still add tasks, so the drain begins after it.</summary>
/// <remarks>A second SIGTERM or Ctrl+C, while the first is being obeyed, ends the drain.</remarks>
internal sealed class SimmerHostedService(SimmerNode node) : IHostedLifecycleService
{
    private readonly Shutdown _shutdown = new(node);
    private List<PosixSignalRegistration> _signals = [];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines.All)
        {
            await engine.Store.InitializeAsync(cancellationToken);
            await engine.RegisteredAsync();
            await engine.Declare.TryAtStartAsync(cancellationToken);
            engine.Start();
        }

        node.ListenForHints();
        TellWhatItWorksOn();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the log tells of the shutdown, because whoever reads that may send the second signal at once.
        _signals = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(signal => PosixSignalRegistration.Create(signal, Hurry))];
        _shutdown.StopTaking();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _shutdown.DrainAsync(cancellationToken);

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        await _shutdown.FinishAsync();
        _signals.ForEach(static s => s.Dispose());
    }

    private void Hurry(PosixSignalContext signal)
    {
        // The signal does not end the process at once, so that running jobs are given back first.
        signal.Cancel = true;
        _shutdown.Hurry();
    }

    private void TellWhatItWorksOn()
    {
        var worker = node.Context.Options.Worker;
        var engine = node.Durable ?? node.Memory;
        node.Context.Logger.Started(
            worker.Name ?? $"{Environment.MachineName}:{Environment.ProcessId}",
            engine.Runner.Queues.Count == 0 ? "no queue" : string.Join(", ", engine.Runner.Queues.Select(static l => l.Name)),
            engine.Store.Name);
        foreach (var (name, queue) in node.Context.Options.Queues)
        {
            var missing = queue.Requires.Where(r => !worker.Capabilities.Contains(r, StringComparer.OrdinalIgnoreCase)).ToList();
            if (missing.Count > 0)
            {
                node.Context.Logger.QueueNotOffered(name, string.Join(", ", missing));
            }
        }
    }
}
