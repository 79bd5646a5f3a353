using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string OwnedSql = $"SELECT {ClaimColumns} FROM simmer.job j WHERE j.state = 4 AND j.owner = $1 ORDER BY j.seq";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobClaim>> OwnedAsync(WorkerId worker, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<JobClaim>>(async session =>
        {
            var rows = new List<ClaimRow>();
            await session.Batch().Add(OwnedSql).Bind(worker.Value).Each(row => rows.Add(ClaimRow.Read(row))).RunAsync();
            if (rows.Exists(row => session.Names.QueueName(row.Queue) is null || session.Names.KindName(row.Kind) is null))
            {
                await session.Names.RefreshAsync(session.Connection);
            }

            return rows.ConvertAll(row => new JobClaim(row.Draft(session.Names), row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
        }, cancellationToken);
}
