using System.Text.Json;
using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;
using Simmer.Storage;

namespace Simmer.SimulationTests.Flows;

/// <summary>Checks a workflow after every commit that concerns it, and fails the run as soon as one does not follow its rules.</summary>
internal sealed class FlowLedger(World world, Ledger ledger)
{
    private readonly Dictionary<WorkflowId, FlowPlan> _flows = [];

    /// <summary>In the order in which they were drawn.</summary>
    public List<FlowPlan> All { get; } = [];

    public void Add(FlowPlan flow)
    {
        _flows.Add(flow.Id, flow);
        All.Add(flow);
    }

    public FlowStep Step(int flow, int place) => All.Find(f => f.Number == flow)!.Steps[place];

    public void Committed(Flush flush, FlushReport report) => Look(
        [
            .. report.Workflows.Select(static w => w.Id),
            .. report.Released.Workflows,
            .. Of(flush.Settlements.Select(static s => s.Token.Id)),
            .. Of(flush.GiveBacks.Select(static t => t.Id)),
            .. Of(report.Expired),
        ],
        Cause.Run);

    public void Rescued(RescueReport report) => Look(Of(report.Rescued.Concat(report.Cancelled)), Cause.Run);

    /// <summary>A worker left, and with it perhaps a step whose cancel was asked for.</summary>
    public void Left() => Look(All.Select(static f => f.Id), Cause.Run);

    public void Pruned(PruneReport report) => Look(Of(report.Expired), Cause.Run);

    public void Cancelled(IReadOnlyList<JobId> ids) => Look(Of(ids), Cause.Cancel);

    public void Cancelled(WorkflowId id) => Look([id], Cause.Cancel);

    public void Retried(WorkflowId id, bool force, RetryResult answer)
    {
        if (answer.Status == RetryStatus.Retried && _flows.TryGetValue(id, out var flow))
        {
            (flow.Retried, flow.Forced) = (true, flow.Forced || force);
            Look([id], Cause.Retry);
        }
    }

    public void Deleted(WorkflowId id, DeleteResult answer)
    {
        if (answer == DeleteResult.Deleted && _flows.TryGetValue(id, out var flow))
        {
            flow.Delete();
        }
    }

    /// <summary>A handler of a step begins.</summary>
    public void Started(FlowStep step, HandlerRun handler, IReadOnlyList<Parcel>? taken)
    {
        // The ledger of jobs judges what a process does that was away: the ends it reports are refused.
        if (!step.IsThere || ledger.IsExcused(handler.Process))
        {
            return;
        }

        if (handler.Story != step.Story)
        {
            world.Fail($"{step} was given the job of another step");
        }

        if (WhyTooEarly(step, new FlowRules(step.Flow)) is { } why)
        {
            world.Fail($"{step} started, but {why}");
        }

        if (taken is not null && WhyWrong(step, taken) is { } wrong)
        {
            world.Fail($"{step} was given {string.Join(", ", taken)}, {wrong}");
        }
    }

    /// <summary>Checks what must hold of every workflow when nothing happens any more.</summary>
    public void AtRest()
    {
        foreach (var flow in All)
        {
            Look(flow, Cause.Run);
            if (flow.IsThere)
            {
                MustBeWhole(flow);
            }
            else if (flow is { Acknowledged: true, Deleted: false, Steps.Count: > 0 })
            {
                world.Fail($"workflow #{flow.Number} is not there, and its caller was told that it is stored");
            }
        }
    }

    private static List<WorkflowId> Of(IEnumerable<JobId> ids) => [.. ids.Select(WorkflowId.OfStep)];

    private void Look(IEnumerable<WorkflowId> ids, Cause cause)
    {
        foreach (var id in ids.Distinct())
        {
            if (_flows.TryGetValue(id, out var flow))
            {
                Look(flow, cause);
            }
        }
    }

    private void Look(FlowPlan flow, Cause cause)
    {
        var record = ledger.Store.Model.Browser.WorkflowAsync(flow.Id, counted: true, CancellationToken.None).Result;
        if (record is null)
        {
            // One without steps belongs to no queue that says how long it is kept: minutes.
            if (flow is { IsThere: true, Steps.Count: > 0 })
            {
                world.Fail($"workflow #{flow.Number} is gone, and nobody deleted it");
            }

            return;
        }

        var steps = ledger.Store.Model.Browser.StepsAsync(flow.Id, null, CancellationToken.None).Result;
        var before = steps.Select(s => See(flow, s)).ToList();
        flow.IsThere = true;
        if (WhyIncomplete(flow, record, steps) is { } incomplete)
        {
            world.Fail($"workflow #{flow.Number} {incomplete}");
        }

        var rules = new FlowRules(flow);
        foreach (var (step, was) in before)
        {
            if (WhyWrong(step, was, rules, cause) is { } why)
            {
                world.Fail($"{step} went from {was} to {step.Seen}, and {why}");
            }
        }

        var wanted = Wanted(flow);
        if (record.State != wanted || (record.FinishedAt is null) != (wanted == WorkflowState.Running))
        {
            world.Fail($"workflow #{flow.Number} is {record.State}, ended {record.FinishedAt:HH:mm:ss}, and by its steps it is {wanted}");
        }
    }

    private (FlowStep Step, JobState Was) See(FlowPlan flow, StepSnapshot record)
    {
        var step = flow.Steps.Find(s => s.Number == record.Step.Number) ?? Bind(flow, record);
        var was = step.Seen;
        (step.Seen, step.SeenRun) = (record.Job.State, record.Job.Run);
        if (was == JobState.Waiting && step.Seen == JobState.Cancelled)
        {
            step.CancelledWaiting = true;
        }
        else if (!step.Seen.IsFinal())
        {
            step.CancelledWaiting = false;
        }

        if (was.CanRetry() && !step.Seen.CanRetry())
        {
            // Run again, with a fresh set of attempts.
            (step.Story.Spent, step.Story.Deaths) = (0, 0);
        }

        return (step, was);
    }

    private FlowStep Bind(FlowPlan flow, StepSnapshot record)
    {
        using var payload = JsonDocument.Parse(record.Job.Payload);
        var step = flow.Steps[payload.RootElement.GetProperty("place").GetInt32()];
        if (step.IsThere)
        {
            world.Fail($"{step} is there a second time, as number {record.Step.Number}");
        }

        step.Number = record.Step.Number;
        step.Story.Bind(record.Job.Id, $"{flow.Number}.{step.Number}");
        ledger.Bind(step.Story);
        return step;
    }

    private static string? WhyIncomplete(FlowPlan flow, WorkflowRecord record, IReadOnlyList<StepSnapshot> steps)
    {
        if (record.StepCount != steps.Count || record.Counts.Values.Sum() != steps.Count)
        {
            return $"says that it has {record.StepCount} steps, and has {steps.Count}";
        }

        if (flow.Steps.Find(static s => s is { AddedBy: null, IsThere: false }) is { } missing)
        {
            return $"has no {missing}";
        }

        foreach (var adder in flow.Steps.Where(static s => s.Adds.Count > 0 && s.IsThere))
        {
            var added = adder.Adds.Count(static s => s.IsThere);
            if (added > 0 && adder.Seen != JobState.Succeeded)
            {
                return $"has steps that {adder} added, which is {adder.Seen}";
            }

            // After the wish to cancel nothing is added; but a later retry takes the wish back.
            var asked = steps[adder.Number - 1];
            if (added != asked.Added
                || (added != adder.Adds.Count && adder.Seen == JobState.Succeeded
                && !(added == 0 && (record.CancelRequested || flow.Retried))))
            {
                return $"has {added} of {adder.Adds.Count} steps that {adder} added, and notes {asked.Added}";
            }
        }

        return null;
    }

    private static string? WhyWrong(FlowStep step, JobState was, FlowRules rules, Cause cause)
    {
        if (was != step.Seen)
        {
            if (was == JobState.Succeeded || (was.IsFinal() && cause != Cause.Retry))
            {
                return "what is final stays";
            }

            if (was == JobState.Waiting && step.Seen == JobState.Cancelled && cause != Cause.Cancel && step.Options?.ExpiresIn is null)
            {
                return "nobody asked for it";
            }

            if (IsOpen(step.Seen) && !IsOpen(was) && !(rules.MayBeDecided(step) && rules.Runs(step)))
            {
                return rules.MayBeDecided(step) ? "its rule says no" : "not all before it is final";
            }
        }

        return step.Seen switch
        {
            JobState.Waiting when rules.MayBeDecided(step) => "nothing is left to wait for",
            JobState.Skipped when !rules.MayBeDecided(step) => "not all before it is final",
            JobState.Skipped when rules.Runs(step) => "its rule says yes",
            _ => null,
        };
    }

    private static bool IsOpen(JobState state) => state is JobState.Ready or JobState.Scheduled or JobState.Running;

    private static WorkflowState Wanted(FlowPlan flow)
    {
        var steps = flow.Steps.Where(static s => s.IsThere).ToList();
        return steps.Exists(static s => !s.Seen.IsFinal()) ? WorkflowState.Running
            : steps.Exists(static s => s.Seen == JobState.Failed) ? WorkflowState.Failed
            : steps.Exists(static s => s.Seen == JobState.Cancelled) ? WorkflowState.Cancelled
            : WorkflowState.Succeeded;
    }

    private string? WhyTooEarly(FlowStep step, FlowRules rules)
    {
        if (step.Role == StepRole.Undo && step.Target!.Seen != JobState.Succeeded)
        {
            return $"what it undoes is {step.Target.Seen}";
        }

        // Whatever was cancelled and run again: these never start before all of it has succeeded.
        if (step.Role == StepRole.Step && step.Rule == StepRule.AllSucceeded && rules.WaitsFor(step).Select(static b => b.Step)
            .FirstOrDefault(static s => s.Seen != JobState.Succeeded) is { } failed)
        {
            return $"{failed} before it is {failed.Seen}";
        }

        if (step.Role == StepRole.Undo ? step.Flow.Forced : step.Flow.Retried)
        {
            return null;
        }

        foreach (var (before, _) in rules.WaitsFor(step))
        {
            if (!before.Seen.IsFinal())
            {
                return $"{before} before it is {before.Seen}";
            }

            if (before.Story.Runs.Exists(e => e.IsRunning && e.Act != Act.Ignore && !ledger.IsExcused(e.Process)))
            {
                return $"{before} before it still runs";
            }
        }

        return null;
    }

    private static string? WhyWrong(FlowStep step, IReadOnlyList<Parcel> taken)
    {
        var wanted = Givers(step).Where(static s => s.Seen == JobState.Succeeded).Select(static s => new Parcel(s.Place, s.SeenRun))
            .ToList();

        // A step does not wait for what a step before it adds if that took another branch. Such an added step may have ended only after the
        // results were read.
        var waitsFor = new FlowRules(step.Flow).WaitsFor(step).Select(static b => b.Step).ToHashSet();
        var others = step.Parents.Where(static b => !FlowRules.Counts(b)).SelectMany(static b => FlowRules.AddedBy(b.Step))
            .Where(s => !waitsFor.Contains(s)).Select(static s => new Parcel(s.Place, s.SeenRun)).ToHashSet();

        // After an operator's retry more may have succeeded since.
        return taken.SequenceEqual(wanted.Where(p => !others.Contains(p) || taken.Contains(p)))
            || (step.Flow.Retried && taken.All(wanted.Contains))
            ? null
            : $"and before it are {string.Join(", ", wanted)}";
    }

    private static IEnumerable<FlowStep> Givers(FlowStep step)
    {
        if (step.Takes == Takes.Nearest)
        {
            return [step.Parents.Count > 0 ? step.Parents[0].Step : step.AddedBy!];
        }

        var parents = step.Scope?.Steps.OrderBy(static s => s.Number) ?? step.Parents.Select(static b => b.Step);
        return parents.Distinct().SelectMany(static s => FlowRules.AddedBy(s).Prepend(s));
    }

    private void MustBeWhole(FlowPlan flow)
    {
        var rules = new FlowRules(flow);
        foreach (var step in flow.Steps.Where(static s => s.IsThere))
        {
            var job = ledger.Store.Find(step.Story.Id)!;
            if (!flow.Retried && !step.CancelledWaiting && rules.Runs(step) != (step.Seen != JobState.Skipped))
            {
                world.Fail($"{step} is {step.Seen} in the end, and its rule says {(rules.Runs(step) ? "yes" : "no")}");
            }

            if (step.Seen == JobState.Succeeded && JsonSerializer
                .Deserialize<Parcel>(job.Result!.Value.Span, JsonSerializerOptions.Web) is var parcel
                && parcel != new Parcel(step.Place, job.Run))
            {
                world.Fail($"{step} succeeded in run {job.Run} and gave {parcel}");
            }
        }
    }

    private enum Cause
    {
        Run,
        Cancel,
        Retry,
    }
}
