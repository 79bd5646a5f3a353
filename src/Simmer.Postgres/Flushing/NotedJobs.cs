using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The jobs of this process that have reported progress: only the ends of those have to look into the table of progress. It also
/// keeps what they reported, for an end in a transaction whose snapshot hides that table's rows.</summary>
internal sealed class NotedJobs
{
    /// <summary>How many jobs that ended in their handlers' transactions are remembered. The store does not learn whether these were
    /// committed.</summary>
    private const int MostWithin = 1_000;

    private readonly Lock _gate = new();

    // The worker is part of the key: a worker that has lost the lease may report on the job as well, to no effect.
    private readonly Dictionary<(JobId Job, WorkerId Worker), NotedJob> _jobs = [];
    private readonly Queue<(LeaseToken Token, WorkerId Worker)> _within = [];
    private volatile bool _any;

    /// <summary>Progress is about to be sent. If it does not arrive, its job counts as one that has reported all the same.</summary>
    public void Add(IReadOnlyList<ProgressNote> notes, WorkerId worker)
    {
        if (notes.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var note in notes)
            {
                var before = Known(note.Token, worker) ?? new NotedJob(note.Token.Run, 0, null, null);
                _jobs[(note.Token.Id, worker)] =
                    new NotedJob(note.Token.Run, before.Notes + 1, note.Fraction ?? before.Fraction, note.Text ?? before.Text);
            }

            _any = true;
        }
    }

    /// <summary>Whether something was reported under a lease. Where no job has reported anything it costs one look at a field.</summary>
    public bool Has(LeaseToken token, WorkerId worker) => _any && Of(token, worker) is not null;

    /// <summary>What was reported under a lease; null: nothing.</summary>
    public NotedJob? Of(LeaseToken token, WorkerId worker)
    {
        lock (_gate)
        {
            return Known(token, worker);
        }
    }

    /// <summary>A job ends in a transaction of its handler's, if that is committed.</summary>
    public void EndsWithin(LeaseToken token, WorkerId worker)
    {
        lock (_gate)
        {
            _within.Enqueue((token, worker));
            if (_within.Count > MostWithin)
            {
                var (first, by) = _within.Dequeue();
                Forget(first, by);
            }
        }
    }

    /// <summary>A flush was carried out: its jobs are forgotten, but for those whose operations are sent again.</summary>
    public void Carried(Flush flush, FlushReport report)
    {
        if (!_any)
        {
            return;
        }

        lock (_gate)
        {
            for (var i = 0; i < flush.Settlements.Count; i++)
            {
                Carried(flush.Settlements[i].Token, flush.Worker, report, report.Blocked.Settlements.Contains(i));
            }

            for (var i = 0; i < flush.GiveBacks.Count; i++)
            {
                Carried(flush.GiveBacks[i], flush.Worker, report, report.Blocked.GiveBacks.Contains(i));
            }

            _any = _jobs.Count > 0;
        }
    }

    private void Carried(LeaseToken token, WorkerId worker, FlushReport report, bool isLeft)
    {
        if (!isLeft && !report.Refusals.Any(r => r.Token == token))
        {
            Forget(token, worker);
        }
    }

    private void Forget(LeaseToken token, WorkerId worker)
    {
        if (Known(token, worker) is not null)
        {
            _ = _jobs.Remove((token.Id, worker));
        }
    }

    private NotedJob? Known(LeaseToken token, WorkerId worker) =>
        _jobs.TryGetValue((token.Id, worker), out var known) && known.Run == token.Run ? known : null;
}
