using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_beat = new("UPDATE simmer_worker SET beat_at = ?2, beats = beats + 1, idle = ?3 WHERE id = ?1");
    private static readonly Sql s_cancels = new("SELECT job, run FROM simmer_signal WHERE owner = ?1");

    // One seek a queue in the index of ready rows, however many there are.
    private static readonly Sql s_readyQueues = new("""
        SELECT name FROM simmer_queue q WHERE paused = 0 AND
          (EXISTS(SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 3)
              OR EXISTS(SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 9))
        """);

    // What no worker can have counts as none (WorkerNumbers, whose limits these are): by a lease of nought everybody would be dead at once.
    private const string LongestLease = "864000000000";
    private const string LeaseOrNull = $"iif(typeof(lease) = 'integer' AND lease BETWEEN 30000000 AND {LongestLease}, lease, NULL)";

    private static readonly Sql s_otherWorkers = new($"SELECT id, beats, beat_at, idle, {LeaseOrNull} FROM simmer_worker WHERE id <> ?1");
    private static readonly Sql s_nextDue = new("SELECT min(due_at) FROM simmer_job WHERE state = 2");

    /// <inheritdoc/>
    /// <remarks>On its own thread and connection: nothing a flush waits for can delay it. What it reads is of the same transaction, so that
    /// a worker that says it is idle has looked for work after saying so.</remarks>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(Beat.Post((session, _) => CarryBeat(session, request, now), cancellationToken));
    }

    private BeatReport CarryBeat(SqliteSession session, BeatRequest request, DateTimeOffset now)
    {
        var worker = request.Worker.Value;
        var at = LeaseTime(session, now);
        if (session[s_beat].Bind(1, worker).Bind(2, at).Bind(3, JsonList.Write(request.IdleQueues)).Run() == 0)
        {
            Own(worker, add: false);
            return new BeatReport { Alive = false };
        }

        return ReportFor(session, worker, at, now);
    }

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        new(Read(
            session => session[s_workerExists].Bind(1, worker.Value).Number() is null
                ? new BeatReport { Alive = false }
                : ReportFor(session, worker.Value, LeaseTime(session, now), now),
            cancellationToken));

    private BeatReport ReportFor(SqliteSession session, long worker, long at, DateTimeOffset now)
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
        var others = session[s_otherWorkers].Bind(1, worker);
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
            NextDue = NextDue(session, now),
        };
    }
}
