using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Deletes jobs that do not run and are no steps.</summary>
internal static class DeleteJobs
{
    // A row that says it is a step and has no workflow is damaged: no step reads it, and no workflow takes it along.
    private const string DeleteSql = $"""
        WITH hot AS (DELETE FROM simmer.job j WHERE id = ANY($1) AND state <> {JobStates.Running}
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
        $"SELECT {JobColumns.Claimed} FROM simmer.job j WHERE j.id = ANY($1) AND j.step IS NOT NULL AND j.state <> {JobStates.Running}";

    /// <summary>Deletes some jobs.</summary>
    /// <returns>How many were deleted, or ended because they cannot be read.</returns>
    public static async Task<int> AllAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now)
    {
        var ended = await EndUnreadableAsync(session, ids, now);
        var count = 0L;
        await session.Batch().Add(DeleteSql).BindIds(ids, static id => id.Value).Each(row => count = row.GetInt64(0)).RunAsync();
        return ended + (int)count;
    }

    /// <summary>Ends steps that cannot be read, so that the steps after them do not wait for ever.</summary>
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

        var steps = (await HeldJobs.LockAsync(session, [.. unreadable.Select(static row => row.Id)], skipLocked: false))
            .FindAll(static job => job.Step is not null && job.State != JobState.Running);
        steps.ForEach(job => CancelJobs.Cancel(session, job, StoreRules.DeletedStepReason));
        await session.FollowUpAsync(now);
        return steps.Count;
    }
}
