namespace Simmer.Storage.Decisions;

/// <summary>What an operator's retry does, to a job and to a workflow; the next attempt of a failed job is decided by the engine. The retry
/// of a step after a compensation has started is refused with its name, unless it is forced; and only what was skipped opens again by
/// itself. A conflict of unique keys is found by the insert, and the job stays where it was.</summary>
/// <remarks>All runs so far are forgiven. They go on counting, because otherwise the token of a lost worker could become valid again. The
/// job is no suspect any more, and it never expires, because an operator wants it to run.</remarks>
internal static class RetryDecision
{
    /// <summary>Decides about a job that stands alone.</summary>
    /// <param name="state">Its state; <see cref="JobState.Unknown"/>: there is no such job.</param>
    /// <returns><see cref="RetryStatus.Retried"/>: it may run again, if no other job holds its unique key.</returns>
    public static RetryStatus For(JobState state) =>
        state == JobState.Unknown ? RetryStatus.NotFound : state.CanRetry() ? RetryStatus.Retried : RetryStatus.NotRetryable;

    /// <summary>Decides which steps of a workflow wait again.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="steps">The steps, number 1 first; those that have not ended may be left out.</param>
    /// <returns>The decision.</returns>
    public static WorkflowRetry ForWorkflow(in WorkflowRetryRequest request, IReadOnlyList<RetryStep> steps)
    {
        var again = new List<RetryStep>();
        foreach (var step in steps)
        {
            if (request.Step is { } one ? step.Id == one : MayRunAgain(step) && step.Step.Role != StepRole.Undo)
            {
                again.Add(step);
            }
        }

        if (again.Count == 0)
        {
            var status = request.Step is null ? RetryStatus.NotRetryable : RetryStatus.NotFound;
            return new WorkflowRetry(status, JobState.Unknown, [], false);
        }

        var state = again[0].State;
        return MayRunAgain(again[0])
            ? new WorkflowRetry(RetryStatus.Retried, state, again,
                !request.Force && again.Exists(static step => step.Step.Role == StepRole.Step))
            : new WorkflowRetry(RetryStatus.NotRetryable, state, [], false);
    }

    /// <summary>The answer for a step that is not among those of its workflow that have ended.</summary>
    /// <param name="state">The state of the job that has its id; <see cref="JobState.Unknown"/>: there is none.</param>
    /// <returns>The answer.</returns>
    public static RetryResult ForMissing(JobState state) =>
        new(state == JobState.Unknown ? RetryStatus.NotFound : RetryStatus.NotRetryable, state);

    /// <summary>The first undo step that has begun, or that a cancel has kept from beginning. What it undid would be done again.</summary>
    /// <param name="steps">All steps of the workflow.</param>
    /// <returns>Its name; <see langword="null"/>: there is none.</returns>
    public static string? Begun(IEnumerable<RetryStep> steps)
    {
        StepDraft? first = null;
        foreach (var (_, state, step) in steps)
        {
            if (step.Role == StepRole.Undo && state is not (JobState.Waiting or JobState.Skipped)
                && (first is null || step.Number < first.Number))
            {
                first = step;
            }
        }

        return first?.Name;
    }

    /// <summary>Decides about a step that waits again, when everything that follows from the retry has been reported. Only then it is known
    /// whether anything it waits for runs again as well.</summary>
    /// <param name="state">Its state by now.</param>
    /// <param name="tally">How its parents stand by now.</param>
    /// <param name="step">Its place in the workflow.</param>
    /// <returns><see cref="StepMove.Released"/>: at once, whatever its delay, because an operator wants it to run now.
    /// <see cref="StepMove.Skipped"/>: it was cancelled while it waited, and something before it has failed since.</returns>
    public static StepMove AfterFollowing(JobState state, StepTally tally, StepDraft step) => FollowDecision.ForWaiting(state, tally, step);

    private static bool MayRunAgain(in RetryStep step) => !step.Step.IsDamaged && step.State.CanRetry();
}
