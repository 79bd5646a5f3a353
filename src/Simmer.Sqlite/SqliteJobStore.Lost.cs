using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_stepsOf = new("""
        SELECT id, state, pending, outcomes, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        UNION ALL
        SELECT id, state, pending, outcomes, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        """);

    private static readonly Sql s_gatesOf = new("SELECT n, pending, outcomes, next FROM simmer_gate WHERE workflow = ?1");

    /// <summary>Tells those who wait for links that nobody can read. All else is told and written: not while steps are held back.</summary>
    /// <returns>Whether there was a workflow that had lost some.</returns>
    private static bool TellLost(SqliteSession session)
    {
        if (!session.Steps.Ledger.TryTakeLost(out var workflow))
        {
            return false;
        }

        var lost = new LostLinks();
        var steps = session[s_stepsOf].Bind(1, workflow).Bind(2, LastOf(workflow));
        while (steps.Step())
        {
            lost.Add(StepDraft.ReadOrStandIn(steps.IdOrStandIn(0), steps.Blob(4)), Public(steps.Int(1)),
                StepTally.Of(steps.Int(2), steps.Long(3)));
        }

        var gates = session[s_gatesOf].Bind(1, workflow);
        while (gates.Step())
        {
            lost.Add(gates.Int(0), StepTally.Of(gates.Int(1), gates.Long(2)), GateDraft.ReadNextOrLost(gates.Blob(3)));
        }

        lost.AddEnd((int)(session[s_end].Bind(1, workflow).Number() ?? 0));
        session.Steps.Ledger.Ended(workflow, lost.Find(out var end), end);
        return true;
    }
}
