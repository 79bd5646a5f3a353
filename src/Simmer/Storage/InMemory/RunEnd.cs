using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Ends runs: the only place where a job leaves its worker.</summary>
internal sealed class RunEnd(MemoryTables tables, JobEnds ends, WorkflowStore workflows)
{
    /// <summary>Settles what its worker still holds.</summary>
    public SettleReport[] Settle(IReadOnlyList<Settlement> settlements, WorkerRow worker, DateTimeOffset now)
    {
        if (settlements.Count == 0)
        {
            return [];
        }

        var reports = new SettleReport[settlements.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            var token = settlements[i].Token;
            reports[i] = tables.Held(token, worker) is { } row
                ? new SettleReport(true, Settle(row, settlements[i], now))
                : new SettleReport(false, tables.StateOf(token.Id));
        }

        return reports;
    }

    /// <summary>Takes jobs back from the worker that holds them.</summary>
    public bool[] GiveBack(IReadOnlyList<LeaseToken> tokens, WorkerRow worker, DateTimeOffset now)
    {
        if (tokens.Count == 0)
        {
            return [];
        }

        var held = new bool[tokens.Count];
        for (var i = 0; i < held.Length; i++)
        {
            if (tables.Held(tokens[i], worker) is { } row)
            {
                GiveBack(row, now);
                held[i] = true;
            }
        }

        return held;
    }

    public void GiveBack(JobRow row, DateTimeOffset now) =>
        End(row, GiveBackDecision.For(Running(row), row.Queue.KeepCancelledFor), null, null, now);

    /// <summary>Takes a job back whose worker is dead.</summary>
    /// <returns>Its state: ready, or cancelled.</returns>
    public JobState Rescue(JobRow row, int slots, DateTimeOffset now)
    {
        var running = Running(row);
        return End(row, RescueDecision.For(running, slots, row.Queue.KeepCancelledFor), RescueDecision.Error(running, now), null,
            now);
    }

    private static RunningRow Running(JobRow row) =>
        new(row.Run, row.Forgiven, row.Suspicion, row.CancelRequested, row.Detail?.CancelReason, row.Step is not null);

    private JobState Settle(JobRow row, Settlement settlement, DateTimeOffset now)
    {
        var running = Running(row);
        var added = SettleDecision.AddsSteps(settlement, running.IsStep) ? workflows.Add(row, settlement, now) : default;
        var outcome = SettleDecision.For(settlement, running, added);
        row.StartedAt = settlement.StartedAt == default ? row.StartedAt : settlement.StartedAt;
        if (settlement.Progress is { } note)
        {
            row.Details.Note(note);
        }

        if (row.Step is { } step && outcome.State == JobState.Succeeded)
        {
            step.Branch = outcome.Branch;
        }

        if (outcome.KeepsResult && (settlement.Result is not null || settlement.ResultItem is not null))
        {
            (row.Details.Result, row.Details.ResultItem) = (settlement.Result, settlement.ResultItem);
        }

        return End(row, outcome, settlement.Error, settlement.DueFrom(now), now);
    }

    private JobState End(JobRow row, in RunOutcome outcome, AttemptError? error, DateTimeOffset? due, DateTimeOffset now)
    {
        row.Forgiven = outcome.Forgiven;
        row.Suspicion = outcome.Suspicion;
        if (outcome.AddsError)
        {
            row.Details.Add(error!);
        }

        if (row.Detail is { } detail)
        {
            detail.Stuck = false;
            detail.CancelReason = null;
        }

        if (outcome.Ends)
        {
            ends.End(row, outcome.State, outcome.Reason, outcome.KeepFor, now);
        }
        else
        {
            row.DueAt = due ?? now;
            tables.Move(row, outcome.State);
        }

        return outcome.State;
    }
}
