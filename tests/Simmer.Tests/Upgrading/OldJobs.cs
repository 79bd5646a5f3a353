using System.Collections.Concurrent;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Upgrading;

/// <summary>The jobs in the databases that commit 9e51af5 made. Their kinds and the properties of their records are stored there, so they
/// never change.</summary>
internal sealed class OldJobs
{
    public const string Paused = "paused";

    /// <summary>Whether the handlers succeed at once, as the present ones do; the old ones waited or failed.</summary>
    public bool LetGo { get; init; } = true;

    public ConcurrentQueue<string> Ran { get; } = [];

    public ConcurrentQueue<OldLetter> Letters { get; } = [];

    public ConcurrentDictionary<string, Signal> Started { get; } = [];

    public SimmerBuilder AddTo(SimmerBuilder simmer) => simmer
        .AddQueue(Paused)
        .AddQueue("kept", static q => q.KeepSucceeded = q.KeepFailed = TimeSpan.FromDays(36_500))
        .AddJob((OldLetter job, CancellationToken _) =>
        {
            Letters.Enqueue(job);
            return Task.CompletedTask;
        }, static o => o.Kind = "old-letter")
        .AddJob((OldScales job, JobContext context, CancellationToken _) => Task.FromResult(new OldWeight(job.Grams, context.Id)),
            static o => o.Kind = "old-scales")
        .AddJob(async (OldWork job, CancellationToken cancellationToken) =>
        {
            Started.GetOrAdd(job.What, static _ => new Signal()).Set();
            if (!LetGo)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, job.What == "stubborn" ? CancellationToken.None : cancellationToken);
            }

            Ran.Enqueue(job.What);
        }, static o => o.Kind = "old-work")
        .AddJob((OldTrouble job, CancellationToken _) =>
        {
            Ran.Enqueue(job.Why);
            return LetGo ? Task.CompletedTask : throw new InvalidOperationException(job.Why);
        }, static o => o.Kind = "old-trouble");
}

/// <summary>Ids in a payload.</summary>
internal sealed record OldLetter(string To, JobId About, WorkflowId Flow) : IJob;

/// <summary>A result, with an id in it.</summary>
internal sealed record OldScales(decimal Grams) : IJob<OldWeight>;

internal sealed record OldWeight(decimal Grams, JobId By);

/// <summary>Held until it is let go.</summary>
internal sealed record OldWork(string What) : IJob;

/// <summary>Fails.</summary>
internal sealed record OldTrouble(string Why) : IJob;
