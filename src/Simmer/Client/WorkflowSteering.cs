using Simmer.Context;
using Simmer.Engine;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Cancels, retries and deletes workflows, in whichever store of this process they are.</summary>
internal sealed class WorkflowSteering(EngineContext context, StoreEngines engines)
{
    public async Task<CancelResult> CancelAsync(WorkflowId id, string? reason, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            var report = await engine.Store.CancelWorkflowAsync(id, StoredText.Shown(reason), context.Now, cancellationToken);
            if (report.Result == CancelResult.NotFound)
            {
                continue;
            }

            foreach (var (owner, token) in report.Running)
            {
                if (owner == engine.Registered)
                {
                    // It runs in this process, so there is no need to wait for the beat.
                    engine.Cancel(token);
                }
            }

            engine.Released(report.Released);
            engine.Intake.RequestFlush();
            context.Watcher.Notify(id);
            return report.Refused.Count == 0 ? report.Result : throw NotAllCancelled(id, report.Refused);
        }

        return CancelResult.NotFound;
    }

    public async Task<RetryResult> RetryAsync(WorkflowId id, bool force, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            var answer = await engine.Store.RetryWorkflowAsync(new WorkflowRetryRequest(id, null, force), context.Now, cancellationToken);
            if (answer.Status == RetryStatus.NotFound)
            {
                continue;
            }

            if (answer.Status == RetryStatus.Retried)
            {
                engine.Runner.MayHaveWork();
            }

            context.Watcher.Notify(id);
            return RetryAnswers.Accepted(answer);
        }

        return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
    }

    public async Task<DeleteResult> DeleteAsync(WorkflowId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            var result = await engine.Store.DeleteWorkflowAsync(id, context.Now, cancellationToken);
            if (result != DeleteResult.NotFound)
            {
                context.Watcher.Notify(id);
                return result;
            }
        }

        return DeleteResult.NotFound;
    }

    private static StoreException NotAllCancelled(WorkflowId id, IReadOnlyList<(JobId Step, StoreException Error)> refused) => new(
        $"{refused[0].Error.Message} "
            + $"{(refused.Count == 1 ? "That step goes on" : $"That step and {refused.Count - 1:N0} more go on")}; "
            + $"the other steps of workflow {id} were cancelled.",
        refused[0].Error.IsTransient, inner: refused[0].Error);
}
