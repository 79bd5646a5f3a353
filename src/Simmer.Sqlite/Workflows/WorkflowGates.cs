using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Gates: what stands between many parents and many children.</summary>
internal static class WorkflowGates
{
    private static readonly Sql s_insert = new("INSERT INTO simmer_gate(workflow, n, pending, next) VALUES(?1, ?2, ?3, ?4)");
    private static readonly Sql s_gate = new("SELECT pending, outcomes, next FROM simmer_gate WHERE workflow = ?1 AND n = ?2");
    private static readonly Sql s_setTally = new("UPDATE simmer_gate SET pending = ?3, outcomes = ?4 WHERE workflow = ?1 AND n = ?2");
    private static readonly Sql s_all = new("SELECT n, pending, outcomes, next FROM simmer_gate WHERE workflow = ?1");
    private static readonly Sql s_delete = new("DELETE FROM simmer_gate WHERE workflow = ?1");

    public static void Insert(SqliteSession session, WorkflowId workflow, GateDraft gate) =>
        session[s_insert].Bind(1, workflow).Bind(2, (long)gate.Number).Bind(3, (long)gate.Pending).Bind(4, gate.WriteNext()).Run();

    /// <summary>Adds to the tally of a gate. It reports to its children when nothing is pending any more.</summary>
    public static void Follow(SqliteSession session, WorkflowId workflow, int number, StepTally change)
    {
        var statement = session[s_gate].Bind(1, workflow).Bind(2, (long)number);
        if (!statement.Step())
        {
            return;
        }

        var before = StepTally.Of(statement.Int(0), statement.Long(1));
        var tally = before + change;
        var turn = FollowDecision.ForGate(before, tally);
        var next = turn == FollowTurn.None ? [] : GateDraft.ReadNextOrLost(statement.Blob(2));
        statement.Reset();
        _ = session[s_setTally].Bind(1, workflow).Bind(2, (long)number).Bind(3, (long)tally.Pending).Bind(4, tally.Outcomes).Run();
        if (turn == FollowTurn.Reopened)
        {
            session.Steps.Ledger.Reopened(workflow, next, before.End);
        }
        else if (turn == FollowTurn.Ended)
        {
            session.Steps.Ledger.Ended(workflow, next, tally.End);
        }
    }

    /// <summary>Adds all gates of a workflow to what is known of its links.</summary>
    public static void AddTo(LostLinks lost, SqliteSession session, WorkflowId workflow)
    {
        var gates = session[s_all].Bind(1, workflow);
        while (gates.Step())
        {
            lost.Add(gates.Int(0), StepTally.Of(gates.Int(1), gates.Long(2)), GateDraft.ReadNextOrLost(gates.Blob(3)));
        }
    }

    public static void Delete(SqliteSession session, WorkflowId workflow) => session[s_delete].Bind(1, workflow).Run();
}
