using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string OwnedSql = $"SELECT {ClaimColumns} FROM simmer.job j WHERE j.state = 4 AND j.owner = $1 ORDER BY j.seq";

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobClaim>> OwnedAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        var rows = await Read(async session =>
        {
            var owned = new List<ClaimRow>();
            await session.Batch().Add(OwnedSql).Bind(worker.Value).Each(row => owned.Add(ClaimRow.Read(row))).RunAsync();
            if (owned.Exists(row => !row.IsNamed(session.Names)))
            {
                await session.Names.RefreshAsync(session.Connection);
            }

            return owned;
        }, cancellationToken);
        var unreadable = rows.FindAll(row => row.Unreadable is not null || !row.IsNamed(_names));
        if (unreadable.Count > 0)
        {
            _ = await Write(_clock.GetUtcNow(), async (session, at) =>
            {
                await SetOwnedAsideAsync(session, unreadable, worker, at);
                return true;
            }, cancellationToken);
        }

        return rows.Except(unreadable).Select(row => new JobClaim(row.Draft(_names), row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested)).ToList();
    }

    /// <summary>What this worker owns and nobody can run is put off with the reason, as a claim would have done it.</summary>
    private static async Task SetOwnedAsideAsync(Session session, List<ClaimRow> rows, WorkerId worker, DateTimeOffset now)
    {
        foreach (var row in rows)
        {
            var reason = row.Unreadable ?? $"its row cannot be read: queue {row.Queue} or kind {row.Kind} has no name";
            _ = await session.TryAsync($"set aside {row.Id}", () => SetAsideSqlAsync(session, row.Id, worker, reason, now, now + RestAfter(row.Run)));
        }
    }
}
