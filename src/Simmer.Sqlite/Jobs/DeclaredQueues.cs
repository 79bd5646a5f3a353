using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Reads what an application has declared of a queue.</summary>
internal static class DeclaredQueues
{
    // A number that is damaged counts as none.
    private static readonly Sql s_keepCancelled = new("""
        SELECT CASE typeof(q.keep_failed) WHEN 'integer' THEN q.keep_failed END FROM simmer_job j JOIN simmer_queue q ON q.id = j.queue
        WHERE j.seq = ?1
        """);

    /// <summary>The columns that are read, in their order.</summary>
    public const string Columns = "keep_succeeded, keep_failed, declared_by";

    /// <summary>How long a job is kept that ends as cancelled without a settlement, as its queue has it in this transaction.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="seq">The number of the job's row.</param>
    /// <param name="step">Its place in a workflow: a step stays as long as its workflow, and its queue is not asked.</param>
    /// <returns>The time.</returns>
    public static TimeSpan KeepCancelledFor(SqliteSession session, long seq, StepDraft? step) =>
        step is null ? KeepDecision.OfCancelled(session[s_keepCancelled].Bind(1, seq).Number()) : default;

    /// <summary>What is declared of a queue.</summary>
    /// <param name="statement">The row.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    /// <returns>The declaration; null: there is none.</returns>
    public static DeclaredQueue? Read(Statement statement, string queue, int first) =>
        DeclaredQueue.Read(queue, statement.LongOrNull(first), statement.LongOrNull(first + 1), statement.TextOrNull(first + 2));
}
