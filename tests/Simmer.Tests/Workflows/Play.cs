using System.Collections.Concurrent;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>The handlers of the jobs in the tests of workflows. They note what they do.</summary>
internal sealed class Play
{
    private readonly ConcurrentDictionary<string, (Signal Started, Signal Release)> _pieces = new();
    private readonly ConcurrentDictionary<string, bool> _mended = new();

    /// <summary>What was done, in order.</summary>
    public ConcurrentQueue<string> Notes { get; } = new();

    public Signal Started(string what) => Piece(what).Started;

    public void Release(string what) => Piece(what).Release.Set();

    /// <summary>From now on it succeeds.</summary>
    public void Mend(string what) => _mended[what] = true;

    public Task Note(string what)
    {
        Notes.Enqueue(what);
        return Task.CompletedTask;
    }

    public SimmerBuilder AddTo(SimmerBuilder builder) => builder
        .AddJob((Do job, CancellationToken token) => DoAsync(job, token))
        .AddJob((Pay job, CancellationToken _) => GiveAsync($"pay {job.Order}", new Receipt($"R{job.Order}")))
        .AddJob((Ship _, Receipt receipt, CancellationToken _) => Note($"ship {receipt.Number}"))
        .AddJob((Refund _, Receipt receipt, CancellationToken _) => Note($"refund {receipt.Number}"))
        .AddJob((Measure job, CancellationToken token) => MeasureAsync(job, token))
        .AddJob((AddUp _, IReadOnlyList<Share> shares, CancellationToken _) =>
            GiveAsync($"add up {string.Join("+", shares.Select(static s => s.Number))}", new Total(shares.Sum(static s => s.Number))))
        .AddJob((Tell _, Total total, CancellationToken _) => Note($"tell {total.Sum}"))
        .AddJob(async (AskAll _, JobContext context, CancellationToken _) =>
            await Note(string.Join("+", (await context.ResultsAsync<Share>()).Select(static s => s.Number))))
        .AddJob((Split job, JobContext context, CancellationToken token) =>
        {
            for (var i = 1; i <= job.Count; i++)
            {
                context.AddStep(new Measure(i));
            }

            return Note($"split {job.Count}");
        });

    private (Signal Started, Signal Release) Piece(string what) => _pieces.GetOrAdd(what, static _ => (new Signal(), new Signal()));

    private async Task<JobVerdict> DoAsync(Do job, CancellationToken cancellationToken)
    {
        await RunAsync(job.What, job.Waits, cancellationToken);
        return _mended.ContainsKey(job.What) ? JobVerdict.Success : job switch
        {
            { Fails: { } why } => JobVerdict.Fail(why),
            { Cancels: { } why } => JobVerdict.Cancel(why),
            { Branch: { } branch } => JobVerdict.Branch(branch),
            _ => JobVerdict.Success,
        };
    }

    private async Task<Share> MeasureAsync(Measure job, CancellationToken cancellationToken)
    {
        await RunAsync($"measure {job.Number}", job.Waits, cancellationToken);
        return new Share(job.Number);
    }

    private async Task RunAsync(string what, bool waits, CancellationToken cancellationToken)
    {
        Notes.Enqueue(what);
        var (started, release) = Piece(what);
        started.Set();
        if (waits)
        {
            await release.WaitAsync(cancellationToken);
        }
    }

    private Task<T> GiveAsync<T>(string what, T result)
    {
        Notes.Enqueue(what);
        return Task.FromResult(result);
    }
}
