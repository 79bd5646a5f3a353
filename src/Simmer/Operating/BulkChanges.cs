using Simmer.Client;
using Simmer.Engine;
using Simmer.Runtime;

namespace Simmer.Operating;

/// <summary>Changes many jobs in batches, a transaction each.</summary>
internal sealed class BulkChanges(StoreEngines engines, BatchSteering batches)
{
    private const int DryRunLimit = 100_000;

    private static readonly JobState[] s_retryable = [.. Enum.GetValues<JobState>().Where(static s => s.CanRetry())];

    private static readonly JobState[] s_unfinished =
        [.. Enum.GetValues<JobState>().Where(static s => s != JobState.Unknown && !s.IsFinal())];

    private static readonly JobState[] s_deletable =
        [.. Enum.GetValues<JobState>().Where(static s => s is not (JobState.Unknown or JobState.Running))];

    public Task<BulkResult> RetryAsync(JobFilter filter, BulkOptions? options, CancellationToken cancellationToken) =>
        RunAsync(filter, s_retryable, options, RetryBatchAsync, cancellationToken);

    public Task<BulkResult> CancelAsync(JobFilter filter, string? reason, BulkOptions? options, CancellationToken cancellationToken) =>
        RunAsync(filter, s_unfinished, options, (batch, tally, token) => CancelBatchAsync(batch, reason, tally, token), cancellationToken);

    public Task<BulkResult> DeleteAsync(JobFilter filter, BulkOptions? options, CancellationToken cancellationToken) =>
        RunAsync(filter, s_deletable, options, DeleteBatchAsync, cancellationToken);

    private async Task<BulkResult> RunAsync(JobFilter filter, JobState[] allowed, BulkOptions? options,
        Func<BulkBatch, BulkTally, CancellationToken, ValueTask> change, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        FilterQueries.Check(filter);
        var states = FilterQueries.States(filter, allowed);
        options ??= new BulkOptions();
        FilterQueries.CheckLimit(options.BatchSize, FilterQueries.MostAtOnce, nameof(options.BatchSize));
        FilterQueries.CheckLimit(options.Limit ?? 1, int.MaxValue, nameof(options.Limit));
        var most = options.Limit ?? (options.DryRun ? DryRunLimit : int.MaxValue);
        var size = options.DryRun ? FilterQueries.MostAtOnce : options.BatchSize;
        var tally = new BulkTally();
        foreach (var engine in FilterQueries.Engines(engines, filter))
        {
            JobId? before = null;
            while (tally.Matched < most)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var query = FilterQueries.Query(filter, states, before, Math.Min(size, most - tally.Matched));
                var ids = await engine.Store.Browser.FindAsync(query, cancellationToken);
                if (ids.Count == 0)
                {
                    break;
                }

                tally.Matched += ids.Count;
                if (!options.DryRun)
                {
                    await change(new BulkBatch(engine, query, ids), tally, cancellationToken);
                }

                options.Progress?.Report(tally.Result(limitReached: false));
                if (ids.Count < query.Limit)
                {
                    break;
                }

                before = ids[^1];
            }
        }

        return tally.Result(limitReached: tally.Matched >= most);
    }

    private async ValueTask RetryBatchAsync(BulkBatch batch, BulkTally tally, CancellationToken cancellationToken)
    {
        foreach (var answer in await batches.RetryAsync(batch.Engine, batch.Ids, cancellationToken))
        {
            tally.Add(answer.Status == RetryStatus.Retried, answer.Error);
        }
    }

    private async ValueTask CancelBatchAsync(BulkBatch batch, string? reason, BulkTally tally, CancellationToken cancellationToken)
    {
        foreach (var answer in await batches.CancelAsync(batch.Engine, batch.Ids, reason, cancellationToken))
        {
            tally.Add(answer.Result is CancelResult.Cancelled or CancelResult.Requested, answer.Error);
        }
    }

    private async ValueTask DeleteBatchAsync(BulkBatch batch, BulkTally tally, CancellationToken cancellationToken)
    {
        int deleted;
        StoreException? refusal = null;
        try
        {
            deleted = await batches.DeleteAsync(batch.Engine, batch.Ids, cancellationToken);
        }
        catch (StoreException e) when (!e.IsTransient && !e.OutcomeUnknown)
        {
            // The others are deleted. What is still found is what was refused, or left.
            refusal = e;
            var left = await batch.Engine.Store.Browser.FindAsync(batch.Query, cancellationToken);
            deleted = batch.Ids.Count - batch.Ids.Intersect(left).Count();
        }

        tally.Changed += deleted;
        tally.Rest(batch.Ids.Count - deleted, refusal);
    }
}
