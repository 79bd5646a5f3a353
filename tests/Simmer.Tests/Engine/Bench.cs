using System.Collections.Concurrent;

namespace Simmer.Tests.Engine;

/// <summary>The handler of <see cref="Work"/>: it notes its start, waits for the test, and ends as the job says.</summary>
internal sealed class Bench
{
    private readonly ConcurrentDictionary<string, (Signal Started, Signal Release)> _pieces = new();
    private int _running;
    private int _most;

    /// <summary>The names of all runs in the order of their starts.</summary>
    public ConcurrentQueue<string> Starts { get; } = new();

    public int Most => _most;

    public int Running => _running;

    public Signal Started(string name) => Piece(name).Started;

    public void Release(string name) => Piece(name).Release.Set();

    /// <summary>Registers <see cref="Work"/>.</summary>
    public SimmerBuilder AddTo(SimmerBuilder builder, Action<JobOptions>? options = null) => builder.AddJob<Work>(RunAsync, options);

    private (Signal Started, Signal Release) Piece(string name) => _pieces.GetOrAdd(name, static _ => (new Signal(), new Signal()));

    private async Task RunAsync(Work job, CancellationToken cancellationToken)
    {
        var (started, release) = Piece(job.Name);
        Starts.Enqueue(job.Name);
        var running = Interlocked.Increment(ref _running);
        for (var most = _most; running > most; most = _most)
        {
            Interlocked.CompareExchange(ref _most, running, most);
        }

        try
        {
            started.Set();
            if (job.Waits)
            {
                await release.WaitAsync(job.Ignores ? CancellationToken.None : cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}

/// <param name="Name">Which piece of work.</param>
/// <param name="Waits">Whether it goes on until the test lets it go.</param>
/// <param name="Ignores">Whether it ignores its token.</param>
public sealed record Work(string Name, bool Waits = true, bool Ignores = false) : IJob;
