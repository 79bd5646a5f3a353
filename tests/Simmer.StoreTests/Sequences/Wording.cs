using System.Globalization;
using Simmer.Storage;

namespace Simmer.StoreTests.Sequences;

/// <summary>Answers as text: compared as such, and readable when they differ. Order counts only where the seam promises one.</summary>
internal static class Wording
{
    /// <summary>The queues that have work now are left out: a store that starts a step in the flush that released it need not name its
    /// queue.</summary>
    public static string Of(FlushReport report) =>
        $"""
        gone {report.WorkerGone}, repeat {report.WasRepeat}
        settlements {Line(report.Settlements.Select(s => $"{s.Settled}:{s.State}"))}
        give-backs {Line(report.GiveBacks.Select(b => b.ToString()))}
        enqueues {Line(report.Enqueues.Select(e => $"{e.Status}:{Of(e.Id)}:{e.State}:{(e.Error is null ? "" : "error")}"))}
        claims {Line(report.Claims.Select(Of))}
        workflows {Line(report.Workflows.Select(w => $"{w.Status}:{Of(w.Id)}:{w.State}:{(w.Error is null ? "" : "error")}"))}
        released, next due {Of(report.Released.NextDue)}
        expired {Line(report.Expired.Select(Of).Order())}
        """;

    /// <summary>The steps and workflows are left out: a store may name more than it must.</summary>
    public static string Of(ReleaseReport report) => $"in {Line(report.Queues.Order())}, next due {Of(report.NextDue)}";

    public static string Of(WorkflowCancelReport report, Func<WorkerId, int> worker) =>
        $"{report.Result}, running {Line(report.Running.Select(r => $"{Of(r.Token.Id)}/{r.Token.Run} of {worker(r.Owner)}").Order())}, "
            + $"released {Of(report.Released)}";

    public static string Of(WorkflowRecord flow) =>
        $"{Of(flow.Id)} {flow.State} created {Of(flow.CreatedAt)} finished {Of(flow.FinishedAt)} cancel {flow.CancelRequested} reason "
            + $"{flow.Reason} steps {flow.StepCount} " +
        $"{Line(flow.Counts.Select(c => $"{c.Key} {c.Value}").Order())} progress "
            + $"{flow.Progress.ToString("0.0000", CultureInfo.InvariantCulture)}";

    public static string Of(StepSnapshot step) =>
        $"{step.Step.Number} {step.Step.Name} {step.Step.Rule} {step.Step.Role} branch {step.Branch} added "
            + $"{step.FirstAdded}+{step.Added} result {step.Job.Result?.Length}: {Of(step.Job)}";

    public static string Of(JobClaim claim) =>
        $"{Of(claim.Job.Id)} run {claim.Run} forgiven {claim.Forgiven} suspicion {claim.Suspicion} cancel {claim.CancelRequested}";

    public static string Of(BeatReport report) =>
        $"""
        alive {report.Alive}
        cancels {Line(report.Cancels.Select(c => $"{Of(c.Id)}/{c.Run}").Order())}
        ready {Line(report.ReadyQueues.Order())}
        idle elsewhere {Line(report.IdleElsewhere.Order())}
        others {report.Others.Count} {Line(report.Others.Select(o
            => $"{o.Beats} beats, {o.BeatAge}").Order())}, next due {Of(report.NextDue)}
        """;

    public static string Of(RescueReport report) =>
        $"dead {report.Dead.Count}, rescued {Line(report.Rescued.Select(Of).Order())}, cancelled "
            + $"{Line(report.Cancelled.Select(Of).Order())}, queues {Line(report.Queues.Order())}, released {Of(report.Released)}";

    public static string Of(PromoteReport report) => $"{report.Count} of {Line(report.Queues.Order())}, next due {Of(report.NextDue)}";

    public static string Of(PruneReport report) =>
        $"deleted {report.Deleted}, expired {Line(report.Expired.Select(Of).Order())}, more {report.More}, released {Of(report.Released)}";

    public static string Of(RetryResult result) =>
        $"{result.Status}:{result.State}:{(result.Conflict is { } id ? Of(id) : "")}{result.Compensation}";

    /// <summary>Without the version, which may rise in other steps, and the worker's name.</summary>
    public static string Of(JobRecord job) =>
        $"{Of(job.Id)} {job.State} {job.Kind} in {job.Queue} p{job.Priority} run {job.Run} attempt {job.Attempt} key {job.UniqueKey} "
            + $"errors {job.Errors.Count} " +
        $"due {Of(job.DueAt)} expires {Of(job.ExpiresAt)} finished {Of(job.FinishedAt)} reason {job.Reason} cancel {job.CancelRequested} "
            + $"progress {job.Progress?.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A few digits of an id tell jobs apart, and its last ones the steps of a workflow.</summary>
    public static string Of(JobId id) =>
        $"#{Convert.ToInt64(id.ToString()[5..8] + id.ToString()[9..13], 16)}"
            + $"{(WorkflowId.NumberOf(id) is > 0 and var step ? $".{step}" : "")}";

    public static string Of(WorkflowId id) => Of(new JobId(id.Value));

    private static string Of(DateTimeOffset? time) => time is { } value ? $"{(value - Some.Moment).TotalSeconds:0}s" : "-";

    private static string Line(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";
}
