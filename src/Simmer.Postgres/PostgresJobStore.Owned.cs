using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private static readonly string s_owned = $"SELECT {JobColumns.Claimed} FROM simmer.job j WHERE j.state = 4 AND j.owner = $1 ORDER BY j.seq";

    /// <inheritdoc/>
    public async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        var rows = await Read(async session =>
        {
            var owned = new List<ClaimRow>();
            await session.Batch().Add(s_owned).Bind(worker.Value).Each(row => owned.Add(ClaimRow.Read(row, session.Names))).RunAsync();
            if (owned.Exists(row => !row.IsNamed(session.Names)))
            {
                await session.Names.RefreshAsync(session.Connection);
            }

            return owned;
        }, cancellationToken);
        var unreadable = rows.FindAll(row => row.Unreadable is not null || !row.IsNamed(_names));
        return new OwnedJobs(
            [.. rows.Except(unreadable)
                .Select(row => new JobClaim(row.Draft(_names), row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested))],
            [.. unreadable.Select(static row => new LeaseToken(row.Id, row.Run))]);
    }
}
