using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // What says that it is a step and has no workflow is damaged: nobody reads it, and no workflow takes it along.
    private const string DeleteSql = """
        WITH hot AS (DELETE FROM simmer.job j WHERE id = ANY($1) AND state <> 4
            AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer.workflow w
                WHERE w.id = (left(replace(j.id::text, '-', ''), 26) || '000000')::uuid)) RETURNING id),
        old AS (DELETE FROM simmer.history h WHERE h.id = ANY($1)
            AND (h.step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer.workflow w
            WHERE w.id = (left(replace(h.id::text, '-', ''), 26) || '000000')::uuid))
            AND NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = h.id) RETURNING id),
        gone AS (SELECT id FROM hot UNION SELECT id FROM old),
        errors AS (DELETE FROM simmer.error e USING gone WHERE e.job = ANY(ARRAY[gone.id])),
        notes AS (DELETE FROM simmer.progress p USING gone WHERE p.job = ANY(ARRAY[gone.id]))
        SELECT count(*) FROM gone
        """;

    private static readonly string s_unfinishedSteps =
        $"SELECT {JobColumns.Claimed} FROM simmer.job j WHERE j.id = ANY($1) AND j.step IS NOT NULL AND j.state <> 4";

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (deleted, refused) = await Operate(now, async (session, at) =>
        {
            var deleted = 0;
            var refused = await session.TryEachAsync("delete", [.. ids.Distinct()], async some =>
            {
                var ended = await EndUnreadableAsync(session, some, at);
                var count = 0L;
                await session.Batch().Add(DeleteSql).BindIds(some, static id => id.Value).Each(row => count = row.GetInt64(0)).RunAsync();
                deleted += ended + (int)count;
            });
            return (deleted, refused);
        }, cancellationToken, ids.Count);
        return refused.Count == 0 ? deleted : throw StoreRules
            .NotAllDeleted(deleted, [.. refused.Select(static r => StoreFaults.Refusal(r.Error, $"the deletion of job {r.Item}"))]);
    }

    /// <summary>Ends steps that nobody can run, so that those after them do not wait for ever.</summary>
    /// <returns>How many.</returns>
    private static async Task<int> EndUnreadableAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now)
    {
        var rows = new List<ClaimRow>();
        await session.Batch().Add(s_unfinishedSteps).BindIds(ids, static id => id.Value)
            .Each(row => rows.Add(ClaimRow.Read(row, session.Names))).RunAsync();
        if (rows.Exists(row => !row.IsNamed(session.Names)))
        {
            await session.Names.RefreshAsync(session.Connection);
        }

        var unreadable = rows.FindAll(row => row.Unreadable is not null || !row.IsNamed(session.Names));
        if (unreadable.Count == 0)
        {
            return 0;
        }

        var steps = (await HoldAsync(session, [.. unreadable.Select(static row => row.Id)], skipLocked: false))
            .FindAll(static job => job.Step is not null && job.State != JobState.Running);
        steps.ForEach(job => Cancel(session, job, StoreRules.DeletedStepReason, default));
        await FollowUpAsync(session, now);
        return steps.Count;
    }
}
