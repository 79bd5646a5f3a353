namespace Simmer.Postgres;

/// <summary>Locks jobs, so that a decision about them holds until it is written.</summary>
internal static class HeldJobs
{
    /// <summary>Those of some jobs that are steps.</summary>
    public const string StepsAmongSql = $"""
        SELECT id FROM simmer.job WHERE id = ANY($1) AND step IS NOT NULL
        UNION ALL SELECT id FROM simmer.history WHERE keep_until = {StoredSteps.KeptForEver} AND id = ANY($1) AND step IS NOT NULL
        """;

    /// <summary>Which of some workflows there are, with their states.</summary>
    public const string WorkflowStatesSql = "SELECT id, state FROM simmer.workflow WHERE id = ANY($1)";

    private const string LockSql = $"SELECT {HeldJob.Columns} FROM simmer.job j WHERE j.id = ANY($1) ORDER BY j.id FOR UPDATE OF j";

    /// <summary>Locks jobs of any state, the workflows of steps among them first, all in the order of their ids.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ids">The jobs.</param>
    /// <param name="skipLocked">Whether those that another transaction holds, or whose workflow it holds, are left out.</param>
    /// <returns>Those that are in the hot table.</returns>
    public static async Task<List<HeldJob>> LockAsync(Session session, JobId[] ids, bool skipLocked)
    {
        var workflows = await LockWorkflowsOfAsync(session, ids, skipLocked);
        var held = new List<HeldJob>(ids.Length);
        var damaged = new List<HeldJob>();
        await session.Batch().Add(skipLocked ? LockSql + " SKIP LOCKED" : LockSql).BindIds(ids, static id => id.Value).Each(row =>
        {
            var job = HeldJob.Read(row);
            if (job.Step is not { } step || workflows.Contains(step.Workflow))
            {
                held.Add(job);
            }
            else if (step.IsDamaged)
            {
                damaged.Add(job);
            }
        }).RunAsync();
        held.AddRange(await WithoutWorkflowAsync(session, damaged));
        return held;
    }

    /// <summary>Locks the workflows of those jobs that are steps, in the order of their ids.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ids">The jobs.</param>
    /// <param name="skipLocked">Whether those that another transaction holds are left out.</param>
    /// <returns>The workflows that are locked.</returns>
    public static async Task<HashSet<WorkflowId>> LockWorkflowsOfAsync(Session session, JobId[] ids, bool skipLocked)
    {
        var among = new HashSet<WorkflowId>();
        await session.Batch().Add(StepsAmongSql).BindIds(ids, static id => id.Value).Each(row => among.Add(WorkflowId.OfStep(row.Id(0))))
            .RunAsync();
        var locked = new HashSet<WorkflowId>();
        if (among.Count > 0)
        {
            var batch = session.Batch();
            WorkflowChanges.Lock(batch, among, w => locked.Add(w.Id), skipLocked);
            await batch.RunAsync();
        }

        return locked;
    }

    /// <summary>Those that say they are steps and have no workflow: they are damaged, and are treated as jobs that are no steps.</summary>
    private static async Task<List<HeldJob>> WithoutWorkflowAsync(Session session, List<HeldJob> damaged)
    {
        var present = new HashSet<WorkflowId>();
        if (damaged.Count > 0)
        {
            await session.Batch().Add(WorkflowStatesSql).BindIds(damaged, static job => job.Step!.Workflow.Value)
                .Each(row => present.Add(WorkflowId.OfStep(row.Id(0)))).RunAsync();
        }

        return [.. damaged.Where(job => !present.Contains(job.Step!.Workflow)).Select(static job => job with { Step = null })];
    }
}
