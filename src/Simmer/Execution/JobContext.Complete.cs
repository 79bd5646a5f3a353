using System.Data.Common;
using Simmer.Execution;
using Simmer.Jobs;

namespace Simmer;

public sealed partial class JobContext
{
    /// <summary>Completes the job inside the handler's own transaction on the database that holds the jobs: what the transaction writes and
    /// the job's success are one commit, so that the effect happens exactly once.</summary>
    /// <param name="transaction">An open transaction, to be committed before the handler returns.</param>
    /// <param name="cancellationToken">Gives up; the job is not completed then.</param>
    /// <returns>A task that ends when the success is written. It takes effect with the commit.</returns>
    /// <exception cref="LeaseLostException">This run does not have the job any more. The transaction was rolled back, so that it cannot be
    /// committed.</exception>
    /// <exception cref="InvalidOperationException">The job promises a result and none is given; it is in memory; the transaction has ended,
    /// belongs to another database, or has completed the job already; the attempt has ended; the steps that it added cannot be
    /// stored.</exception>
    /// <exception cref="StoreException">The database could not do it; nothing was written. Also in a transaction with a snapshot,
    /// if the job's cancel was asked for since, or another step of its workflow has ended: not caught, the job is then cancelled or run
    /// again at once, without spending an attempt.</exception>
    /// <remarks>
    /// <para>Call it last, just before the commit: from here on the transaction holds the job (on SQLite, like every transaction that has
    /// written, the whole file), and whoever wants it waits. Steps are added before it; progress that is reported after it is not
    /// stored.</para>
    /// <para>With the commit the job has succeeded, whatever its handler does then: what it returns is ignored, what it throws is logged.
    /// If it returns and the transaction was rolled back or is still open, the attempt has failed. Within an attempt, a transaction that
    /// was rolled back may be repeated by another one, with another call.</para>
    /// </remarks>
    public Task CompleteWithinAsync(DbTransaction transaction, CancellationToken cancellationToken = default) =>
        CompleteAsync(transaction, _run.Kind!.Success(), cancellationToken);

    /// <inheritdoc cref="CompleteWithinAsync(DbTransaction, CancellationToken)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="transaction">An open transaction, to be committed before the handler returns.</param>
    /// <param name="result">What the handler would return: the job's result, or a <see cref="JobVerdict"/> that says which branch goes on.
    /// It counts in place of what the handler returns.</param>
    /// <param name="cancellationToken">Gives up; the job is not completed then.</param>
    /// <exception cref="ArgumentException">The result is not what the job promises, or a verdict other than success.</exception>
    public Task CompleteWithinAsync<TResult>(DbTransaction transaction, TResult result, CancellationToken cancellationToken = default) =>
        CompleteAsync(transaction, _run.Kind!.Success(result), cancellationToken);

    internal Completion? Completion { get; private set; }

    private Task CompleteAsync(DbTransaction transaction, HandlerAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return (Completion ??= new Completion(_run, this)).WriteAsync(transaction, answer, cancellationToken);
    }
}
