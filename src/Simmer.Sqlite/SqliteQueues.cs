using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Queues: what an application declares of them, and whether an operator has paused them.</summary>
/// <param name="context">The store.</param>
internal sealed class SqliteQueues(SqliteContext context)
{
    private static readonly Sql s_declared = new($"SELECT {DeclaredQueues.Columns} FROM simmer_queue WHERE id = ?1");

    private static readonly Sql s_declare =
        new("UPDATE simmer_queue SET keep_succeeded = ?2, keep_failed = ?3, declared_by = ?4 WHERE id = ?1");

    /// <inheritdoc cref="IJobStore.PutQueuesAsync"/>
    public async ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queues);
        return await context.Write(session =>
        {
            context.ProveNames(session);
            return StoreRules.Each(queues, policy => Put(session, DeclaredQueue.Of(policy, version)));
        }, cancellationToken, queues.Count);
    }

    /// <inheritdoc cref="IJobStore.PauseQueueAsync"/>
    public async ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _ = await context.Write(session =>
        {
            context.ProveNames(session);
            Admission.Pause(session, session.Names.Queue(queue), reason, by, now);
            return true;
        }, cancellationToken);

    /// <inheritdoc cref="IJobStore.ResumeQueueAsync"/>
    public async ValueTask ResumeQueueAsync(string queue, CancellationToken cancellationToken) =>
        _ = await context.Write(session =>
        {
            context.ProveNames(session);
            Admission.Resume(session, session.Names.Queue(queue));
            return true;
        }, cancellationToken);

    private static QueuePutReport Put(SqliteSession session, DeclaredQueue declared)
    {
        var policy = declared.Policy;
        var queue = session.Names.Queue(policy.Queue);
        var statement = session[s_declared].Bind(1, queue);
        var stands = statement.Step() ? DeclaredQueues.Read(statement, policy.Queue, 0) : null;
        statement.Reset();
        var result = QueueDeclaration.Decide(stands, declared);
        if (result != QueuePutResult.Stored)
        {
            return new QueuePutReport(result, stands);
        }

        _ = session[s_declare].Bind(1, queue).Bind(2, policy.KeepSucceeded.Ticks).Bind(3, policy.KeepFailed.Ticks)
            .Bind(4, declared.Version.ToString()).Run();
        return new QueuePutReport(result, declared);
    }
}
