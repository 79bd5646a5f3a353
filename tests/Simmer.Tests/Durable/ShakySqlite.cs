using System.Data.Common;
using Simmer.Storage;
using Simmer.Storage.InMemory;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>A real SQLite store on a bad day.</summary>
internal sealed class ShakySqlite : ShakyStore, ITransactionalStore
{
    private readonly IJobStore _file;
    private readonly ITransactionalStore _within;

    public ShakySqlite(IJobStore file)
        : base(file, isDurable: true) => (_file, _within) = (file, (ITransactionalStore)file);

    /// <summary>Changes the answer to the next settlement in a transaction, after it was written.</summary>
    public Func<SettleReport, SettleReport> Settled { get; set; } = static report => report;

    /// <summary>Whether all its hints get lost.</summary>
    public bool IsSilent { get; init; }

    public override IWakeups Wakeups => IsSilent ? SilentWakeups.Instance : base.Wakeups;

    public string? WhyNot(DbTransaction transaction) => _within.WhyNot(transaction);

    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.EnqueueWithinAsync(transaction, jobs, now, cancellationToken);

    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _within.EnqueueWorkflowWithinAsync(transaction, workflow, now, cancellationToken);

    public async ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        Settled(await _within.SettleWithinAsync(transaction, worker, settlement, now, cancellationToken));

    public override ValueTask DisposeAsync() => _file.DisposeAsync();
}
