using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads the answer to a worker's beat.</summary>
/// <param name="due">Knows when the next job is due.</param>
internal sealed class BeatReports(DueJobs due)
{
    private static readonly Sql s_cancels = new("SELECT job, run FROM simmer_signal WHERE owner = ?1");

    // One seek a queue in the index of ready rows, however many there are.
    private static readonly Sql s_readyQueues = new($"""
        SELECT name FROM simmer_queue q WHERE {Admission.QueueIsOpen} AND
          (EXISTS(SELECT 1 FROM simmer_job WHERE queue = q.id AND state = {JobStates.Ready})
              OR EXISTS(SELECT 1 FROM simmer_job WHERE queue = q.id AND state = {JobStates.ReadySuspect}))
        """);

    private static readonly Sql s_others =
        new($"SELECT id, beats, beat_at, idle, {WorkerRows.LeaseOrNull} FROM simmer_worker WHERE id <> ?1");

    /// <summary>Reads it.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="at">The present time by the clock of leases.</param>
    /// <param name="now">The present time.</param>
    public BeatReport Read(SqliteSession session, long worker, long at, DateTimeOffset now)
    {
        var cancels = new List<LeaseToken>();
        var signals = session[s_cancels].Bind(1, worker);
        while (signals.Step())
        {
            cancels.Add(new LeaseToken(signals.IdOrStandIn(0), signals.Int(1)));
        }

        var ready = new List<string>();
        var queues = session[s_readyQueues];
        while (queues.Step())
        {
            ready.Add(queues.Text(0));
        }

        var present = new List<OtherWorker>();
        var idle = new SortedSet<string>(StringComparer.Ordinal);
        var others = session[s_others].Bind(1, worker);
        while (others.Step())
        {
            present.Add(new OtherWorker(new WorkerId(others.Long(0)), others.Long(1), WorkerNumbers.BeatAge(others.Long(2), at),
                WorkerNumbers.Lease(others.LongOrNull(4))));
            idle.UnionWith(JsonList.ReadOrNothing(others.TextOrNull(3)));
        }

        return new BeatReport
        {
            Alive = true,
            Cancels = cancels,
            ReadyQueues = ready,
            Others = present,
            IdleElsewhere = [.. idle],
            NextDue = due.Next(session, now),
        };
    }
}
