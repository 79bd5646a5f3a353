using System.Data.Common;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>What a flush does, within the transaction of a caller: enqueues of jobs and workflows, and the settlement of a job by its
/// handler.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="main">The connection that the flush keeps.</param>
/// <param name="transactions">Works in the transactions of callers.</param>
/// <param name="settlements">Tells what became of settlements.</param>
/// <param name="noted">The jobs that have reported something.</param>
/// <param name="progress">Takes along what they have reported.</param>
internal sealed class PostgresTransactions(PostgresContext context, StoreConnection main, CallerTransactions transactions,
    FlushSettlements settlements, NotedJobs noted, ReportedProgress progress)
{
    /// <inheritdoc cref="ITransactionalStore.WhyNot"/>
    public string? WhyNot(DbTransaction transaction) => transactions.WhyNot(transaction);

    /// <inheritdoc cref="ITransactionalStore.EnqueueWithinAsync"/>
    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var requests = new EnqueueRequest[jobs.Count];
        for (var i = 0; i < requests.Length; i++)
        {
            requests[i] = new EnqueueRequest(jobs[i], Dispatch: false, Group: 1);
        }

        return transactions.RunAsync<IReadOnlyList<EnqueueReport>>(transaction,
            new Flush { Worker = default, Sequence = 0, Enqueues = requests },
            async (session, isolation) => await EnqueueAsync(session, isolation, requests, now, cancellationToken), cancellationToken);
    }

    /// <inheritdoc cref="ITransactionalStore.EnqueueWorkflowWithinAsync"/>
    public async ValueTask<WorkflowReport> EnqueueWorkflowAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        if (StoreRules.WhyRefused(workflow) is { } why)
        {
            return RepeatAnswer.Refused(workflow, new StoreException(why));
        }

        var flush = new Flush { Worker = default, Sequence = 0, Workflows = [workflow] };
        return await transactions.RunAsync(transaction, flush, async (session, _) =>
        {
            var batch = session.Batch();
            var at = await context.Time.NowAsync(session.Connection, now);
            var report = (await WorkflowBatch.StoreAsync(session, batch, [workflow], at))[0];
            await batch.RunAsync();
            return report;
        }, cancellationToken);
    }

    /// <inheritdoc cref="ITransactionalStore.SettleWithinAsync"/>
    /// <remarks>The caller's transaction locks the row, so that the job cannot be taken back before the end of the transaction.</remarks>
    public async ValueTask<SettleReport> SettleAsync(DbTransaction transaction, WorkerId worker, Settlement settlement,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        var flush = new Flush { Worker = worker, Sequence = 0, Settlements = [settlement] };
        return await transactions.RunAsync(transaction, flush, async (session, isolation) =>
        {
            var at = await context.Time.NowAsync(session.Connection, now);
            session.Ahead = at - now;
            var settling = new SettleBatch(flush, worker.Value).Alone().First();
            await FlushSettlements.SettleByLookingAsync(session, session.Batch(), settling, at,
                writes => progress.TakeWithin(writes, settlement.Token, worker.Value, isolation.SeesPast));
            var report = (await settlements.ReportAsync(session, settling, null, at))[0];
            noted.EndsWithin(settlement.Token, worker);
            return report;
        }, cancellationToken);
    }

    /// <summary>Stores all of the jobs or none.</summary>
    private async Task<EnqueueReport[]> EnqueueAsync(Session session, Isolation isolation, EnqueueRequest[] requests, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var storing = new EnqueueBatch(requests, null, await context.Time.NowAsync(session.Connection, now));
        var batch = session.Batch();
        storing.Insert(session, batch);
        await batch.RunAsync();
        if (isolation.SeesPast && Array.Exists(requests, static request => request.Job.IdGiven))
        {
            await storing.Rows.TakeOutEndedAsync(session, storing.Admitted, given => FindNowAsync(given, cancellationToken));
        }

        await new EnqueueAnswers(session, storing, null).FindAsync();
        if (EnqueueGroups.RefuseRest(requests, storing.Reports))
        {
            await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").RunAsync();
            return storing.Reports;
        }

        foreach (var queue in storing.ReadyQueues)
        {
            session.Steps.Ready(session.Names.QueueName(queue) ?? "", queue);
        }

        return storing.Reports;
    }

    /// <summary>Where jobs are as it is now, by the connection that the flush keeps: the caller may have the last one of the
    /// pool.</summary>
    private async Task<JobLookup> FindNowAsync(JobDraft[] jobs, CancellationToken cancellationToken) =>
        await main.RunAsync(async connection =>
        {
            var rows = new JobLookup();
            var batch = context.SessionOn(connection).Batch();
            rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
            rows.AskGiven(batch, jobs);
            await batch.RunAsync();
            return rows;
        }, cancellationToken);
}
