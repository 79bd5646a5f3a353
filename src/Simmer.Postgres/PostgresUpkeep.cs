using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Upkeep that goes by the time: makes due jobs ready, and deletes those whose retention is over.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="transactions">Writes.</param>
/// <param name="side">The connection of upkeep.</param>
/// <param name="partitions">The history's.</param>
/// <param name="expiry">Ends jobs that have expired.</param>
internal sealed class PostgresUpkeep(PostgresContext context, StoreTransactions transactions, StoreConnection side,
    PostgresPartitions partitions, Expiry expiry)
{
    /// <summary>For about how many rows at most a verb takes longer.</summary>
    private const int MostWeight = 10_000;

    private readonly Promotion _promotion = new(context.Avoided);
    private readonly Pruning _pruning = new(context.Avoided, expiry);

    /// <inheritdoc cref="IJobStore.PromoteDueAsync"/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        transactions.WriteAsync(now, async (session, at) =>
        {
            var promoted = await _promotion.RunAsync(session, limit, at);
            foreach (var row in promoted)
            {
                session.Steps.BackAtOldPlace(row.Queue, row.Rank, row.Seq, row.IsSuspect);
            }

            if (promoted.Exists(static row => row.IsSuspect))
            {
                context.Suspects.Made();
            }

            var next = await _promotion.NextDueAsync(session, at, hasRoom: promoted.Count < limit);
            return new PromoteReport(promoted.Count, await Promotion.QueuesOfAsync(session, promoted),
                CallerTime.Of(next, session.Ahead));
        }, cancellationToken, Math.Min(limit, MostWeight), fresh: true);

    /// <inheritdoc cref="IJobStore.PruneAsync"/>
    public async ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await IsAnyOverdueAsync(now, cancellationToken))
        {
            return new PruneReport(0, [], false, ReleaseReport.Nothing);
        }

        var (dropped, small) = await partitions.KeepAsync(now, cancellationToken);
        var report = await transactions.WriteAsync(now, (session, at) => _pruning.RunAsync(session, small, limit, at), cancellationToken,
            Math.Min(limit, MostWeight), fresh: true);
        return report with { Deleted = (int)Math.Min(int.MaxValue, report.Deleted + dropped) };
    }

    private ValueTask<bool> IsAnyOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => side.RunAsync(async connection =>
    {
        var at = await context.Time.NowAsync(connection, now);
        var (any, serverTime) = await _pruning.IsAnyOverdueAsync(context.SessionOn(connection, weight: 30_000), at);
        return any || partitions.HaveWork(DateOnly.FromDateTime(serverTime.UtcDateTime));
    }, cancellationToken);
}
