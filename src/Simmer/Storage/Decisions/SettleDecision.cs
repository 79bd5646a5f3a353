namespace Simmer.Storage.Decisions;

/// <summary>What a settlement does to the job that it settles. A requested cancel turns whatever would go on into
/// <see cref="JobState.Cancelled"/>, and an end that arrived wins. A run that is forgiven does not count as an attempt.</summary>
internal static class SettleDecision
{
    /// <summary>Whether the row has to be read to decide what becomes of it. If not, one statement may end the job that proves the lease,
    /// and that no cancel was requested.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <returns>True for what goes on, for what adds steps, and for an end that is kept and counts something up: an error, or a run that is
    /// forgiven.</returns>
    public static bool NeedsRow(Settlement settlement) =>
        !settlement.State.IsFinal() || settlement.Added is not null
        || ((settlement.Error is not null || settlement.Forgive) && KeepDecision.IsKept(settlement.Step is not null, settlement.KeepFor));

    /// <summary>Whether steps are to be added to the workflow: asked before <see cref="For"/>, which wants to know whether that is possible
    /// (<see cref="AddDecision"/>). Only a step that succeeded adds steps.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="isStep">Whether the job is a step.</param>
    /// <returns>Whether it adds steps, if there is room for them.</returns>
    public static bool AddsSteps(Settlement settlement, bool isStep) =>
        isStep && settlement is { State: JobState.Succeeded, Added.Count: > 0 };

    /// <summary>Decides.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="row">The job, which runs under the settlement's lease.</param>
    /// <param name="added">What became of the steps that it adds; default: it adds none.</param>
    /// <returns>What is to be written. It is no suspect any more.</returns>
    public static RunOutcome For(Settlement settlement, in RunningRow row, in AddDecision added = default)
    {
        var isEnd = settlement.State.IsFinal();
        var state = added.Refusal is not null ? JobState.Failed
            : !isEnd && row.CancelRequested ? JobState.Cancelled
            : settlement.State;
        var keepFor = isEnd ? settlement.KeepFor : settlement.KeepCancelledFor;
        var isKept = KeepDecision.IsKept(row.IsStep, keepFor);
        var ends = state.IsFinal();
        return new RunOutcome
        {
            State = state,
            Forgiven = row.Forgiven + (settlement.Forgive ? 1 : 0),

            // The run ended by itself, so the job is not what kills its workers.
            Suspicion = 0,
            AddsError = settlement.Error is not null && (!ends || isKept),
            KeepFor = keepFor,
            Reason = !ends ? null : added.Refusal ?? settlement.ReasonFor(row.CancelReason),
            KeepsResult = isEnd && isKept && added.Refusal is null,
            Branch = state == JobState.Succeeded ? settlement.Branch : null,
        };
    }
}
