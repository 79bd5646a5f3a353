namespace Simmer.Storage.Decisions;

/// <summary>What follows in a workflow from steps that end or run again. Decided under the lock on the workflow, by the counted-down tally
/// and never by looking at the parents. Ended steps keep count as well, and only what was skipped opens again.</summary>
internal static class FollowDecision
{
    /// <summary>Whether it has to be known what a step that has not ended is there for.</summary>
    /// <param name="state">The step's state.</param>
    /// <param name="tally">How its parents stand now.</param>
    /// <returns>False: only its tally changes.</returns>
    public static bool IsDue(JobState state, StepTally tally) => state == JobState.Waiting && tally.Pending <= 0;

    /// <summary>Decides about a step that has not ended.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="tally">How its parents stand now.</param>
    /// <param name="step">Its place in the workflow.</param>
    /// <returns><see cref="StepMove.Released"/>, <see cref="StepMove.Skipped"/> or <see cref="StepMove.None"/>. A step whose place is
    /// damaged may be there for just this failure: it is never skipped, and waits until an operator ends it. Where it would run it is left
    /// to a claim, which says what is wrong.</returns>
    public static StepMove ForWaiting(JobState state, StepTally tally, StepDraft step) =>
        !IsDue(state, tally) ? StepMove.None
        : tally.LetsRun(step.Rule, step.Role) ? StepMove.Released
        : step.IsDamaged ? StepMove.None
        : StepMove.Skipped;

    /// <summary>Decides about a step that has ended.</summary>
    /// <param name="state">How it ended.</param>
    /// <param name="tally">How its parents stand now.</param>
    /// <returns><see cref="StepMove.Reopened"/>: something that it had waited for runs again, so it waits as well, and so do those that
    /// were skipped after it. Else <see cref="StepMove.Heard"/>.</returns>
    public static StepMove ForEnded(JobState state, StepTally tally) =>
        state == JobState.Skipped && tally.Pending > 0 ? StepMove.Reopened : StepMove.Heard;

    /// <summary>Decides about a step that is about to be stored.</summary>
    /// <param name="step">Its place in the workflow.</param>
    /// <returns><see cref="StepMove.None"/>: it waits for other steps. <see cref="StepMove.Released"/>: it waits for nothing.
    /// <see cref="StepMove.Skipped"/>: its rule wants a failure and there is no parent that could fail, so it is skipped as soon as the
    /// whole workflow is there.</returns>
    public static StepMove ForNew(StepDraft step) =>
        step.Pending > 0 ? StepMove.None
        : default(StepTally).LetsRun(step.Rule, step.Role) ? StepMove.Released
        : StepMove.Skipped;

    /// <summary>The state of a step that is released.</summary>
    /// <param name="due">When it is due (<see cref="StepDraft.DueAfter"/>).</param>
    /// <returns>The state.</returns>
    public static JobState Released(DateTimeOffset? due) => due is null ? JobState.Ready : JobState.Scheduled;

    /// <summary>Whether a job that ends reports to its children: only when everything before it has ended. It may be cancelled while it
    /// waits, and something before it may run again.</summary>
    /// <param name="pending">How many of its parents have not reported.</param>
    /// <returns>Whether it reports now.</returns>
    public static bool Tells(int pending) => pending <= 0;

    /// <summary>Decides about a gate.</summary>
    /// <param name="before">Its tally before.</param>
    /// <param name="after">Its tally now.</param>
    /// <returns>The turn. If it ended, it tells <see cref="StepTally.End"/> of the tally now; if it is open again, it takes back that of
    /// the tally before.</returns>
    public static FollowTurn ForGate(StepTally before, StepTally after) =>
        before.Pending == 0 && after.Pending > 0 ? FollowTurn.Reopened
        : before.Pending > 0 && after.Pending == 0 ? FollowTurn.Ended
        : FollowTurn.None;

    /// <summary>Decides about the end of a workflow.</summary>
    /// <param name="isRunning">Whether the workflow runs.</param>
    /// <param name="after">The tally of its end now.</param>
    /// <returns>The turn.</returns>
    public static FollowTurn ForEnd(bool isRunning, StepTally after) =>
        isRunning && after.Pending == 0 ? FollowTurn.Ended
        : !isRunning && after.Pending > 0 ? FollowTurn.Reopened
        : FollowTurn.None;

    /// <summary>How a workflow ends of which all steps have ended.</summary>
    /// <param name="worst"><see cref="JobState.Failed"/> if any step failed, else <see cref="JobState.Cancelled"/> if any was cancelled:
    /// the lower number of <see cref="JobStates.Retryable"/>. Whatever else: neither.</param>
    /// <returns>Its state.</returns>
    public static WorkflowState EndOf(JobState worst) => worst switch
    {
        JobState.Failed => WorkflowState.Failed,
        JobState.Cancelled => WorkflowState.Cancelled,
        _ => WorkflowState.Succeeded,
    };

    /// <summary>The state of a workflow that is about to be stored: one without steps has succeeded.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <returns>Its state.</returns>
    public static WorkflowState StateOfNew(WorkflowDraft workflow) =>
        workflow.Pending == 0 ? WorkflowState.Succeeded : WorkflowState.Running;

    /// <summary>How long a workflow that has ended is kept, with all its steps.</summary>
    /// <param name="state">How it ended.</param>
    /// <param name="keepSucceeded">How long it is kept if it succeeded.</param>
    /// <param name="keepFailed">How long it is kept otherwise.</param>
    /// <returns>The time.</returns>
    public static TimeSpan KeepFor(WorkflowState state, TimeSpan keepSucceeded, TimeSpan keepFailed) =>
        state == WorkflowState.Succeeded ? keepSucceeded : keepFailed;
}
