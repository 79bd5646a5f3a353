using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class WorkflowChanges
{
    private const string StepsOfSql = $"""
        SELECT id, state, pending, outcomes, step FROM simmer.job WHERE id > $1 AND id <= $2 AND step IS NOT NULL
        UNION ALL
        SELECT id, state, pending, outcomes, step FROM simmer.history WHERE keep_until = {PostgresJobStore.KeptForEver} AND id > $1
            AND id <= $2 AND step IS NOT NULL
        """;

    private const string GatesOfSql = "SELECT n, pending, outcomes, next FROM simmer.gate WHERE workflow = $1";
    private const string EndOfSql = "SELECT pending FROM simmer.workflow WHERE id = $1";

    /// <summary>Tells those who wait for links that nobody can read. All else is told and written.</summary>
    private async Task TellLostAsync(Session session, WorkflowId workflow)
    {
        var lost = new LostLinks();
        await session.Batch()
            .Add(StepsOfSql).Bind(workflow).Bind(PostgresJobStore.LastOf(workflow))
            .Each(row => lost.Add(StepDraft.ReadOrStandIn(row.Id(0), row.Bytes(4)), PostgresJobStore.Public(row.GetInt16(1)),
                StepTally.Of(row.IntOrZero(2), row.LongOrZero(3))))
            .Add(GatesOfSql).Bind(workflow)
                .Each(row => lost.Add(row.GetInt32(0), StepTally.Of(row.GetInt32(1), row.GetInt64(2)),
                GateDraft.ReadNextOrLost(row.Bytes(3))))
            .Add(EndOfSql).Bind(workflow).Each(row => lost.AddEnd(row.GetInt32(0)))
            .RunAsync();
        Ledger.Ended(workflow, lost.Find(out var end), end);
    }
}
