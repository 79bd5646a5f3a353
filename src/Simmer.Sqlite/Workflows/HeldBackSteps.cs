using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The steps that a flush releases and does not write at once: those that a claim of this flush would take are written as started,
/// the others as ready.</summary>
internal static class HeldBackSteps
{
    private static readonly Sql s_bestReady = new($"""
        SELECT priority, seq FROM (
          SELECT * FROM (SELECT priority, seq FROM simmer_job WHERE queue = ?1 AND state = {JobStates.Ready}
              ORDER BY priority DESC, seq LIMIT 1)
          UNION ALL
          SELECT * FROM (SELECT priority, seq FROM simmer_job WHERE queue = ?1 AND state = {JobStates.ReadySuspect}
              ORDER BY priority DESC, seq LIMIT 1))
        ORDER BY priority DESC, seq LIMIT 1
        """);

    /// <summary>Holds a step back.</summary>
    public static void Add(SqliteSession session, Statement step, StepTally tally, StepStarts starts)
    {
        var (seq, queue) = StepRows.RowOf(step);
        var inQueue = starts[session.Names.QueueName(queue)];
        inQueue.Add(new StepStart(step.Id(JobColumns.Id.InClaim), session.Names.KindName(step.Long(JobColumns.Kind.InClaim)),
            step.Int(JobColumns.Priority.InClaim), seq, step.ClampedOrNull(JobColumns.ExpiresAt.InClaim))
        {
            Tally = tally,
            Row = inQueue.IsWorthReading ? ClaimReader.Read(session, step) : null,
        });
    }

    /// <summary>Writes the steps that were held back.</summary>
    public static void Write(SqliteSession session, StepStarts starts, Flush flush, DateTimeOffset now)
    {
        foreach (var inQueue in starts.Queues)
        {
            var queue = session.Names.Queue(inQueue.Queue);
            if (Admission.IsOpen(session, queue))
            {
                inQueue.Decide(BestReady(session, queue), flush.Kinds, now);
            }

            foreach (var step in inQueue.Starts)
            {
                // One of a new workflow is written with the rest of it.
                if (step.Seq is { } seq)
                {
                    session.Steps.Changed(step.Id);
                    Write(session, step, seq, queue, flush.Worker.Value, now);
                }
            }
        }
    }

    private static void Write(SqliteSession session, StepStart step, long seq, long queue, long worker, DateTimeOffset now)
    {
        var row = !step.IsStarted ? default : step.Row ?? StepRows.Read(session, step.Id);
        if (!step.IsStarted || row.Unreadable is not null)
        {
            // One that cannot be read is left to a claim, which says why.
            StepRows.Release(session, seq, step.Tally, null, queue, now);
        }
        else
        {
            RunStart.Start(session, step, row, worker, now);
        }
    }

    private static (int Priority, long Seq)? BestReady(SqliteSession session, long queue)
    {
        var statement = session[s_bestReady].Bind(1, queue);
        if (!statement.Step())
        {
            return null;
        }

        var best = (statement.Int(0), statement.Long(1));
        statement.Reset();
        return best;
    }
}
