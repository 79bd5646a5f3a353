using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Storage;

namespace Simmer.EntityFrameworkCore;

/// <summary>What was added to a context and is not saved yet. One for each context, over all its leases from a pool.</summary>
internal sealed class PendingJobs : IResettableService
{
    private readonly DbContext _context;
    private readonly IDbContextOptions _options;
    private readonly List<Deferred> _jobs = [];
    private readonly HashSet<Guid> _ids = [];

    // So many of them, from the first, are written in this transaction, of whose end nothing is known yet.
    private (Guid Transaction, int Count) _written;

    // Saved in this transaction, which was begun for more than one save; nothing is known of its end. A context has one at a time: what was
    // saved in an earlier one will not be committed any more.
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

    /// <summary>Whether some of it is not written in the context's present transaction.</summary>
    public bool IsUnwritten => _jobs.Count > (OpenTransaction == _written.Transaction ? _written.Count : 0);

    /// <summary>Whether the batches of a SaveChanges are being written: a transaction or a savepoint that ends now is the save's
    /// own.</summary>
    public bool IsSaving { get; set; }

    /// <summary>Whether the transaction that is being committed takes no statement any more: it will be rolled back.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>Asked of the context's own part, as a context that returns to its pool counts as disposed already.</summary>
    private Guid? OpenTransaction => _transactions?.CurrentTransaction?.TransactionId;

    public JobClient Client => field ??= new JobClient(Node());

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
            // It stays in its transaction.
            SettleWritten(_written.Transaction);
        }

        _jobs.Clear();
        _ids.Clear();
        _written = default;
    }

    /// <summary>Refuses a save whose transaction the jobs cannot be part of, before anything of it is written.</summary>
    public void Check(IRelationalConnection connection) => _ = Client.Within(TransactionOf(connection).GetDbTransaction());

    /// <summary>Writes all that waits; what an earlier attempt has stored already is not stored twice.</summary>
    public async Task WriteAsync(IRelationalConnection connection, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var transaction = TransactionOf(connection);
        try
        {
            await Client.StoreAsync(transaction.GetDbTransaction(), _jobs, cancellationToken);
        }
        catch (StoreException e)
        {
            // An execution strategy looks at what is inside, and knows its own provider's errors.
            throw new DbUpdateException($"The jobs of {_context.GetType().Name} could not be stored: {e.Message}",
                e.InnerException is DbException or TimeoutException ? e.InnerException : e);
        }

        _written = (transaction.TransactionId, _jobs.Count);
    }

    /// <summary>A SaveChanges has succeeded: what it wrote is done with when the entities are.</summary>
    public void Saved()
    {
        if (_accepts ?? !_context.ChangeTracker.HasChanges())
        {
            SettleWritten(OpenTransaction == _written.Transaction ? _written.Transaction : null);
        }
    }

    /// <summary>Whether something was saved in this transaction, which is not a save's own.</summary>
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

    /// <summary>A transaction was rolled back, or nobody knows how it ended: nothing is known of what was saved in it.</summary>
    public void Ended(Guid transaction)
    {
        if (_uncommitted.Transaction == transaction)
        {
            _uncommitted = (default, []);
        }
    }

    /// <summary>To some savepoint; what was written may be gone, and is written again.</summary>
    public void RolledBack(Guid transaction)
    {
        _written = default;

        // A save that fails goes back to where it began. Behind any other savepoint nobody can tell what was saved.
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
            // The context returns to its pool. A change tracker that is cleared does not undo what was saved in a transaction that is open.
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

    /// <param name="open">The transaction that has to be committed yet; null: it was.</param>
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

    /// <summary>Interceptors are not told whether the entities are to be accepted, as they are not by
    /// SaveChanges(acceptAllChangesOnSuccess: false); the event is.</summary>
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
