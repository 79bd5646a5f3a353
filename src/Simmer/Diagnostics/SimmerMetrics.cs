using System.Diagnostics;
using System.Diagnostics.Metrics;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Diagnostics;

/// <summary>Meters, named by OpenTelemetry's semantic conventions for messaging. Free when nobody listens.</summary>
internal sealed class SimmerMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long>? _sent;
    private readonly Counter<long>? _consumed;
    private readonly Histogram<double>? _processing;
    private readonly Histogram<double>? _wait;
    private readonly Counter<long>? _stuck;
    private readonly Counter<long>? _leaseLost;
    private readonly Counter<long>? _rescued;
    private readonly Counter<long>? _taskFailures;
    private long _stuckCount;

    public SimmerMetrics(IMeterFactory? factory)
    {
        var options = new MeterOptions(Telemetry.Name);
        _meter = GuardedInstruments.MeterOf(factory, options);
        _sent = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Jobs enqueued."));
        _consumed = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Attempts ended, by outcome."));
        _processing = GuardedInstruments
            .TryMake(() => _meter.CreateHistogram<double>("messaging.process.duration", "s", "How long attempts ran."));
        _wait = GuardedInstruments
            .TryMake(() => _meter.CreateHistogram<double>("simmer.job.wait", "s", "From being stored to the first start."));
        _stuck = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.job.stuck", "{job}", "Handlers that were told to stop and went on."));
        _leaseLost = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.lease.lost", "{job}", "Settlements that came after the lease was lost."));
        _rescued = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.job.rescued", "{job}", "Jobs taken back from dead workers."));
        _taskFailures = GuardedInstruments
            .TryMake(() => _meter.CreateCounter<long>("simmer.after_response.failures", "{task}", "After-response tasks that threw."));
    }

    /// <summary>How many handlers were told to stop and still run.</summary>
    public long StuckNow => Volatile.Read(ref _stuckCount);

    /// <summary>Counts the jobs that were stored. A duplicate, which was stored before, does not count again.</summary>
    public void Sent(IReadOnlyList<JobDraft> jobs, IReadOnlyList<EnqueueReport> reports, int from)
    {
        if (_sent?.Enabled != true)
        {
            return;
        }

        for (var i = 0; i < jobs.Count;)
        {
            var (first, count) = (jobs[i], 0);
            for (; i < jobs.Count && jobs[i].Queue == first.Queue && jobs[i].Kind == first.Kind; i++)
            {
                count += reports[from + i].Status is EnqueueStatus.Stored or EnqueueStatus.Dispatched ? 1 : 0;
            }

            Sent(first, count);
        }
    }

    /// <inheritdoc cref="Sent(IReadOnlyList{JobDraft}, IReadOnlyList{EnqueueReport}, int)"/>
    public void Sent(JobDraft job, EnqueueReport report)
    {
        if (_sent?.Enabled == true && report.Status is EnqueueStatus.Stored or EnqueueStatus.Dispatched)
        {
            Sent(job, 1);
        }
    }

    /// <summary>Counts a workflow that was stored: each of its steps is one message.</summary>
    public void Sent(WorkflowDraft workflow, WorkflowReport report)
    {
        if (report.Status == EnqueueStatus.Stored)
        {
            Sent(workflow.Steps);
        }
    }

    /// <summary>Counts steps that were added at run time and stored.</summary>
    public void Sent(IReadOnlyList<JobDraft> steps)
    {
        if (_sent?.Enabled != true)
        {
            return;
        }

        for (var i = 0; i < steps.Count;)
        {
            var (first, from) = (steps[i], i);
            while (i < steps.Count && steps[i].Queue == first.Queue && steps[i].Kind == first.Kind)
            {
                i++;
            }

            Sent(first, i - from);
        }
    }

    public void Started(JobClaim claim, DateTimeOffset now)
    {
        if (_wait?.Enabled == true && claim.Run == 1)
        {
            _wait.TryRecord(Math.Max(0, (now - claim.EnqueuedAt).TotalSeconds), Tags(claim));
        }
    }

    public void Ended(JobClaim claim, bool wasStuck, OutcomeKind outcome, JobState state, TimeSpan elapsed)
    {
        if (wasStuck)
        {
            Interlocked.Decrement(ref _stuckCount);
        }

        if (_processing?.Enabled == true || _consumed?.Enabled == true)
        {
            var tags = Tags(claim);
            tags.Add("simmer.job.outcome", outcome.ToString());
            tags.Add("simmer.job.state", state.ToString());
            _processing.TryRecord(elapsed.TotalSeconds, tags);
            _consumed.TryAdd(1, tags);
        }
    }

    public void Stuck(JobClaim claim)
    {
        Interlocked.Increment(ref _stuckCount);
        _stuck.TryAdd(1, Tags(claim));
    }

    public void LeaseLost() => _leaseLost.TryAdd(1);

    public void Rescued(int count) => _rescued.TryAdd(count);

    public void TaskFailed() => _taskFailures.TryAdd(1);

    public void Dispose() => _meter.TryDispose();

    private void Sent(JobDraft job, int count)
    {
        if (count > 0)
        {
            _sent.TryAdd(count, new TagList { { "messaging.destination.name", job.Queue }, { "simmer.job.kind", job.Kind } });
        }
    }

    private static TagList Tags(JobClaim claim) =>
        new() { { "messaging.destination.name", claim.Job.Queue }, { "simmer.job.kind", claim.Job.Kind } };
}
