using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>One try of a flush: what is done, how, and what has come of it so far. Each stage of <see cref="PostgresFlush"/> fills in its
/// part.</summary>
/// <param name="session">The transaction.</param>
/// <param name="part">The operations that are tried.</param>
/// <param name="mode">How they are sent.</param>
/// <param name="hasWorker">Whether the worker is registered; if not, only what it enqueues is carried out.</param>
/// <param name="now">The present time.</param>
/// <param name="guard">What has to wait is left out by it; only in <see cref="FlushMode.Apart"/>.</param>
internal sealed class FlushRun(Session session, FlushPart part, FlushMode mode, bool hasWorker, DateTimeOffset now, BlockedGuard? guard)
{
    public Session Session => session;

    public FlushPart Part => part;

    public Flush Flush => part.Flush;

    public FlushMode Mode => mode;

    public bool HasWorker => hasWorker;

    public DateTimeOffset Now => now;

    /// <summary>The statements that are not sent yet; the beginning of the transaction at first.</summary>
    public SqlBatch Batch { get; set; } = session.BeginFlush(Session.ShortLockTimeout);

    public SettleBatch Settling { get; } = new(part.Flush, hasWorker ? part.Flush.Worker.Value : 0);

    public EnqueueBatch Storing { get; } = new(part.Flush.Enqueues, hasWorker ? part.Flush.Worker.Value : null, now);

    public WorkflowReport[] Workflows { get; set; } = [];

    /// <summary>The number of the first enqueue among the operations of the flush.</summary>
    public int FirstEnqueue => part.Flush.Settlements.Count + part.Flush.GiveBacks.Count;

    /// <summary>The numbers of operations that another transaction has kept from being done.</summary>
    public IReadOnlyList<int> Blocked => guard?.LeftOut ?? [];

    /// <summary>Does one operation behind a savepoint. Refused, it is undone, and the rest of the flush goes on.</summary>
    /// <param name="id">The job, or the row that the operation has to lock.</param>
    /// <param name="job">The job that is stored; null: another operation.</param>
    /// <param name="numbers">The numbers of what is done, in the flush.</param>
    /// <param name="work">Does it.</param>
    /// <param name="refuse">Told of a refusal.</param>
    /// <returns>Whether it was tried; not, if another transaction is in the way.</returns>
    public async Task<bool> TryAsync(JobId id, JobDraft? job, IReadOnlyList<int> numbers, Func<Task> work, Action<Exception> refuse)
    {
        if (guard is not null)
        {
            return await guard.TryAsync(id, job, numbers, work, refuse);
        }

        if (await session.TryAsync($"store {id}", work) is { } refused)
        {
            refuse(refused);
        }

        return true;
    }
}
