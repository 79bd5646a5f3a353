using Simmer.Context;
using Simmer.Engine;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Cancels, retries and deletes single jobs, in whichever store of this process they are.</summary>
internal sealed class JobSteering(EngineContext context, StoreEngines engines, BatchSteering batches)
{
    /// <summary>How often a deletion is tried again that left a job which, looked at afterwards, neither runs nor is a step: it has ended
    /// in between.</summary>
    private const int DeleteTries = 3;

    public async Task<CancelResult> CancelAsync(JobId id, string? reason, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            var answer = (await batches.CancelAsync(engine, [id], reason, cancellationToken))[0];
            if (answer.Error is { } refused)
            {
                throw refused;
            }

            if (answer.Result != CancelResult.NotFound)
            {
                return answer.Result;
            }
        }

        return CancelResult.NotFound;
    }

    public async Task<RetryResult> RetryAsync(JobId id, bool force, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            var answer = (await batches.RetryAsync(engine, [id], cancellationToken))[0];
            if (answer.Status == RetryStatus.Compensated && force)
            {
                // Only a step is refused for that.
                var request = new WorkflowRetryRequest(WorkflowId.OfStep(id), id, true);
                answer = await engine.Store.RetryWorkflowAsync(request, context.Now, cancellationToken);
                batches.Retried(engine, id, answer);
            }

            if (answer.Status != RetryStatus.NotFound)
            {
                return RetryAnswers.Accepted(answer);
            }
        }

        return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
    }

    public async Task<DeleteResult> DeleteAsync(JobId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            for (var tries = 0; tries < DeleteTries; tries++)
            {
                if (await batches.DeleteAsync(engine, [id], cancellationToken) == 1)
                {
                    return DeleteResult.Deleted;
                }

                if ((await engine.Store.Browser.GetAsync([id], cancellationToken))[0] is not { } left)
                {
                    break;
                }

                if (left.State == JobState.Running || tries == DeleteTries - 1)
                {
                    return DeleteResult.StillRunning;
                }

                if (left.Workflow is not null)
                {
                    return DeleteResult.PartOfWorkflow;
                }
            }
        }

        return DeleteResult.NotFound;
    }
}
