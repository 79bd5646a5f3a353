namespace Simmer.Storage.Decisions;

/// <summary>What a cancel does. What waits ends at once; what runs is only asked to stop, by a signal to its worker, and ends when that run
/// is over.</summary>
internal static class CancelDecision
{
    /// <summary>Decides about one job.</summary>
    /// <param name="state">Its state; <see cref="JobState.Unknown"/>: there is no such job.</param>
    /// <returns>The answer. <see cref="CancelResult.Cancelled"/>: the store ends it; <see cref="CancelResult.Requested"/>: the store leaves
    /// a signal.</returns>
    public static CancelResult For(JobState state) => state switch
    {
        JobState.Unknown => CancelResult.NotFound,
        JobState.Running => CancelResult.Requested,
        _ when state.IsFinal() => CancelResult.AlreadyFinished,
        _ => CancelResult.Cancelled,
    };

    /// <summary>Whether the cancel of a workflow concerns a step: ordinary ones that have not ended. What undoes them, or comes last, is
    /// what a cancelled workflow still has to do.</summary>
    /// <param name="role">What the step is there for.</param>
    /// <param name="state">Its state.</param>
    /// <returns>Whether it is cancelled.</returns>
    public static bool Concerns(StepRole role, JobState state) => role == StepRole.Step && !state.IsFinal();

    /// <summary>The answer to the cancel of a workflow that is stored.</summary>
    /// <param name="concerned">How many steps it concerned.</param>
    /// <param name="running">How many of them run and were asked to stop.</param>
    /// <returns>The answer.</returns>
    public static CancelResult ForWorkflow(int concerned, int running) =>
        concerned == 0 ? CancelResult.AlreadyFinished : running == 0 ? CancelResult.Cancelled : CancelResult.Requested;
}
