namespace Simmer.Postgres;

/// <summary>The rows of a whole workflow.</summary>
internal static class WorkflowRows
{
    private const string HotStepsSql =
        $"SELECT {HeldJob.Columns} FROM simmer.job j WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL ORDER BY j.id FOR UPDATE OF j";
    private const string EndedStepsSql =
        $"SELECT {EndedStep.Columns} FROM simmer.history j WHERE j.keep_until = {StoredSteps.KeptForEver} AND j.id > $1 AND j.id <= $2 "
            + "AND j.step IS NOT NULL ORDER BY j.id";
    private const string DropHotSql = "DELETE FROM simmer.job WHERE id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropEndedSql =
        $"DELETE FROM simmer.history WHERE keep_until = {StoredSteps.KeptForEver} AND id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropErrorsSql = "DELETE FROM simmer.error WHERE job > $1 AND job <= $2";
    private const string DropNotesSql = "DELETE FROM simmer.progress WHERE job > $1 AND job <= $2";
    private const string DropGatesSql = "DELETE FROM simmer.gate WHERE workflow = $1";
    private const string DropSql = "DELETE FROM simmer.workflow WHERE id = $1";

    /// <summary>Locks a workflow, before anything else of it.</summary>
    /// <returns>Whether it is there.</returns>
    public static async Task<bool> LockAsync(Session session, WorkflowId id)
    {
        var found = false;
        var batch = session.Batch();
        WorkflowChanges.Lock(batch, [id], _ => found = true);
        await batch.RunAsync();
        return found;
    }

    /// <summary>Locks and reads the steps of a workflow that have not ended.</summary>
    public static async Task<List<HeldJob>> HotStepsAsync(Session session, WorkflowId id)
    {
        var steps = new List<HeldJob>();
        await session.Batch().Add(HotStepsSql).Bind(id).Bind(StoredSteps.LastOf(id)).Each(row => steps.Add(HeldJob.Read(row))).RunAsync();
        return steps;
    }

    /// <summary>Reads the steps of a workflow that have ended.</summary>
    public static async Task<List<EndedStep>> EndedStepsAsync(Session session, WorkflowId id)
    {
        var steps = new List<EndedStep>();
        await session.Batch().Add(EndedStepsSql).Bind(id).Bind(StoredSteps.LastOf(id)).Each(row => steps.Add(EndedStep.Read(row)))
            .RunAsync();
        return steps;
    }

    /// <summary>Deletes a workflow with all its steps.</summary>
    public static void Drop(SqlBatch batch, WorkflowId id)
    {
        var last = StoredSteps.LastOf(id);
        _ = batch
            .Add(DropHotSql).Bind(id).Bind(last)
            .Add(DropEndedSql).Bind(id).Bind(last)
            .Add(DropErrorsSql).Bind(id).Bind(last)
            .Add(DropNotesSql).Bind(id).Bind(last)
            .Add(DropGatesSql).Bind(id)
            .Add(DropSql).Bind(id);
    }
}
