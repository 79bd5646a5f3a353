using System.Collections;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Execution;

/// <summary>One run of a job in this process, from its start to its settlement. Also the state of its log scope, so that the scope costs no
/// object of its own.</summary>
internal sealed class JobRun : JobAttempt, IThreadPoolWorkItem, IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>At most this often is progress stored.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _cancellation = new();
    private JobProgress? _progress;
    private bool _ended;
    private bool _silent;

    public JobRun(QueueRunner runner, LocalQueue local, JobClaim claim, JobKind? kind, long startedTimestamp)
    {
        (Runner, LocalQueue, Claim, Kind, StartedTimestamp) = (runner, local, claim, kind, startedTimestamp);
        CancellationToken = _cancellation.Token;
    }

    public override JobId Id => Claim.Job.Id;

    public override string KindName => Claim.Job.Kind;

    public override string Queue => Claim.Job.Queue;

    public override int Attempt => Claim.Attempt;

    public override int MaxAttempts => Claim.Job.MaxAttempts;

    public override DateTimeOffset EnqueuedAt => Claim.EnqueuedAt;

    public override IReadOnlyList<string> Tags => Claim.Job.Tags;

    public override WorkflowId? Workflow => Claim.Job.Step?.Workflow;

    public override string? StepName => Claim.Job.Step?.Name;

    public override JobCatalog Catalog => Parts.Context.Catalog;

    /// <summary>Who started it, and starts the next one in its slot.</summary>
    public QueueRunner Runner { get; }

    public LocalQueue LocalQueue { get; }

    public JobClaim Claim { get; }

    public override JobKind? Kind { get; }

    public long StartedTimestamp { get; }

    /// <summary>Null: its row in the store is settled when it ends.</summary>
    public IRunSource? Source { get; init; }

    public DateTimeOffset StartedAt { get; set; }

    public override CancellationToken CancellationToken { get; }

    public override JobProgress Progress =>
        _progress ?? Interlocked.CompareExchange(ref _progress, new JobProgress(this), null) ?? _progress;

    /// <summary>When its handler and all that it used had ended.</summary>
    public long EndedTimestamp { get; private set; }

    public StopReason StopReason { get; private set; }

    /// <summary>When it was told to stop.</summary>
    public long StopTimestamp { get; private set; }

    public bool IsStuck { get; private set; }

    /// <summary>When progress was last sent to the store; 0: never.</summary>
    public long ProgressSentTimestamp { get; set; }

    public bool HasUnsentProgress { get; private set; }

    // Neighbours in the JobTable.
    public JobRun? Previous { get; set; }

    public JobRun? Next { get; set; }

    public TimeSpan TimeLimit =>
        JobOptionsCheck.TimeLimit(Claim.Job.TimeLimit ?? Kind?.TimeLimit ?? Parts.Context.Options.DefaultTimeLimit);

    int IReadOnlyCollection<KeyValuePair<string, object?>>.Count => 4;

    KeyValuePair<string, object?> IReadOnlyList<KeyValuePair<string, object?>>.this[int index] => index switch
    {
        0 => new("JobId", Claim.Job.Id),
        1 => new("JobKind", Claim.Job.Kind),
        2 => new("Queue", Claim.Job.Queue),
        3 => new("Attempt", Claim.Attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public void Execute() => _ = Parts.Executor.RunAsync(this);

    public override ILogger LoggerFor(IServiceProvider services, string category) => GuardedLogger.For(services, category);

    public override IStepResults TakeResults() => new StepResults(
        Parts.Store.Browser, Catalog, StepOrThrow("takes the result of an earlier step"), CancellationToken);

    public override IAddedSteps AddSteps() => new AddedSteps(Parts, StepOrThrow("adds a step"));

    public override IJobCompletion Complete(JobContext context) => new Completion(this, context);

    public override void ProgressOutOfRange(double fraction) => Parts.Context.Logger.ProgressOutOfRange(KindName, Id, fraction);

    /// <summary>Tells the handler to stop. The first reason stands.</summary>
    public void Stop(StopReason reason)
    {
        lock (this)
        {
            if (_ended || StopReason != StopReason.None)
            {
                return;
            }

            StopReason = reason;
            StopTimestamp = Parts.Context.Time.GetTimestamp();
        }

        // Cancelling runs the handler's own callbacks: never on a loop of the engine.
        Parts.Context.Starter.Start(Cancel);
        Parts.Watch.Wake();
    }

    /// <summary>After this, nothing stops it any more.</summary>
    public void End(long timestamp)
    {
        lock (this)
        {
            _ended = true;
            EndedTimestamp = timestamp;
        }

        _cancellation.Dispose();
    }

    public override void ProgressChanged()
    {
        lock (this)
        {
            if (_ended || _silent)
            {
                return;
            }

            HasUnsentProgress = true;
        }

        Parts.Watch.ProgressChanged(this);
    }

    /// <summary>The progress to store now, if any is unsent.</summary>
    public ProgressNote? TakeProgress()
    {
        lock (this)
        {
            if (!HasUnsentProgress)
            {
                return null;
            }

            HasUnsentProgress = false;
            return new ProgressNote(Claim.Token, Progress.Fraction, Progress.Text, IsStuck);
        }
    }

    /// <summary>The last progress that was reported, sent or not. A note that was sent may still be on its way, and must not be stored
    /// after the end.</summary>
    public ProgressNote? LastProgress()
    {
        if (_progress is null)
        {
            return null;
        }

        lock (this)
        {
            HasUnsentProgress = false;
            return new ProgressNote(Claim.Token, _progress.Fraction, _progress.Text, IsStuck);
        }
    }

    /// <summary>Notes that its handler still runs after it was told to stop; false if it has ended.</summary>
    /// <param name="mayNote">Whether that may be written into its row.</param>
    public bool TryMarkStuck(out bool mayNote)
    {
        lock (this)
        {
            mayNote = !_silent;
            return !_ended && (IsStuck = true);
        }
    }

    /// <summary>From now on nothing is noted in its row, which its handler's transaction holds; false if it has ended.</summary>
    public bool TrySilence()
    {
        lock (this)
        {
            HasUnsentProgress = false;
            return !_ended && (_silent = true);
        }
    }

    IEnumerator<KeyValuePair<string, object?>> IEnumerable<KeyValuePair<string, object?>>.GetEnumerator()
    {
        IReadOnlyList<KeyValuePair<string, object?>> list = this;
        for (var i = 0; i < list.Count; i++)
        {
            yield return list[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)this).GetEnumerator();

    public override string ToString() => $"JobId:{Claim.Job.Id} JobKind:{Claim.Job.Kind} Queue:{Claim.Job.Queue} Attempt:{Claim.Attempt}";

    private RunParts Parts => Runner.Parts;

    private StepDraft StepOrThrow(string what) => Claim.Job.Step ?? throw new StepResultException(
        $"Job {Id} ({KindName}) {what}, but it is no step of a workflow. Enqueue it as one, if need be alone: Chain.Of(job).");

    private void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has ended by itself meanwhile, which is as good.
            return;
        }
        catch (AggregateException e)
        {
            Log.CancelCallbackFailed(Parts.Context.Logger, e, KindName, Id);
        }
    }
}
