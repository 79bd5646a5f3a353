using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The policy of queues: what an application declares of them, and what an operator has paused.</summary>
/// <param name="transactions">Writes.</param>
/// <param name="newNames">Gives numbers to queues that are not known yet.</param>
internal sealed class PostgresQueues(StoreTransactions transactions, NewNames newNames)
{
    // Locked, because two versions of an application may declare at once, and which of them counts is decided here.
    private const string DeclaredSql = """
        SELECT q.name, q.keep_succeeded, q.keep_failed, q.declared_by FROM simmer.queue q WHERE q.name = ANY($1) ORDER BY q.id
        FOR NO KEY UPDATE
        """;

    private const string DeclareSql = """
        INSERT INTO simmer.queue(name, keep_succeeded, keep_failed, declared_by)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
        ON CONFLICT(name) DO UPDATE SET keep_succeeded = excluded.keep_succeeded, keep_failed = excluded.keep_failed,
            declared_by = excluded.declared_by
        """;

    /// <inheritdoc cref="IJobStore.PutQueuesAsync"/>
    public async ValueTask<IReadOnlyList<QueuePutReport>> PutAsync(IReadOnlyList<QueuePolicy> queues, Version version,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queues);
        await newNames.AddAsync([.. queues.Select(static queue => queue.Queue)], [], cancellationToken);
        return await transactions.OperateAsync(async session => await PutAsync(session,
            [.. queues.Select(policy => DeclaredQueue.Of(policy, version))]), cancellationToken);
    }

    private static async Task<QueuePutReport[]> PutAsync(Session session, DeclaredQueue[] queues)
    {
        var stands = new Dictionary<string, DeclaredQueue?>(StringComparer.Ordinal);
        await session.Batch().Add(DeclaredSql).Bind([.. queues.Select(static q => CleanText.Of(q.Policy.Queue))])
            .Each(row => stands[row.GetString(0)] = DeclaredQueues.Read(row, row.GetString(0), 1)).RunAsync();
        var reports = StoreRules.Each(queues, declared =>
        {
            var present = stands.GetValueOrDefault(CleanText.Of(declared.Policy.Queue));
            var result = session.Names.KnowsQueue(declared.Policy.Queue) ? QueueDeclaration.Decide(present, declared)
                : QueuePutResult.Refused;
            return new QueuePutReport(result, result == QueuePutResult.Stored ? declared : present);
        });
        DeclaredQueue[] news = [.. queues.Where((_, i) => reports[i].Result == QueuePutResult.Stored)];
        if (news.Length > 0)
        {
            await session.Batch().Add(DeclareSql)
                .BindTexts(news, static q => q.Policy.Queue)
                .BindAllLongs(news, static q => q.Policy.KeepSucceeded.Ticks)
                .BindAllLongs(news, static q => q.Policy.KeepFailed.Ticks)
                .BindTexts(news, static q => q.Version.ToString())
                .RunAsync();
        }

        return reports;
    }

    /// <inheritdoc cref="IJobStore.PauseQueueAsync"/>
    public async ValueTask PauseAsync(string queue, string? reason, string? by, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        await newNames.AddAsync([queue], [], cancellationToken);
        _ = await transactions.OperateAsync(now, async (session, at) =>
        {
            await Admission.Pause(session.Batch(), queue, reason, by, at).RunAsync();
            session.Steps.Ready(queue, session.Names.Queue(queue));
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc cref="IJobStore.ResumeQueueAsync"/>
    public async ValueTask ResumeAsync(string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        await newNames.AddAsync([queue], [], cancellationToken);
        _ = await transactions.OperateAsync(async session =>
        {
            await Admission.Resume(session.Batch(), queue).RunAsync();
            session.Steps.Ready(queue, session.Names.Queue(queue));
            return true;
        }, cancellationToken);
    }
}
