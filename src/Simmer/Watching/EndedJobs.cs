using Simmer.Storage;

namespace Simmer.Watching;

/// <summary>Remembers how jobs ended lately whose records the store does not keep, for those who wait for them in this process. It is asked
/// only when the store does not know a job.</summary>
/// <remarks>Of a success only the id is kept, in a ring, which costs a few nanoseconds each: there are many of them, and there is nothing
/// more to know.</remarks>
internal sealed class EndedJobs
{
    private const int Successes = 4096;
    private const int Others = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, JobRecord> _others = [];
    private readonly Queue<JobId> _order = new();
    private readonly Dictionary<JobId, string> _cancelReasons = [];
    private readonly Queue<JobId> _cancelReasonOrder = new();
    private JobId[]? _succeeded;
    private int _next;

    /// <summary>Notes those successes of a flush that the store does not keep.</summary>
    public void Note(IReadOnlyList<Settlement> settlements, IReadOnlyList<SettleReport> answers)
    {
        var first = 0;
        while (first < settlements.Count && !IsLost(settlements[first]))
        {
            first++;
        }

        if (first == settlements.Count)
        {
            return;
        }

        lock (_gate)
        {
            for (var i = first; i < settlements.Count; i++)
            {
                if (IsLost(settlements[i]) && answers[i] is { Settled: true, State: JobState.Succeeded })
                {
                    Note(settlements[i].Token.Id);
                }
            }
        }
    }

    /// <summary>Notes one success that the store does not keep.</summary>
    public void Succeeded(Settlement settlement)
    {
        if (IsLost(settlement))
        {
            lock (_gate)
            {
                Note(settlement.Token.Id);
            }
        }
    }

    /// <summary>Notes how a job failed or was cancelled. It may be called before the store has the end, because nobody asks here while the
    /// store knows the job.</summary>
    public void Add(JobRecord end)
    {
        lock (_gate)
        {
            if (_others.TryAdd(end.Id, end))
            {
                _order.Enqueue(end.Id);
                if (_order.Count > Others)
                {
                    _ = _others.Remove(_order.Dequeue());
                }
            }
            else
            {
                _others[end.Id] = end;
            }
        }
    }

    /// <summary>Notes why a running job is to be cancelled.</summary>
    public void NoteCancelReason(JobId id, string reason)
    {
        lock (_gate)
        {
            if (_cancelReasons.TryAdd(id, reason))
            {
                _cancelReasonOrder.Enqueue(id);
                if (_cancelReasonOrder.Count > Others)
                {
                    _ = _cancelReasons.Remove(_cancelReasonOrder.Dequeue());
                }
            }
        }
    }

    /// <summary>How a job ended that the store does not know; null if it is not known here either.</summary>
    public JobRecord? Find(JobId id)
    {
        lock (_gate)
        {
            if (_others.TryGetValue(id, out var end))
            {
                return end.State == JobState.Cancelled && end.Reason is null && _cancelReasons.TryGetValue(id, out var reason)
                    ? end with { Reason = reason }
                    : end;
            }

            return _succeeded is not null && id != default && Array.IndexOf(_succeeded, id) >= 0
                ? new JobRecord { Id = id, Kind = "", Queue = "", State = JobState.Succeeded }
                : null;
        }
    }

    private static bool IsLost(Settlement settlement) =>
        settlement.State == JobState.Succeeded && settlement.KeepFor <= TimeSpan.Zero && settlement.Step is null;

    private void Note(JobId id)
    {
        _succeeded ??= new JobId[Successes];
        _succeeded[_next] = id;
        _next = (_next + 1) % Successes;
        if (_others.Count > 0)
        {
            // A later job was given the same id, so the older end no longer counts.
            _ = _others.Remove(id);
        }
    }
}
