using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Turns a store's answer to an enqueue into what its caller gets: the answer, or an exception.</summary>
internal static class EnqueueAnswers
{
    /// <exception cref="StoreException">The job was refused, or what became of it cannot be told.</exception>
    public static EnqueueReport Accepted(EngineContext context, EnqueueReport report, JobDraft draft)
    {
        if (report.Status == EnqueueStatus.Refused)
        {
            throw report.Error ?? new StoreException("The store refused the job without saying why.");
        }

        if (report.HasOtherPayload && draft.Route!.Kind.IsFirstOtherPayload())
        {
            context.Logger.OtherPayload(draft.Kind, draft.Id);
        }

        if (report.State == JobState.Unknown)
        {
            throw new StoreException(
                $"What became of job {draft.Id} of kind '{draft.Kind}' cannot be told: it was stored by a transaction whose answer got "
                    + "lost, and now it is not there. It has run in a queue that keeps nothing, or somebody has deleted it.",
                isTransient: true, outcomeUnknown: true);
        }

        return report.Status == EnqueueStatus.Duplicate && report.Id != draft.Id ? report with { IsByKey = true } : report;
    }

    /// <exception cref="StoreException">The workflow was refused, or what became of it cannot be told.</exception>
    public static WorkflowReport Accepted(WorkflowReport report) => report switch
    {
        { Status: EnqueueStatus.Refused } => throw report.Error ?? new StoreException("The store refused the workflow without saying why."),
        { State: WorkflowState.Unknown } => throw new StoreException(
            $"What became of workflow {report.Id} cannot be told: it was stored by a transaction whose answer got lost, and now it is "
                + "not there. It has ended where nothing is kept, or somebody has deleted it.",
            isTransient: true, outcomeUnknown: true),
        _ => report,
    };
}
