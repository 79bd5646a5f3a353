using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Client;
using Simmer.Enqueue;
using Simmer.Hosting;
using Simmer.Runtime;

namespace Simmer.EntityFrameworkCore;

/// <summary>The jobs that were added to a context and are not saved yet. There is one such object for each context, over all its leases
/// from a pool.</summary>
internal sealed class PendingJobs : IResettableService
{
    private readonly DbContext _context;
    private readonly IDbContextOptions _options;
    private readonly List<Deferred> _jobs = [];
    private readonly HashSet<Guid> _ids = [];

    // How many of the jobs, counted from the first, are written in which transaction. Whether that commits is not known yet.
    private (Guid Transaction, int Count) _written;

    // The jobs that earlier saves have written in a transaction that spans several saves and has not ended yet. A context has one
    // transaction at a time: what was saved in an earlier one will never be committed.
    private (Guid Transaction, List<Deferred> Jobs) _uncommitted = (default, []);

    private bool _listens;
    private bool? _accepts;
    private IDbContextTransactionManager? _transactions;

    public PendingJobs(ICurrentDbContext current, IDbContextOptions options)
    {
        (_context, _options) = (current.Context, options);
        Set = new JobSet(this);
    }

    public JobSet Set { get; }

    public int Count => _jobs.Count;

    /// <summary>Whether some jobs are not written in the context's present transaction.</summary>
    public bool IsUnwritten => _jobs.Count > (OpenTransaction == _written.Transaction ? _written.Count : 0);

    /// <summary>Whether the batches of a SaveChanges are being written. A transaction or savepoint that ends meanwhile is the save's
    /// own.</summary>
    public bool IsSaving { get; set; }

    /// <summary>Whether the transaction that is being committed refuses further statements, so that its commit will be a
    /// rollback.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>The id of the open transaction. It is read from the context's connection, because a context that returns to its pool counts
    /// as disposed already.</summary>
    private Guid? OpenTransaction => _transactions?.CurrentTransaction?.TransactionId;

    public DeferredEnqueues Enqueues => field ??= Node().Client.Deferred;

    public static PendingJobs Of(DbContext context)
    {
        var pending = context.GetInfrastructure().GetService<PendingJobs>() ?? throw new InvalidOperationException(
            $"{context.GetType().Name} takes no jobs. Call UseSimmer() where its options are set: "
                + $"services.AddDbContext<{context.GetType().Name}>(o => o.UseNpgsql(...).UseSimmer()). " +
            "It has no effect beside UseInternalServiceProvider.");
        ContextSets.Enlist(context, pending);
        return pending;
    }

    public void Add(Deferred job)
    {
        if (!_context.Database.IsRelational())
        {
            throw new InvalidOperationException(
                $"{_context.GetType().Name} takes no jobs: its database, '{_context.Database.ProviderName}', is not a relational one, "
                    + "and has no transaction that a job could be stored in.");
        }

        if (!_ids.Add(job.Id))
        {
            throw new ArgumentException(
                $"The id {job.Id} was added to this {_context.GetType().Name} before and is not saved yet; each job has its own.",
                nameof(job));
        }

        Listen();
        _jobs.Add(job);
    }

    public void Clear()
    {
        if (_written.Count > 0 && OpenTransaction == _written.Transaction)
        {
            // What was written stays in its transaction.
            SettleWritten(_written.Transaction);
        }

        _jobs.Clear();
        _ids.Clear();
        _written = default;
    }

    /// <summary>Throws if the jobs cannot be part of the save's transaction, before anything of it is written.</summary>
    public void Check(IRelationalConnection connection) => Enqueues.Check(TransactionOf(connection).GetDbTransaction());

    /// <summary>Writes all pending jobs. A job that an earlier attempt has stored is not stored twice.</summary>
    public async Task WriteAsync(IRelationalConnection connection, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var transaction = TransactionOf(connection);
        try
        {
            await Enqueues.StoreAsync(transaction.GetDbTransaction(), _jobs, cancellationToken);
        }
        catch (StoreException e)
        {
            // Execution strategies look at the inner exception and know their own provider's errors, so that one is passed on.
            throw new DbUpdateException($"The jobs of {_context.GetType().Name} could not be stored: {e.Message}",
                e.InnerException is DbException or TimeoutException ? e.InnerException : e);
        }

        _written = (transaction.TransactionId, _jobs.Count);
    }

    /// <summary>Called when a SaveChanges has succeeded. The jobs it wrote are done when its entities are accepted.</summary>
    public void Saved()
    {
        if (_accepts ?? !_context.ChangeTracker.HasChanges())
        {
            SettleWritten(OpenTransaction == _written.Transaction ? _written.Transaction : null);
        }
    }

    /// <summary>Whether jobs were saved in this transaction, and it is not a save's own.</summary>
    public bool HasSavedIn(Guid transaction) =>
        !IsSaving && ((_uncommitted.Transaction == transaction && _uncommitted.Jobs.Count > 0)
            || (_written.Transaction == transaction && _written.Count > 0));

    public void Committed(Guid transaction)
    {
        if (IsDoomed)
        {
            Ended(transaction);
            return;
        }

        if (_uncommitted.Transaction == transaction)
        {
            _uncommitted.Jobs.ForEach(static job => job.Settle());
            _uncommitted = (default, []);
        }

        if (_written.Transaction == transaction)
        {
            SettleWritten();
        }
    }

    /// <summary>Called when a transaction was rolled back, or when its end is not known. The state of the jobs saved in it stays
    /// unknown.</summary>
    public void Ended(Guid transaction)
    {
        if (_uncommitted.Transaction == transaction)
        {
            _uncommitted = (default, []);
        }
    }

    /// <summary>Called after a rollback to a savepoint. What was written may be gone, so it is written again.</summary>
    public void RolledBack(Guid transaction)
    {
        _written = default;

        // A save that fails returns to its own savepoint, where it began. After a rollback to any other savepoint it cannot be told which
        // jobs are left.
        if (!IsSaving)
        {
            Ended(transaction);
        }
    }

    public void ResetState()
    {
        Clear();
        if (OpenTransaction != _uncommitted.Transaction)
        {
            // Only on the return to the pool: clearing the change tracker does not undo what was saved in an open transaction.
            _uncommitted = (default, []);
        }

        _context.SavingChanges -= OnSaving;
        (_listens, _accepts) = (false, null);
    }

    public Task ResetStateAsync(CancellationToken cancellationToken = default)
    {
        ResetState();
        return Task.CompletedTask;
    }

    /// <param name="open">The transaction that is still to be committed; null if it was.</param>
    private void SettleWritten(Guid? open = null)
    {
        var written = _jobs[.._written.Count];
        if (open is not { } transaction)
        {
            written.ForEach(static job => job.Settle());
        }
        else if (_uncommitted.Transaction == transaction)
        {
            _uncommitted.Jobs.AddRange(written);
        }
        else
        {
            _uncommitted = (transaction, written);
        }

        _ids.ExceptWith(written.Select(static job => job.Id));
        _jobs.RemoveRange(0, written.Count);
        _written = default;
    }

    /// <summary>Listens to the context's event SavingChanges. It tells whether the entities are to be accepted after the save, as they are
    /// not by SaveChanges(acceptAllChangesOnSuccess: false); an interceptor is not told that.</summary>
    private void Listen()
    {
        if (!_listens)
        {
            _listens = true;
            _transactions ??= _context.GetService<IDbContextTransactionManager>();
            _context.SavingChanges += OnSaving;
        }
    }

    private void OnSaving(object? sender, SavingChangesEventArgs e) => _accepts = e.AcceptAllChangesOnSuccess;

    private IDbContextTransaction TransactionOf(IRelationalConnection connection)
    {
        if (connection.CurrentTransaction is { } transaction)
        {
            return transaction;
        }

        var name = _context.GetType().Name;
        throw new InvalidOperationException(connection is ITransactionEnlistmentManager { CurrentAmbientTransaction: not null }
            or ITransactionEnlistmentManager { EnlistedTransaction: not null }
            ? $"{name} has jobs to store, but saves in a transaction of System.Transactions, which they cannot be part of; nothing was "
                + "saved. Begin one with Database.BeginTransaction() instead of a TransactionScope."
            : $"{name} has jobs to store, but its Database.AutoTransactionBehavior is {_context.Database.AutoTransactionBehavior} and no "
                + "transaction was begun that they could share with the entities; nothing was saved. " +
              "Set it to WhenNeeded, or begin one with Database.BeginTransaction().");
    }

    private SimmerNode Node()
    {
        var services = _options.FindExtension<SimmerOptionsExtension>()?.Services ?? _options
            .FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider ?? throw new InvalidOperationException(
            $"{_context.GetType().Name} does not know the application's services. Register it with AddDbContext, or give them to "
                + "UseSimmer(services).");
        return services.GetService<SimmerNode>() ?? throw new InvalidOperationException(
            $"Simmer is not among the services of {_context.GetType().Name}. Add it with services.AddSimmer(), or AddSimmerCore() "
                + "without a web server.");
    }
}
